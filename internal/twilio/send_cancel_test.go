package twilio

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestSend_R3_cancelled cancels a send at every stage: what has not begun is
// not begun, what is in flight is finished and told.
func TestSend_R3_cancelled(t *testing.T) {
	t.Parallel()
	slow := func(f twiliosim.Fault) twiliosim.Fault {
		f.Delay = func() { time.Sleep(5 * time.Second) }
		return f
	}
	// late has the command certainly younger than the POST.
	late := func(f twiliosim.Fault) twiliosim.Fault {
		f.Delay = func() { time.Sleep(time.Second) }
		return f
	}
	for _, test := range []struct {
		name  string
		fault twiliosim.Fault
		get   twiliosim.Fault
		dial  func(n int) error
		// cancel is when ctx is cancelled; the POST begins at 0.
		cancel                 time.Duration
		posts, commands, looks int
		want                   ending
		end                    time.Duration
		text                   []string
	}{
		{name: "before", cancel: -1, want: isNotSent},
		{name: "in flight, accepted", fault: slow(twiliosim.Fault{}), cancel: time.Second, posts: 1, commands: 1, want: isSent, end: 5 * time.Second},
		{name: "in flight, refused", fault: slow(twiliosim.ServerError(400, 0)), cancel: time.Second, posts: 1, want: isRefused, end: 5 * time.Second, text: []string{"HTTP 400"}},
		{name: "in flight, lost after", fault: slow(twiliosim.LostResponse(0)), cancel: time.Second, posts: 1, commands: 1, looks: 1, want: isAdopted, end: 5 * time.Second},
		{name: "while the response is read", fault: late(twiliosim.Fault{TruncateBody: 5, Stall: true}), cancel: 2 * time.Second, posts: 1, commands: 1, looks: 1, want: isAdopted, end: rest.DefaultRequestTimeout},
		{name: "waiting after a 429", fault: twiliosim.TooManyRequests("10", 0), cancel: time.Second, posts: 1, want: isNotSent, end: time.Second, text: []string{"was not repeated after HTTP 429 over the limit: the time for it was over"}},
		{name: "waiting for a connection", dial: func(int) error { return errRefused }, cancel: 100 * time.Millisecond, want: isNotSent, end: 100 * time.Millisecond, text: []string{"was not repeated after connecting: nobody takes connections there"}},
		{name: "waiting between two looks", fault: twiliosim.LostRequest(0), cancel: time.Second, posts: 1, looks: 1, want: isUnknown, end: time.Second},
		{name: "during a look", fault: late(twiliosim.LostResponse(0)), get: slow(twiliosim.Fault{}), cancel: 2 * time.Second, posts: 1, commands: 1, looks: 1, want: isUnknown, end: 6 * time.Second, text: []string{"1 commands could be the message"}},
		{name: "cancelled, and the look refused for long", fault: slow(twiliosim.LostResponse(0)), get: twiliosim.TooManyRequests("100", 0), cancel: time.Second, posts: 1, commands: 1, looks: 1, want: isUnknown, end: 5 * time.Second, text: []string{"looking for it failed", "HTTP 429"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.onPost(test.fault)
				w.onGet(test.get)
				w.dials.hook = test.dial
				ctx, cancel := context.WithTimeout(w.t.Context(), test.cancel)
				defer cancel()
				began := time.Now()
				sent, err := w.client.send(ctx, w.message(), time.Time{})
				if got := endingOf(w.t, sent, err); got != test.want {
					w.t.Errorf("%s, want %s: %v", got, test.want, err)
				}
				if end := time.Since(began); end != test.end {
					w.t.Errorf("it took %s, want %s", end, test.end)
				}
				w.wantRequests(test.posts, test.looks)
				w.wantCommands(test.commands)
				if err == nil {
					w.wantOwn(sent, w.message())
				} else {
					wantText(w.t, err, test.text...)
				}
				if test.want == isNotSent && test.text == nil && !errors.Is(err, context.DeadlineExceeded) {
					w.t.Errorf("%v is not the context's error", err)
				}
			})
		})
	}
}
