package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// rollout sends one message to each of many SIMs, in waves.
type rollout struct {
	client *twilio.Client
	clock  clock.Clock
	// params are those of the message, but for its SIM.
	params twilio.MessageParams
	sims   []string
	// window is that of rule R10, and timeout how long each message may take from
	// when it is first tried.
	window, timeout duration
	reply           *replyWait // nil means not to wait for one
	// waveSize is how many are sent to before the outcome of these is looked at, and
	// maxFailures how many may not go well before no further wave begins.
	waveSize, maxFailures int
	// report tells the user of progress.
	report func(format string, args ...any)

	mu sync.Mutex
	// ended are the SIMs whose outcome is known.
	ended map[outcome][]ending
	// inFlight is how many messages are being sent or waited for.
	inFlight int
}

// outcome is what became of the message to one SIM.
type outcome string

const (
	outcomeSent     outcome = "sent"
	outcomeFound    outcome = "found" // sent before
	outcomeFailed   outcome = "failed"
	outcomeRefused  outcome = "refused"
	outcomeNotSent  outcome = "not sent"
	outcomeUnknown  outcome = "may have been sent"
	outcomeQueued   outcome = "still queued"
	outcomeSilent   outcome = "silent"
	outcomeNotBegun outcome = "not begun"
)

// isWell reports whether the SIM has the message.
func (o outcome) isWell() bool { return o == outcomeSent || o == outcomeFound }

// ending is the outcome for one SIM, and why it is that.
type ending struct{ sim, why string }

const (
	// rolloutPace is how many messages are sent at once. The pacer lets fewer through
	// where the API takes fewer.
	rolloutPace = 100
	// reportInterval is how often the user is told how far a wave is.
	reportInterval = 5 * time.Second
)

// run sends to all SIMs, as long as the waves go well. After an error nothing more
// was sent, since nobody knows who has the message.
func (r *rollout) run(ctx context.Context) (err error) {
	todo := r.sims
	defer func() {
		for _, sim := range todo {
			r.ended[outcomeNotBegun] = append(r.ended[outcomeNotBegun], ending{sim: sim})
		}
	}()
	var recipients *twilio.Recipients
	if r.window.Duration > 0 {
		if recipients, err = r.client.IPCommands.NewRecipients(ctx, r.client.SIMs, r.params, todo, r.window.Duration); err != nil {
			return err
		}
	}
	for n := 0; len(todo) > 0 && ctx.Err() == nil && r.notWell() <= r.maxFailures; n++ {
		var found []*twilio.Message
		if recipients != nil {
			if found, err = recipients.FindSentBefore(ctx, r.clock.Now().Add(r.timeout.Duration)); err != nil {
				return err
			}
			todo = without(todo, found)
		}
		if n == 0 && len(found) > 0 { // Only if these go well is there a first wave.
			r.report("%d of %d SIMs have the message already.", len(found), len(r.sims))
			r.wave(ctx, nil, nil, found)
			continue
		}
		sims := todo[:min(r.waveSize, len(todo))]
		todo = todo[len(sims):]
		r.report("Sending to %d of the SIMs; %d come after them.", len(sims), len(todo))
		r.wave(ctx, sims, recipients, found)
	}
	return nil
}

// without returns the SIMs that no message was found for.
func without(sims []string, found []*twilio.Message) (rest []string) {
	has := map[string]bool{}
	for _, m := range found {
		has[m.Params.SIM] = true
	}
	for _, sim := range sims {
		if !has[sim] {
			rest = append(rest, sim)
		}
	}
	return rest
}

// wave sends to some SIMs, and ends when the outcome for each is known, and for those
// who have the message already.
func (r *rollout) wave(ctx context.Context, sims []string, recipients *twilio.Recipients, found []*twilio.Message) {
	stop := make(chan struct{})
	var reporter, outcomes, senders sync.WaitGroup
	reporter.Go(func() { r.reportUntil(stop) })
	outcomes.Add(len(sims) + len(found))
	for _, m := range found {
		r.begin()
		r.watch(ctx, m, r.clock.Now().Add(r.timeout.Duration), outcomes.Done)
	}
	type job struct {
		sim    string
		window time.Duration
	}
	jobs := make(chan job)
	for range min(rolloutPace, len(sims)) {
		senders.Go(func() {
			for j := range jobs {
				r.send(ctx, j.sim, j.window, outcomes.Done)
			}
		})
	}
	for _, sim := range sims {
		j := job{sim: sim}
		if recipients != nil {
			j.window = recipients.Take(sim)
		}
		jobs <- j
	}
	close(jobs)
	senders.Wait()
	outcomes.Wait()
	close(stop)
	reporter.Wait()
	r.report("%s", r.progress())
}

// send sends to one SIM, and calls done once the outcome is known.
func (r *rollout) send(ctx context.Context, sim string, window time.Duration, done func()) {
	r.begin()
	deadline := r.clock.Now().Add(r.timeout.Duration)
	p := r.params
	p.SIM = sim
	m, err := r.client.IPCommands.Send(ctx, p, twilio.SendOptions{Window: window, Deadline: deadline})
	switch {
	case err == nil:
		r.watch(ctx, m, deadline, done)
		return
	case errors.As(err, new(*twilio.UnknownOutcomeError)):
		r.end(sim, outcomeUnknown, whyUnknown(err))
	case !errors.As(err, new(*twilio.NotSentError)):
		r.end(sim, outcomeRefused, sentence(err))
	case ctx.Err() != nil:
		r.end(sim, outcomeNotBegun, "")
	default:
		r.end(sim, outcomeNotSent, sentence(err))
	}
	done()
}

// watch calls done once the outcome of a message that was sent is known.
func (r *rollout) watch(ctx context.Context, m *twilio.Message, deadline time.Time, done func()) {
	end := func(o outcome, why string) {
		r.end(m.Params.SIM, o, why)
		done()
	}
	well := outcomeSent
	if m.IsFound {
		well = outcomeFound
	}
	r.client.IPCommands.WatchUntilSent(ctx, m, deadline, func(err error) {
		cmd := r.client.IPCommands.Shown(m)
		switch {
		case err != nil:
			end(outcomeQueued, whyNot(ctx, cmd.SID, err))
		case m.IsFailed():
			end(outcomeFailed, strings.TrimSpace(cmd.SID+" "+string(cmd.ErrorCode)))
		case *m.Status != twilio.StatusSent && *m.Status != twilio.StatusReceived:
			end(outcomeUnknown, fmt.Sprintf("%s has the status %q.", cmd.SID, *cmd.Status))
		case r.reply == nil:
			end(well, "")
		default:
			replyDeadline := r.clock.Now().Add(r.reply.timeout.Duration)
			r.client.IPCommands.WatchForReply(ctx, m, r.reply.ReplyFilter, replyDeadline, func(_ twilio.IPCommand, err error) {
				if err != nil {
					end(outcomeSilent, whyNot(ctx, cmd.SID, err))
					return
				}
				end(well, "")
			})
		}
	})
}

// whyNot is the SID of a message whose end, or whose reply, was not seen, and why that
// is, unless the time was over.
func whyNot(ctx context.Context, sid string, err error) string {
	if ctx.Err() != nil || errors.Is(err, twilio.ErrWaitTimeout) {
		return sid
	}
	return sid + "  " + sentence(err)
}

// whyUnknown names the commands that may be a message that was lost.
func whyUnknown(err error) string {
	var unknown *twilio.UnknownOutcomeError
	if !errors.As(err, &unknown) || len(unknown.Candidates) == 0 {
		return sentence(err)
	}
	sids := []string{}
	for _, c := range unknown.Candidates {
		sids = append(sids, c.SID)
	}
	return strings.Join(sids, ", ") + " may be it. " + sentence(unknown.Err)
}

func (r *rollout) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inFlight++
}

// end notes the outcome for a SIM that was begun.
func (r *rollout) end(sim string, o outcome, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inFlight--
	r.ended[o] = append(r.ended[o], ending{sim, why})
}

// notWell counts the SIMs for which it did not go well.
func (r *rollout) notWell() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for o, endings := range r.ended {
		if !o.isWell() {
			n += len(endings)
		}
	}
	return n
}

// reportUntil tells the user how far it is, by the clock on the wall.
func (r *rollout) reportUntil(stop <-chan struct{}) {
	ticker := time.NewTicker(reportInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.report("%s", r.progress())
		case <-stop:
			return
		}
	}
}

// progress says how far it is.
func (r *rollout) progress() string {
	notWell := r.notWell()
	r.mu.Lock()
	defer r.mu.Unlock()
	well := len(r.ended[outcomeSent]) + len(r.ended[outcomeFound])
	return fmt.Sprintf("%d of %d SIMs have the message, %d are in flight, %d did not go well.", well, len(r.sims), r.inFlight, notWell)
}
