package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// send sends the world's message, without a deadline.
func (w *world) send() (*Message, error) {
	return w.client.send(w.t.Context(), w.message(), time.Time{})
}

// send is Send without a window.
func (c *Client) send(ctx context.Context, p MessageParams, deadline time.Time) (*Message, error) {
	return c.IPCommands.Send(ctx, p, SendOptions{Deadline: deadline})
}

// findSent is what Send does first, with a window.
func (c *Client) findSent(ctx context.Context, p MessageParams, window time.Duration, deadline time.Time) (m *Message, found bool, err error) {
	m = Recorded(p, IPCommand{})
	if c.IPCommands.registry.pay(m, p.SIM) {
		return m, false, nil
	}
	err = c.IPCommands.findSentBefore(ctx, m, SendOptions{Window: window, Deadline: deadline})
	return m, m.IsFound, err
}

// giveUp gives up a message that was sent to a SIM as the command with this SID, for
// an equal one if isReplaced.
func (c *Client) giveUp(sid, simSID string, p MessageParams, isReplaced bool) {
	var by *Replacement
	if isReplaced {
		by = &Replacement{p, true}
	}
	c.IPCommands.GiveUp(Recorded(p, IPCommand{SID: sid, SIMSID: &simSID}), by)
}

// waitUntilSent is WaitUntilSent, of a copy of m.
func (c *Client) waitUntilSent(ctx context.Context, m *Message, deadline time.Time) (IPCommand, error) {
	waiting := Recorded(m.Params, m.IPCommand)
	err := c.IPCommands.WaitUntilSent(ctx, waiting, deadline)
	return waiting.IPCommand, err
}

func (c *Client) waitForReply(ctx context.Context, cmd IPCommand, f ReplyFilter, deadline time.Time) (IPCommand, error) {
	return c.IPCommands.WaitForReply(ctx, Recorded(MessageParams{}, cmd), f, deadline)
}

func (c *Client) findReply(ctx context.Context, cmd IPCommand, f ReplyFilter) (reply IPCommand, found bool, err error) {
	return c.IPCommands.FindReply(ctx, Recorded(MessageParams{}, cmd), f)
}

func errOf(_ *Message, err error) error { return err }

// ending is what Send says in the end.
type ending string

const (
	isSent    ending = "sent"
	isAdopted ending = "adopted"
	isNotSent ending = "not sent"
	isUnknown ending = "unknown"
	isRefused ending = "refused"
)

func endingOf(t testing.TB, sent *Message, err error) ending {
	t.Helper()
	switch {
	case err == nil && sent.Lost == nil:
		return isSent
	case err == nil:
		return isAdopted
	case sent.SID != "":
		t.Errorf("an error and a command: %s, %v", sent.SID, err)
	}
	switch {
	case errors.As(err, new(*NotSentError)):
		return isNotSent
	case errors.As(err, new(*UnknownOutcomeError)):
		return isUnknown
	case errors.As(err, new(*rest.APIError)):
		return isRefused
	}
	t.Errorf("an error of no kind: %T: %v", err, err)
	return ""
}

// unknownOf returns err as an UnknownOutcomeError.
func unknownOf(t testing.TB, err error) *UnknownOutcomeError {
	t.Helper()
	var unknown *UnknownOutcomeError
	if !errors.As(err, &unknown) {
		t.Fatalf("%T: %v", err, err)
	}
	return unknown
}

// wantUnknown fails the test unless err is an UnknownOutcomeError with these
// candidates, in any order.
func wantUnknown(t testing.TB, err error, candidates ...string) {
	t.Helper()
	unknown := unknownOf(t, err)
	got := sids(unknown.Candidates)
	slices.Sort(got)
	slices.Sort(candidates)
	if !slices.Equal(got, candidates) {
		t.Errorf("candidates %v, want %v", got, candidates)
	}
}

func statusIs(err error, status int) bool {
	var api *rest.APIError
	return errors.As(err, &api) && api.StatusCode == status
}

// collect reads a list to its end.
func collect[T any](seq iter.Seq2[T, error]) (items []T, err error) {
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// queries returns the queries of the requests so far.
func (w *world) queries() []url.Values {
	var all []url.Values
	for _, r := range w.sim.Requests() {
		all = append(all, r.Query)
	}
	return all
}

// seed makes the API know n commands to the world's SIM, and returns their
// SIDs in the API's order, newest first.
func (w *world) seed(n int) []string {
	sids := make([]string, n)
	for i := range n {
		sids[n-1-i] = w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, DateCreated: epoch.Add(time.Duration(i) * time.Second / 7)}).SID
	}
	return sids
}

func wantSIDs(t *testing.T, got []IPCommand, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d commands, want %d", len(got), len(want))
	}
	for i, c := range got {
		if c.SID != want[i] {
			t.Fatalf("command %d is %s, want %s", i, c.SID, want[i])
		}
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
