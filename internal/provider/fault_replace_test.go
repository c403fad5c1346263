package provider

import (
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccReplace_predecessor replaces a message by an equal one and loses the
// request: the old one is not taken for the new, although it is of the same
// second. Where the new one is created first, nobody has told the provider of
// the old one; there, only its age tells.
func TestAccReplace_predecessor(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		lifecycle string
		age       time.Duration
		want      expect
	}{
		"destroy before create": {want: expect{exit: 1, says: []string{maybeSent}, posts: 2, commands: 1}},
		"create before destroy": {
			age:       2 * time.Second,
			lifecycle: "lifecycle {\n    create_before_destroy = true\n  }",
			want:      expect{exit: 1, says: []string{maybeSent, "deduplication_window"}, state: []string{"sent"}, posts: 2, commands: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			c.write(w.provider() + valve("wait_for_sent = false\n  "+row.lifecycle))
			c.succeeds(c.apply())
			w.Inject(twiliosim.LostRequest(1).On("POST", "/"))
			w.clock.Advance(row.age)
			c.restart()
			row.want.check(c, c.apply("-replace="+address))
		})
	}
}
