package provider

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestModel plays random walks through the life of a configuration and holds
// each step to the rules R1 to R11 and R13, which model_plan_test.go,
// model_apply_test.go and the files named after a rule check. The real provider is
// driven over its protocol by a stand-in for Terraform (package tfcore), in a bubble
// in which time passes only while everybody waits. A walk that fails is shrunk and
// printed. -rapid.checks says how many walks there are.
func TestModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := walks(1, 30, inProcess).Draw(t, "walk")
		rapid.SyncTest(t, func(t *rapid.T) {
			time.Sleep(250 * time.Millisecond) // Not on a whole second.
			defer time.Sleep(5 * time.Minute)  // What is held ends.
			m := &model{t: t, clock: clock.System{}, ahead: w.Ahead, behind: w.Behind}
			m.Simulator = twiliosim.New(twiliosim.Config{SendDelay: w.Delay, Now: func() time.Time { return time.Now().Add(w.Ahead) }})
			m.cli = newCore(m)
			m.play(w)
		})
	})
}

// TestAccModel plays a few walks on the real CLI, with the same checks: what
// the stand-in does wrong shows here.
func TestAccModel(t *testing.T) {
	t.Parallel()
	needsTerraformData(t) // Older ones have no plan in the form that is read here.
	// Seeds whose walks did among them all that a walk can, when they were chosen.
	for _, seed := range []int{268, 145, 9, 75, 74, 0, 22, 84} {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := walks(12, 12, onCLI).Example(seed)
			t.Logf("%+v", w)
			world := newWorld(t, twiliosim.Config{SendDelay: w.Delay})
			m := &model{t: t, clock: world.clock, Simulator: world.Simulator}
			m.cli = newRealCLI(t, world, m)
			m.play(w)
		})
	}
}

// walk is a random life. What a step can't do where it comes, it leaves.
type walk struct {
	// Delay is how long messages stay queued, Ahead how far the API's clock is
	// ahead of ours, and Behind how far the one that writes Date is behind that.
	Delay, Ahead, Behind time.Duration
	// Window is the first provider block's deduplication window.
	Window string
	// Replies are what devices reply to each message.
	Replies []string
	Steps   []step
}

// step is something that a user does, or that happens.
type step struct {
	Do string
	// At is the resource that it is about.
	At      string
	Message modelMessage
	N       int
	Passes  time.Duration
	// Unknown are arguments that nobody knows in the plan.
	Unknown []string
	trouble
}

// GoString is short, since play prints the steps.
func (w walk) GoString() string {
	return fmt.Sprintf("%d steps, Delay: %s, Ahead: %s, Behind: %s, Window: %q, Replies: %q", len(w.Steps), w.Delay, w.Ahead, w.Behind, w.Window, w.Replies)
}

// String implements fmt.Stringer.
func (s step) String() string {
	text := fmt.Sprintf("%s %s (%d, %s)", s.Do, s.At, s.N, s.Passes)
	if regexp.MustCompile("change|sen|known|import").MatchString(s.Do) {
		text += fmt.Sprintf(" %+v", s.Message)
	}
	if strings.Contains(s.Do, "known") || strings.Contains(s.Do, "import") {
		text += fmt.Sprintf(" unknown: %q", s.Unknown)
	}
	if !reflect.DeepEqual(s.trouble, trouble{}) {
		text += fmt.Sprintf(", with %+v", s.trouble)
	}
	return text
}

// addresses are where resources may be; few, so that they meet.
var addresses = []string{"a", "b", "c"}

// actions are what a walk is made of, and how often.
var actions = map[string]struct {
	often int
	do    func(*model, step)
}{
	"change the configuration and apply": {6, func(m *model, s step) { m.configure(s); m.apply(s, operation{}) }},
	"change the configuration":           {3, (*model).configure},
	"apply":                              {3, func(m *model, s step) { m.apply(s, operation{}) }},
	"change the waiting and apply":       {2, (*model).changeWaiting},
	"apply what is not known":            {5, (*model).applyUnknown},
	"apply -refresh=false":               {1, func(m *model, s step) { m.configure(s); m.apply(s, operation{NoRefresh: true}) }},
	"send twins":                         {3, (*model).twins},
	"plan":                               {1, func(m *model, s step) { m.plan(s, operation{}) }},
	"refresh":                            {1, func(m *model, s step) { m.apply(s, operation{RefreshOnly: true}) }},
	"apply -replace":                     {2, func(m *model, s step) { m.apply(s, operation{Replace: s.At}) }},
	"destroy":                            {1, func(m *model, s step) { m.apply(s, operation{Destroy: true}) }},
	"remove and apply":                   {1, func(m *model, s step) { delete(m.wanted, s.At); m.apply(s, operation{}) }},
	"move and apply":                     {4, (*model).move},
	"taint":                              {1, func(m *model, s step) { m.mark(s.At, true) }},
	"untaint":                            {1, func(m *model, s step) { m.mark(s.At, false) }},
	"state rm":                           {1, func(m *model, s step) { m.forget(s.At) }},
	"state rm, and apply later":          {2, func(m *model, s step) { m.forget(s.At); m.pass(s.Passes); m.apply(s, operation{}) }},
	"import":                             {3, (*model).importOne},
	"import what is not known":           {1, (*model).importUnknown},
	"lose what another sender sends too": {2, (*model).loseBeside},
	"time passes":                        {2, func(m *model, s step) { m.pass(s.Passes) }},
	"the API forgets":                    {3, (*model).loseOne},
	"a device comes or goes":             {1, func(m *model, s step) { m.SetDetached("valve", s.N%2 == 0) }},
	"another sender sends":               {1, func(m *model, s step) { m.foreign(s.Message) }},
	"a device sends": {1, func(m *model, s step) {
		m.ReceiveFromSIM("valve", s.Message.Port, replies[keys(replies)[s.N%len(replies)]].Payload)
	}},
}

// walks generates walks of so many steps.
func walks(least, most int, where stage) *rapid.Generator[walk] {
	var names []string
	for _, name := range keys(actions) {
		for range actions[name].often {
			names = append(names, name)
		}
	}
	steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		s := step{
			Do: rapid.SampledFrom(names).Draw(t, "action"), At: rapid.SampledFrom(addresses).Draw(t, "address"),
			Message: messages.Draw(t, "message"), N: rapid.IntRange(0, 9).Draw(t, "number"),
			Passes:  rapid.SampledFrom(spans).Draw(t, "time"),
			Unknown: rapid.SliceOfNDistinct(rapid.SampledFrom(mayBeUnknown), 1, 2, rapid.ID).Draw(t, "unknown"),
			trouble: troubles(where).Draw(t, "trouble"),
		}
		if where == onCLI { // Both blocks would share the process of the tests, and what it knows.
			s.Message.Other = false
		}
		return s
	}), least, most)
	return rapid.Custom(func(t *rapid.T) walk {
		w := walk{
			Delay:   rapid.SampledFrom([]time.Duration{0, 0, 3 * time.Second, 90 * time.Second}).Draw(t, "delay"),
			Replies: rapid.SliceOfN(rapid.SampledFrom(keys(replies)), 0, 3).Draw(t, "replies"),
			Window:  rapid.SampledFrom([]string{"", "", "1h"}).Draw(t, "window"),
			Steps:   steps.Draw(t, "steps"),
		}
		if where == inProcess {
			w.Ahead = rapid.SampledFrom([]time.Duration{0, 3 * time.Hour, -3*time.Hour - 1234*time.Millisecond}).Draw(t, "ahead")
			w.Behind = rapid.SampledFrom([]time.Duration{0, 0, 0, 5 * time.Second}).Draw(t, "behind")
		}
		return w
	})
}

const day = 24 * time.Hour

// spans are the times that pass, around those of rules R6 and R10 among them.
var spans = []time.Duration{
	time.Second, time.Minute, 9 * time.Minute, 11 * time.Minute, 40 * time.Minute, 70 * time.Minute,
	5 * day, 29*day + time.Hour, 30*day + time.Hour, 32 * day,
}

// modelMessage is a resource in the configuration. A new argument goes into
// arguments too, and into replacing if its change sends anew.
type modelMessage struct {
	SIM, Payload, Type string
	Port               int
	Method             string // of the callback; empty: none
	NoWait             bool
	Timeout            string
	Window             string
	Ask                ask
	// CreateFirst is create_before_destroy, and Other the second provider block.
	CreateFirst, Other bool
}

var messages = rapid.Custom(func(t *rapid.T) modelMessage {
	m := modelMessage{
		SIM:     rapid.SampledFrom([]string{"valve", valveSID, "valve", valveSID, "silent", "hidden"}).Draw(t, "sim"),
		Payload: rapid.SampledFrom([]string{"open", "open", "AQ=="}).Draw(t, "payload"), Type: "text",
		Port:    rapid.SampledFrom([]int{5683, 5683, 5684}).Draw(t, "port"),
		Method:  rapid.SampledFrom([]string{"", "", "GET"}).Draw(t, "method"),
		NoWait:  rare(t, "no wait", 2),
		Timeout: rapid.SampledFrom([]string{"", "", "10s", "5m"}).Draw(t, "timeout"),
		Window:  rapid.SampledFrom([]string{"", "1h", "696h", "0s"}).Draw(t, "window"),
		Ask:     rapid.SampledFrom(replyAsks).Draw(t, "ask"),
	}
	m.NoWait = m.NoWait && m.Ask == ask{}
	if m.Payload == "AQ==" && rapid.Bool().Draw(t, "binary") {
		m.Type = "binary"
	}
	m.CreateFirst, m.Other = rare(t, "create first", 2), rare(t, "provider", 2)
	return m
})

// arguments is the message as a resource's arguments, null ones included. The
// callback tells the simulator's log whose message it is; the API never shows
// it to the provider.
func (m modelMessage) arguments(tag string) map[string]any {
	return map[string]any{
		"sim": m.SIM, "payload": m.Payload, "payload_type": m.Type, "device_port": m.Port,
		"callback_url": callback(tag), "callback_method": ifNot(m.Method == "", m.Method),
		"wait_for_sent": !m.NoWait, "timeouts": ifNot(m.Timeout == "", map[string]any{"create": m.Timeout}),
		"deduplication_window": ifNot(m.Window == "", m.Window), "wait_for_reply": m.Ask.argument(),
	}
}

// change gives an argument another value, that of another message where it has one
// to choose. The arguments still fit each other.
func (m *modelMessage) change(name string, from modelMessage) {
	other := func(now, a, b string) string {
		if now == a {
			return b
		}
		return a
	}
	switch name {
	case "sim":
		m.SIM = from.SIM
	case "payload":
		m.Payload, m.Type = other(m.Payload, "open", "AQ=="), "text"
	case "payload_type":
		m.Payload, m.Type = "AQ==", other(m.Type, "text", "binary")
	case "device_port":
		m.Port = from.Port
	case "callback_method":
		m.Method = other(m.Method, "GET", "")
	case "timeouts":
		m.Timeout = from.Timeout
	case "deduplication_window":
		m.Window = from.Window
	}
}

// mayBeUnknown are the arguments that a plan may not know, those that make the
// message more often.
var mayBeUnknown = append([]string{"timeouts", "deduplication_window", "wait_for_sent", "wait_for_reply"}, slices.Repeat(replacing, 2)...)

// replacing are the arguments whose change sends anew; that of any other is an
// update in place.
var replacing = []string{"sim", "payload", "payload_type", "device_port", "callback_url", "callback_method"}

func callback(tag string) string { return "https://example.com/" + tag }

// timeout is how long a create waits.
func (m modelMessage) timeout() time.Duration {
	if d, err := time.ParseDuration(m.Timeout); err == nil {
		return d
	}
	return time.Minute
}
