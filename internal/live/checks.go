package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// wrong is the error of a check whose assumption does not hold; any other means
// that the check could not tell.
type wrong string

func (w wrong) Error() string { return string(w) }

func wrongf(format string, a ...any) error { return wrong(fmt.Sprintf(format, a...)) }

// shownWithin is how long the provider looks for a lost message.
const shownWithin = 17 * time.Second

// message is one that was sent.
type message struct {
	*twilio.Message
	err     error
	payload string
	// before is the server's clock before it was sent, and after once it was;
	// zero where a response did not tell.
	before, after time.Time
}

// message sends the n-th message, or returns it. Each is at least two seconds
// younger than the one before.
func (r *run) message(ctx context.Context, n int) (message, error) {
	for len(r.messages) < n {
		if err := r.client.IPCommands.Clock.Sleep(ctx, 2*time.Second); err != nil {
			return message{}, err
		}
		p := r.params(len(r.messages) + 1)
		m := message{payload: p.Payload, before: r.wire.date()}
		m.Message, m.err = r.client.IPCommands.Send(ctx, p, twilio.SendOptions{})
		m.after = r.wire.date()
		r.messages = append(r.messages, m)
	}
	return r.messages[n-1], r.messages[n-1].err
}

// list returns the newest commands to the SIM, up to a number.
func (r *run) list(ctx context.Context, pageSize, limit int) (cmds []twilio.IPCommand, err error) {
	filter := twilio.IPCommandFilter{SIM: r.sim, Direction: twilio.DirectionToSIM}
	for cmd, err := range r.client.IPCommands.List(ctx, filter, rest.ListOptions{PageSize: pageSize, Limit: limit}) {
		if err != nil {
			return nil, err
		}
		cmds = append(cmds, cmd)
	}
	return cmds, nil
}

// largest is the largest page that the platform has.
func (r *run) largest() int { return r.client.Platform.MaxIPCommandsPage }

// find returns the command with a payload among the newest to the SIM, or one
// without a SID.
func (r *run) find(ctx context.Context, payload string) (twilio.IPCommand, error) {
	cmds, err := r.list(ctx, 50, 50)
	for _, cmd := range cmds {
		if cmd.Payload != nil && *cmd.Payload == payload {
			return cmd, nil
		}
	}
	return twilio.IPCommand{}, err
}

func (r *run) shown(ctx context.Context) error {
	m, err := r.message(ctx, 1)
	var cmd twilio.IPCommand
	for waited := time.Duration(0); err == nil; waited += time.Second {
		cmd, err = r.find(ctx, m.payload)
		switch {
		case err != nil:
		case cmd.SID == m.SID && cmd.DevicePort != nil && *cmd.DevicePort == r.port:
			return nil
		case cmd.SID != "":
			return wrongf("the list has %s otherwise than it was sent", cmd.SID)
		case waited >= shownWithin:
			return wrongf("%s was not there after %v", m.SID, waited)
		default:
			err = r.client.IPCommands.Clock.Sleep(ctx, time.Second)
		}
	}
	return err
}

func (r *run) newestFirst(ctx context.Context) error {
	m, err := r.message(ctx, 2)
	if err != nil {
		return err
	}
	if err := r.client.IPCommands.Clock.Sleep(ctx, shownWithin); err != nil {
		return err
	}
	cmds, err := r.list(ctx, r.largest(), r.largest())
	if err != nil {
		return err
	}
	dates := map[time.Time]bool{}
	var before time.Time
	for _, cmd := range cmds {
		created, _ := cmd.Created()
		if len(dates) > 0 && created.After(before) {
			return wrongf("%s is younger than the command before it", cmd.SID)
		}
		before, dates[created] = created, true
	}
	if len(dates) < 2 {
		return fmt.Errorf("the list has no two dates after %s was sent", m.SID)
	}
	return nil
}

func (r *run) pageSize(ctx context.Context) error {
	for _, size := range []int{1, r.largest()} {
		cmds, err := r.list(ctx, size, size+1)
		switch {
		case errors.As(err, new(*rest.UnreadableError)), errors.As(err, new(*rest.APIError)):
			return wrongf("pages of %d: %v", size, err)
		case err == nil && len(cmds) < 2:
			err = errors.New("the list has no two commands")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *run) wholeSeconds(ctx context.Context) error {
	cmds, err := r.list(ctx, r.largest(), r.largest())
	if err == nil && len(cmds) == 0 {
		return errors.New("the list is empty")
	}
	for _, cmd := range cmds {
		if at, ok := cmd.Created(); !ok || at.Nanosecond() != 0 {
			return wrongf("%s has another date", cmd.SID)
		}
	}
	return err
}

func (r *run) sameClock(ctx context.Context) error {
	for n := 1; n <= 2; n++ {
		m, err := r.message(ctx, n)
		if err != nil {
			return err
		}
		created, ok := m.Created()
		switch {
		case m.Lost != nil || !ok || m.before.IsZero() || m.after.IsZero():
			return errors.New("a response was lost or has no date")
		case created.Before(m.before) || created.Truncate(time.Second).After(m.after):
			return wrongf("%s was sent between %v and %v, and says %v", m.SID, m.before, m.after, created)
		}
	}
	return nil
}

func (r *run) refusal(ctx context.Context) error {
	p := r.params(3)
	p.DevicePort = 65536
	_, err := r.client.IPCommands.Send(ctx, p, twilio.SendOptions{})
	var api *rest.APIError
	switch {
	case err == nil:
		return errors.New("the message was taken")
	case !errors.As(err, &api):
		return err
	case !api.IsRefusal():
		return wrongf("HTTP %d is not in the API's form: %s", api.StatusCode, api.Message)
	}
	if err := r.client.IPCommands.Clock.Sleep(ctx, shownWithin); err != nil {
		return err
	}
	cmd, err := r.find(ctx, p.Payload)
	if cmd.SID != "" {
		return wrongf("%s was refused with HTTP %d, and is in the list", cmd.SID, api.StatusCode)
	}
	return err
}

func (r *run) notFound(ctx context.Context) error {
	_, err := r.client.IPCommands.Fetch(ctx, "HG"+strings.Repeat("0", 32))
	switch {
	case twilio.IsNotFound(err):
		return nil
	case err == nil || errors.As(err, new(*rest.APIError)):
		return wrongf("the response is %v", err)
	}
	return err
}

func (r *run) token(ctx context.Context) error {
	if r.client.Platform != twilio.KORE {
		return errors.New("only KORE has tokens")
	}
	before := len(r.wire.responses)
	r.wire.alterToken = true
	_, err := r.list(ctx, 1, 1)
	isRefusal := func(a *http.Response) bool {
		return a.StatusCode/100 == 4 && a.StatusCode != http.StatusTooManyRequests
	}
	switch refused := slices.ContainsFunc(r.wire.responses[before:], isRefusal); {
	case refused && err != nil:
		return wrongf("no new token was asked for: %v", err)
	case !refused && err == nil:
		return errors.New("the altered token was taken")
	}
	return err
}

func (r *run) retention(ctx context.Context) error {
	const day = 24 * time.Hour
	cmds, err := r.list(ctx, r.largest(), 20*r.largest())
	oldest := time.Duration(0)
	for _, cmd := range cmds {
		if created, ok := cmd.Created(); ok {
			oldest = max(oldest, r.client.IPCommands.Clock.Now().Sub(created))
		}
	}
	switch {
	case oldest > 31*day:
		return wrongf("one is %d days old", oldest/day)
	case err == nil && oldest < 29*day:
		return fmt.Errorf("the oldest of %d is %d days old", len(cmds), oldest/day)
	}
	return err
}

func (r *run) dates(context.Context) error {
	for _, a := range r.wire.responses {
		if _, err := http.ParseTime(a.Header.Get("Date")); err != nil || rest.IsCached(a.Header) {
			return wrongf("HTTP %d to %s has the Date %q and the Age %q", a.StatusCode, a.Request.Method, a.Header.Get("Date"), a.Header.Get("Age"))
		}
	}
	return nil
}
