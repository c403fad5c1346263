package twilio

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// chaosSequences is how many sequences of faults TestChaos plays, unless the
// environment variable TWILIO_CHAOS_N says otherwise.
const chaosSequences = 600

// TestChaos_R1_R2_R3 plays random faults against random messages, several at
// a time, and holds what comes of them to what the rules promise. A failure
// prints the seed; TWILIO_CHAOS_SEED plays it again.
func TestChaos_R1_R2_R3(t *testing.T) {
	t.Parallel()
	seed := environment(t, "TWILIO_CHAOS_SEED", rand.Uint64())
	n := environment(t, "TWILIO_CHAOS_N", chaosSequences)
	var tally chaosTally
	t.Run("sequences", func(t *testing.T) {
		const groups = 6
		for group := range uint64(groups) {
			t.Run(fmt.Sprint(group), func(t *testing.T) {
				t.Parallel()
				for i := group; i < n && !t.Failed(); i += groups {
					c := newChaos(rand.New(rand.NewPCG(seed, i)))
					bubble(t, func(w *world) {
						c.play(w, &tally)
						if w.t.Failed() {
							w.t.Logf("sequence %d; again with TWILIO_CHAOS_SEED=%d\n%+v\n%s", i, seed, c, w.log)
						}
					}, c.configure)
				}
			})
		}
	})
	tally.check(t, n)
}

// environment returns a number from the environment.
func environment(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(v, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// chaos is a sequence of faults and the messages that meet it.
type chaos struct {
	seeds       [2]uint64 // for the client's jitter
	serverAhead time.Duration
	retries     int
	messages    []chaosMessage
	posts, gets []chaosFault
	// dials are what happens to the first connections.
	dials []dialFault
	// older are twins of messages, sent so long before the first one, and
	// foreign such that are sent so long after.
	older, foreign []chaosTwin
}

type chaosTwin struct {
	message int
	at      time.Duration
}

// chaosMessage is a message and when what happens to it.
type chaosMessage struct {
	sim             int
	byName          bool
	payload         int
	port            int64
	at              time.Duration
	deadline, until time.Duration // 0: none
}

func newChaos(r *rand.Rand) *chaos {
	seconds := func(most float64) time.Duration { return time.Duration(r.Float64() * most * float64(time.Second)) }
	c := &chaos{seeds: [2]uint64{r.Uint64(), r.Uint64()}, retries: r.IntN(6)}
	if r.IntN(2) == 0 {
		c.serverAhead = seconds(7200) - time.Hour
	}
	apart := []float64{0, 1, 8, 40}[r.IntN(4)]
	sims, kinds := 1+r.IntN(3), 1+r.IntN(len(chaosPayloads))
	for range 1 + r.IntN(6) {
		m := chaosMessage{sim: r.IntN(sims), byName: r.IntN(4) == 0, payload: r.IntN(kinds), port: 5683, at: seconds(apart)}
		if r.IntN(5) == 0 {
			m.port = 5684
		}
		if r.IntN(3) == 0 {
			m.deadline = seconds(90)
		}
		if r.IntN(4) == 0 {
			m.until = seconds(50)
		}
		c.messages = append(c.messages, m)
	}
	for range r.IntN(7) {
		c.posts = append(c.posts, randomPostFault(r))
	}
	for range r.IntN(4) {
		c.gets = append(c.gets, randomGetFault(r))
	}
	for range r.IntN(4) {
		c.dials = append(c.dials, dialFault(r.IntN(int(dialFaults))))
	}
	if r.IntN(3) == 0 {
		c.older = append(c.older, chaosTwin{r.IntN(len(c.messages)), -3*time.Second - seconds(20)})
	}
	if r.IntN(4) == 0 {
		c.foreign = append(c.foreign, chaosTwin{r.IntN(len(c.messages)), seconds(40)})
	}
	if r.IntN(4) == 0 {
		c.calm()
	}
	return c
}

// calm takes out what may keep the client from finding a message, so that it
// has to; see checkFound.
func (c *chaos) calm() {
	c.gets, c.foreign = nil, nil
	for i := range c.messages {
		c.messages[i].byName, c.messages[i].until = false, 0
	}
	c.posts = slices.DeleteFunc(c.posts, func(f chaosFault) bool { return f.Delay != nil || f.Then != nil })
}

// configure makes the sequence's world.
func (c *chaos) configure(cfg *worldConfig) {
	cfg.serverAhead = c.serverAhead
	jitter := rand.New(rand.NewPCG(c.seeds[0], c.seeds[1]))
	var mu sync.Mutex
	cfg.Rand = func() float64 {
		mu.Lock()
		defer mu.Unlock()
		return jitter.Float64()
	}
}

// play runs the sequence and checks what came of it.
func (c *chaos) play(w *world, tally *chaosTally) {
	w.client.IPCommands.MaxRetries = c.retries
	w.dials.dial = planned(w.dials.dial, c.dials)
	sims := []twiliosim.SIM{w.card, w.sim.AddSIM(twiliosim.SIM{}), w.sim.AddSIM(twiliosim.SIM{Detached: true})}
	run := &chaosRun{chaos: c, world: w, tally: tally, older: map[string]bool{}, results: make([]result, len(c.messages))}
	for i, m := range c.messages {
		run.params = append(run.params, m.params(i, sims[m.sim]))
	}
	began := time.Now()
	twin := func(t chaosTwin) string { return run.twin(t, sims[c.messages[t.message].sim]) }
	for _, t := range c.older {
		run.older[twin(t)] = true
	}
	for _, f := range c.posts {
		w.onPost(f.Fault)
	}
	for _, f := range c.gets {
		w.onGet(f.Fault)
	}
	var all sync.WaitGroup
	for _, t := range c.foreign {
		all.Go(func() {
			time.Sleep(t.at)
			twin(chaosTwin{t.message, 0})
		})
	}
	for i := range c.messages {
		all.Go(func() { run.send(i, began) })
	}
	all.Wait()
	time.Sleep(5 * time.Minute) // What is held may still be processed.
	run.check()
}

// chaosPayloads are few, so that messages are often equal.
var chaosPayloads = []struct{ payload, payloadType string }{
	{textPayload, PayloadText}, {"AQ==", PayloadBinary}, {"AQ==", PayloadText}, {"AR==", PayloadText},
}

// params is the message, named by its number.
func (m chaosMessage) params(i int, sim twiliosim.SIM) MessageParams {
	p := MessageParams{
		SIM: sim.SID, Payload: chaosPayloads[m.payload].payload, PayloadType: chaosPayloads[m.payload].payloadType, DevicePort: m.port,
	}
	if m.byName {
		p.SIM = sim.UniqueName
	}
	return named(p, strconv.Itoa(i))
}

// send sends a message when it is due, until it is cancelled.
func (run *chaosRun) send(i int, began time.Time) {
	m := run.messages[i]
	ctx := context.Background() //nolint:usetesting // it is cancelled below, and only then.
	if m.until > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, began.Add(m.until))
		defer cancel()
	}
	time.Sleep(m.at)
	var deadline time.Time
	if m.deadline > 0 {
		deadline = time.Now().Add(m.deadline)
	}
	run.results[i].sent, run.results[i].err = run.world.client.send(ctx, run.params[i], deadline)
}
