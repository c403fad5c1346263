package provider

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// victim is who is killed.
type victim string

const (
	providerDies victim = "provider"
	cliDies      victim = "CLI"
	bothDie      victim = "both"
)

// crash is a world, and an apply in it whose victim is killed at a step.
type crash struct {
	t     *testing.T
	world *world
	cli   *cli
	// steps is where steps are announced.
	steps  *httptest.Server
	victim victim
	// at is the number of the step, from 1. What is applied at once takes
	// steps together, and only when the last has got there.
	at, together int
	// waves is in how many the messages are sent; in all but the first is one.
	waves int
	// replaced is the SID of the message that the apply replaces.
	replaced string

	// applied is closed when the CLI has ended.
	applied chan struct{}
	// written holds the requests that were written and that the API has not
	// seen yet, handled those that it has done.
	written, handled chan struct{}

	mu       sync.Mutex
	provider *crashable
	names    []string // of the steps so far
	waiting  int      // for the next step
	over     bool     // The CLI has ended before the step: who waits for others does so in vain.
	passed   sync.Cond
	requests int // that were written
}

func newCrash(t *testing.T, victim victim, at, together int) *crash {
	t.Helper()
	w := newWorld(t, twiliosim.Config{})
	c := &crash{
		t: t, world: w, cli: w.newCLI(t), victim: victim, at: at, together: together,
		applied: make(chan struct{}), written: make(chan struct{}, 100), handled: make(chan struct{}, 100),
	}
	c.passed.L = &c.mu
	c.cli.env = append(c.cli.env, noGC)
	c.steps = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		name, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		c.step(string(name))
	}))
	t.Cleanup(c.steps.Close)
	return c
}

// apply applies, and kills. It returns when nothing is under way any more: what
// was written, the API has taken.
func (c *crash) apply(args ...string) ran {
	c.t.Helper()
	for _, request := range []string{"GET", readForAll, "POST"} {
		c.world.Inject(twiliosim.Fault{
			Match: func(method, path string, query, _ url.Values) bool {
				return requestName(method, path, query) == request
			},
			Delay: func() {
				select {
				case <-c.written:
				case <-c.applied: // Nobody is left to tell.
				}
			},
			Then: func() {
				c.step(request + stepTaken)
				c.handled <- struct{}{}
			},
		})
	}
	provider := startCrashable(c.t, c.steps.URL, c.world.clock.Now())
	c.mu.Lock()
	c.provider = provider
	c.mu.Unlock()
	c.cli.env = append(c.cli.env, "TF_REATTACH_PROVIDERS="+provider.attach)
	got := c.cli.apply(args...)
	close(c.applied)
	c.giveUp()
	provider.end()
	c.steps.Close() // Waits for those who announce something.
	for range c.requests {
		select {
		case <-c.handled:
		case <-time.After(patience):
			c.t.Fatal("a request that was written has not reached the API")
		}
	}
	c.world.ClearFaults()
	return got
}

// giveUp lets pass who waits for others at a step before the one at which somebody
// dies.
func (c *crash) giveUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = len(c.names) < c.at
	c.passed.Broadcast()
}

// restart has the CLI use the provider in this process from here on.
func (c *crash) restart() {
	c.t.Helper()
	c.cli.restart()
	c.cli.env = append(c.cli.env, noGC)
}

// step returns when the step has been passed: by all that take it together,
// and by the victim dead.
func (c *crash) step(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.names); name == stepWait && n > 0 && c.names[n-1] == stepWait {
		return // It was woken for another message, and waits for both.
	}
	together := c.together
	if name == stepWait || strings.HasPrefix(name, readForAll) || c.waves > 1 && slices.Contains(c.names, http.MethodPost+stepRead) {
		together = 1 // One does it for all, or is alone in its wave.
	}
	c.waiting++
	if n := len(c.names); n < c.at && c.waiting < together {
		for n == len(c.names) && !c.over {
			c.passed.Wait()
		}
	} else {
		c.names, c.waiting = append(c.names, name), 0
		if len(c.names) == c.at {
			c.kill()
		}
		c.passed.Broadcast()
	}
	if strings.HasSuffix(name, stepWritten) {
		c.requests++
		c.written <- struct{}{}
	}
}

// kill kills the victim, and returns when it is dead. A provider that is left
// alone then does all that it has begun. In truth it ends within about a second
// (TestAccKilledCLI), but nobody can rely on that.
func (c *crash) kill() {
	if c.victim != providerDies {
		c.cli.kill()
		<-c.applied
	}
	if c.victim != cliDies {
		c.provider.kill()
	}
}

// reached returns the name of the step, or "" if the apply ended before it.
func (c *crash) reached() string {
	if len(c.names) < c.at {
		return ""
	}
	return c.names[c.at-1]
}

// provisioner is a part of a resource that announces a step between the
// provider's response to a create and the state that the CLI writes. There is
// nothing of the kind for an update, a delete and an import: there, it makes no
// difference to the state whether a CLI dies just before it gets the response or
// just after.
func (c *crash) provisioner() string {
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	return fmt.Sprintf(`provisioner "local-exec" {
    command     = %q
    environment = { %s = %q, %s = %q, %s = %q }
  }`, "exec '"+self+"'", stepsVariable, c.steps.URL, stepVariable, "create"+stepTold, "GORACE", noExitDelay)
}

// shown are the messages that a plan sends: those whose SID it does not know, and
// invocations.
var shown = regexp.MustCompile(`(?m)^ +[~+] sid +=.*\(known after apply\)| to invoke`)

// checked runs the CLI, which may send no more messages than the plan shows
// that it prints.
func (c *crash) checked(run func() ran) ran {
	c.t.Helper()
	posts := c.world.posts()
	got := run()
	planned := len(shown.FindAllString(got.output, -1))
	if c.waves > 1 { // An invocation sends to each SIM.
		planned *= c.together + c.waves - 1
	}
	if sent := c.world.posts() - posts; sent > planned {
		c.t.Errorf("%d POSTs, but the plan shows %d:\n%s", sent, planned, got.output)
	}
	return got
}

// succeeds is checked for a run that must succeed.
func (c *crash) succeeds(run func() ran) ran {
	c.t.Helper()
	got := c.checked(run)
	if got.exit != 0 {
		c.t.Fatalf("exit code %d:\n%s", got.exit, got.output)
	}
	return got
}
