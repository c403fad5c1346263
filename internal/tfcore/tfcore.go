// Package tfcore does with a provider's protocol what Terraform's core does, as
// far as one resource type needs it: it refreshes, plans, plans again in the apply,
// applies, imports, and holds the provider to what it has planned. It has no HCL, no
// graph and no files.
//
// It is for tests. A random life of a configuration takes milliseconds on it and a
// minute on a CLI. The same walks on the CLI show what it does wrong.
package tfcore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Wanted is a resource in the configuration.
type Wanted struct {
	// Arguments are all of its arguments, as JSON has them; nil is null.
	Arguments map[string]any
	// Provider is the index of its provider block.
	Provider int
	// CreateFirst is create_before_destroy.
	CreateFirst bool
}

// Operation says what to plan beside the configuration.
type Operation struct {
	RefreshOnly, NoRefresh, Destroy bool
	Replace                         string // address
	From, To                        string // addresses of a moved block
	// Unknown are arguments that nobody knows in the plan, of the resource at At, or
	// of all where that is empty.
	Unknown []string
	At      string
}

// UnknownIn returns the arguments of a resource that are not known in the plan.
func (op Operation) UnknownIn(at string) []string {
	if op.At != "" && op.At != at {
		return nil
	}
	return op.Unknown
}

// Planned is a plan.
type Planned struct {
	Result
	// State is the state after the refresh.
	State []Object
	// Actions has create, update, replace or delete for each address, and delete for
	// "ADDRESS deposed".
	Actions map[string]string
}

// Object is an instance in the state.
type Object struct {
	At               string // its address
	Attributes       map[string]any
	Tainted, Deposed bool
}

// Result is what a command has said, for each address.
type Result struct {
	Failed, Stopped  bool
	Errors, Warnings map[string]string
}

// Say adds a diagnostic.
func (r *Result) Say(at, severity, text string) {
	if r.Errors == nil {
		r.Errors, r.Warnings = map[string]string{}, map[string]string{}
	}
	if severity == "error" {
		r.Failed = true
		r.Errors[at] += text + "\n"
	} else {
		r.Warnings[at] += text + "\n"
	}
}

func (r *Result) add(at string, diags []*tfprotov6.Diagnostic) {
	for _, d := range diags {
		r.Say(at, strings.ToLower(d.Severity.String()), d.Summary+": "+d.Detail)
	}
}

// Config is what Terraform's core works on.
type Config struct {
	// TypeName is the type of all resources.
	TypeName string
	// Start starts a process of the provider.
	Start func() tfprotov6.ProviderServer
	// Blocks returns the provider blocks.
	Blocks func() []map[string]any
	// Fatalf ends the test.
	Fatalf func(format string, args ...any)
}

// Core is Terraform's core with a state.
type Core struct {
	Config
	schema *tfprotov6.GetProviderSchemaResponse
	state  map[string]resource
	// The last plan:
	wanted    map[string]Wanted
	refreshed map[string]resource
	changes   []change
}

// resource is a resource in the state. One that its replacement was created before
// is deposed until it is destroyed.
type resource struct{ current, deposed *instance }

type instance struct {
	value    *tfprotov6.DynamicValue
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

// New returns a core whose state is empty.
func New(config Config) *Core {
	schema, err := config.Start().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	must(err)
	return &Core{Config: config, schema: schema, state: map[string]resource{}}
}

// must panics, since it is called on goroutines of an apply, too, where nothing
// else ends a test.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("the protocol: %v", err))
	}
}

// startAll starts and configures a process for each provider block.
func (c *Core) startAll(ctx context.Context) (servers []tfprotov6.ProviderServer) {
	for _, block := range c.Blocks() {
		server := c.Start()
		config := Encode(Whole(c.schema.Provider, block))
		resp, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: config})
		must(err)
		if len(resp.Diagnostics) > 0 {
			c.Fatalf("the provider block: %s", resp.Diagnostics[0].Detail)
		}
		servers = append(servers, server)
	}
	return servers
}

func (c *Core) read(ctx context.Context, server tfprotov6.ProviderServer, at string, i *instance, into *Result) *instance {
	if i == nil {
		return nil
	}
	resp, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: c.TypeName, CurrentState: i.value, Private: i.private, CurrentIdentity: i.identity,
	})
	must(err)
	into.add(at, resp.Diagnostics)
	if decode(resp.NewState) == nil {
		return nil
	}
	return &instance{value: resp.NewState, private: resp.Private, identity: resp.NewIdentity, tainted: i.tainted}
}

// Import imports an object as the resource at an address of a provider block.
func (c *Core) Import(at, id string, provider int) (res Result) {
	ctx := context.Background()
	server := c.startAll(ctx)[provider]
	resp, err := server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: c.TypeName, ID: id})
	must(err)
	res.add(at, resp.Diagnostics)
	if res.Failed {
		return res
	}
	if len(resp.ImportedResources) != 1 {
		c.Fatalf("an import gives %d resources", len(resp.ImportedResources))
	}
	got := resp.ImportedResources[0]
	i := c.read(ctx, server, at, &instance{value: got.State, private: got.Private, identity: got.Identity}, &res)
	if !res.Failed && i != nil {
		c.set(at, resource{current: i})
	}
	return res
}

// set has the state have a resource, or none where that is empty.
func (c *Core) set(at string, r resource) {
	c.state[at] = r
	if r == (resource{}) {
		delete(c.state, at)
	}
}

// Taint taints an instance, or untaints it.
func (c *Core) Taint(at string, tainted bool) { c.state[at].current.tainted = tainted }

// Remove is `terraform state rm`.
func (c *Core) Remove(at string) { delete(c.state, at) }

// Instances returns the state, ordered by address.
func (c *Core) Instances() []Object { return instances(c.state) }

func instances(state map[string]resource) (all []Object) {
	for _, at := range slices.Sorted(maps.Keys(state)) {
		for _, i := range []*instance{state[at].current, state[at].deposed} {
			if i != nil {
				all = append(all, Object{At: at, Attributes: decode(i.value), Tainted: i.tainted, Deposed: i == state[at].deposed})
			}
		}
	}
	return all
}
