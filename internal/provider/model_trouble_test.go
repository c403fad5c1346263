package provider

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// stage is where a walk is played.
type stage int

const (
	inProcess stage = iota
	onCLI
)

// trouble is what goes wrong in a step.
type trouble struct {
	// Posts are what the POSTs of the first resource that is to be created
	// meet, one after the other, those of the second, and so on; Gets what all
	// GETs do.
	Posts [][]postTrouble
	Gets  []string
	// Refuse is how many connections are refused in the apply.
	Refuse int
	// Earlier is how long before the apply another sender sends the first message
	// that is to be sent; zero means that none does.
	Earlier time.Duration
	// Stop stops the apply at a request, the first being 1, before the API
	// has it or after.
	Stop  stop
	At    int
	After bool
}

type stop = tfcore.Stop

type postTrouble struct {
	Fault string
	// SlowResponse is that the API has processed the request for a while before it
	// says so.
	SlowResponse bool
	// Foreign is how many equal messages others send meanwhile.
	Foreign int
}

// fate is what becomes of a POST, for who made it.
type fate int

const (
	told    fate = iota
	again        // It was not processed and may be repeated.
	refused      // The API has said no.
	untold       // Nobody knows.
	late         // Nor can anybody, since it is processed after its time.
)

type postFault struct {
	fate fate
	twiliosim.Fault
}

// postFaults are what a POST may meet.
var postFaults = func() map[string]postFault {
	faults := map[string]postFault{
		"none":                        {told, twiliosim.Fault{}},
		"429":                         {again, twiliosim.TooManyRequests("", 1)},
		"429 for 2 s":                 {again, twiliosim.TooManyRequests("2", 1)},
		"429 for an hour":             {again, twiliosim.TooManyRequests("3600", 1)},
		"400":                         {refused, twiliosim.ServerError(400, 1)},
		"404":                         {refused, twiliosim.ServerError(404, 1)},
		"201 truncated":               {untold, twiliosim.Fault{TruncateBody: 40}},
		"201 empty":                   {untold, accepted(body(""))},
		"201 HTML":                    {untold, accepted(body("<html>Welcome</html>"))},
		"201 about another message":   {untold, accepted(body(`{"sid":"HG0123456789abcdef0123456789abcdef","payload":"other","device_port":5683}`))},
		"201 with what is no SID":     {untold, accepted(body(`{"sid":"HG1"}`))},
		"processed after an eternity": {late, twiliosim.Fault{}},
	}
	for name, f := range map[string]twiliosim.Fault{
		"reset": twiliosim.LostRequest(1), "500": twiliosim.ServerError(500, 1), "502 HTML": twiliosim.HTMLBadGateway(1),
		"503":       {Status: 503, Header: http.Header{"Retry-After": {"1"}}},
		"408":       twiliosim.ServerError(408, 1),
		"403 HTML":  {Status: 403, Body: []byte("<html>Blocked</html>")},
		"404 other": {Status: 404, Body: []byte(`{"message":"no Route matched with those values"}`)},
		"stall":     {Stall: true},
	} {
		faults[name] = postFault{untold, f}
		faults[name+", processed"] = postFault{untold, accepted(f)}
	}
	return faults
}()

// getFaults are what a GET may meet. All but two leave nobody in doubt that the
// API has said nothing of the command.
var getFaults = map[string]twiliosim.Fault{
	slowly:          {},
	"429":           twiliosim.TooManyRequests("", 0),
	"500":           twiliosim.ServerError(500, 0),
	"reset":         twiliosim.LostRequest(0),
	"truncated":     {TruncateBody: 30},
	"HTML":          {Status: 200, Body: []byte("<html>Welcome</html>")},
	"another":       {Status: 200, Body: []byte(`{"sid":"HG0123456789abcdef0123456789abcdef","status":"sent"}`)},
	"404 HTML":      {Status: 404, Body: []byte("<html>Not Found</html>")},
	"404 other":     {Status: 404, Body: []byte(`{"message":"no Route matched with those values"}`)},
	"404 code":      {Status: 404, Body: []byte(`{"code":20003,"message":"Authenticate","status":404}`)},
	unknownToTheAPI: twiliosim.ServerError(404, 0).On("GET", "/v1/IpCommands/"),
}

const (
	// unknownToTheAPI is the API's own word, right or wrong.
	unknownToTheAPI = "404 of the API"
	// slowly is a response that is right and takes a while to come, so that what its
	// Date tells of the API's clock is vague.
	slowly = "slowly"
	aWhile = 12 * time.Second
)

// troubles generates trouble, and mostly none.
func troubles(where stage) *rapid.Generator[trouble] {
	tooSlow := func(name string) bool {
		return where == onCLI && (strings.Contains(name, "stall") || strings.Contains(name, "eternity"))
	}
	post := rapid.Custom(func(t *rapid.T) postTrouble {
		return postTrouble{
			Fault:        rapid.SampledFrom(keys(postFaults)).Filter(func(s string) bool { return !tooSlow(s) }).Draw(t, "fault"),
			SlowResponse: rare(t, "slow response", 2), Foreign: max(0, rapid.IntRange(-3, 2).Draw(t, "foreign")),
		}
	})
	return rapid.Custom(func(t *rapid.T) (u trouble) {
		if rare(t, "trouble with POST", 1) {
			u.Posts = rapid.SliceOfN(rapid.SliceOfN(post, 0, 2), 1, 3).Draw(t, "posts")
		}
		if rare(t, "trouble with GET", 2) {
			u.Gets = rapid.SliceOfN(rapid.SampledFrom(append(keys(getFaults), unknownToTheAPI, unknownToTheAPI, slowly, slowly)), 1, 6).Draw(t, "gets")
		}
		if rare(t, "trouble with another sender", 2) {
			u.Earlier = rapid.SampledFrom([]time.Duration{500 * time.Millisecond, 3 * time.Second, 8 * time.Second}).Draw(t, "earlier")
		}
		if where == onCLI {
			return u
		}
		if rare(t, "trouble with connecting", 4) {
			u.Refuse = rapid.IntRange(1, 12).Draw(t, "refused")
		}
		if rare(t, "trouble with stopping", 3) {
			u.Stop = rapid.SampledFrom([]stop{tfcore.Interrupt, tfcore.Interrupt, tfcore.KillProvider, tfcore.KillAll}).Draw(t, "stop")
			u.At, u.After = rapid.IntRange(1, 6).Draw(t, "at"), rapid.Bool().Draw(t, "after")
		}
		return u
	})
}

// rare is true once in 2^n times. (Numbers of rapid tend to be small or large.)
func rare(t *rapid.T, label string, n int) bool {
	all := true
	for range n {
		all = rapid.Bool().Draw(t, label) && all
	}
	return all
}

// injectPosts has the POSTs of the resources at these addresses meet their
// trouble. One that has none is slow beside the others, so that its message
// might be taken for another's.
func (m *model) injectPosts(u trouble, addresses []string) {
	m.met = map[string][]fate{}
	if len(u.Posts) == 0 {
		return
	}
	for i, at := range addresses {
		w, troubles := m.wanted[at], []postTrouble{{Fault: "none", SlowResponse: true}}
		if i < len(u.Posts) && len(u.Posts[i]) > 0 {
			troubles = u.Posts[i]
		}
		for _, trouble := range troubles {
			f := postFaults[trouble.Fault]
			f.Method, f.Times = http.MethodPost, 1
			f.Match = isOf(w.tag)
			f.Delay = func() {
				m.mu.Lock()
				m.met[w.tag] = append(m.met[w.tag], f.fate)
				m.mu.Unlock()
				if f.fate == late {
					m.pass(45 * time.Second)
				}
			}
			f.Then = func() {
				if trouble.SlowResponse {
					m.pass(2 * time.Second)
				}
				for range trouble.Foreign {
					m.foreign(w.modelMessage)
				}
			}
			m.Inject(f.Fault)
		}
	}
}

// fates returns what the POSTs of each resource have met.
func (m *model) fates() map[string][]fate {
	m.mu.Lock()
	defer m.mu.Unlock()
	met := map[string][]fate{}
	for tag, fates := range m.met {
		met[tag] = slices.Clone(fates)
	}
	return met
}

// injectGets has the GETs meet their trouble, one after the other.
func (m *model) injectGets(u trouble) {
	for _, name := range u.Gets {
		f := getFaults[name]
		f.Method, f.Times = http.MethodGet, 1
		if name == slowly {
			f.Header = http.Header{}
			f.Delay = func() { f.Header.Set("Date", m.serverNow().UTC().Format(http.TimeFormat)) }
			f.Then = func() { m.pass(aWhile) }
		}
		m.Inject(f)
	}
}
