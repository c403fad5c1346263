package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// invocations are the actions under way.
//
// When the CLI asks the provider to stop, terraform-plugin-go drops whatever
// an action has yet to say, its diagnostics included: an interrupted action
// would end as a success, whatever became of its message. So an action does
// not run under the context that ends then, but under one of ours, and the
// request to stop is not passed on until each action has said how it ended.
type invocations struct {
	mu sync.Mutex
	// running has, for each action, what is closed when it ends, and what
	// cancels it.
	running map[chan struct{}]context.CancelFunc
}

// begin returns the context of an action, and what is to be called at its end.
func (i *invocations) begin(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.running == nil {
		i.running = make(map[chan struct{}]context.CancelFunc)
	}
	i.running[ended] = cancel
	return ctx, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.running, ended)
		cancel()
		close(ended)
	}
}

// cancel cancels the actions under way and returns their ends.
func (i *invocations) cancel() (ends []<-chan struct{}) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for ended, cancel := range i.running {
		cancel()
		ends = append(ends, ended)
	}
	return ends
}

// StopProvider cancels the actions under way and waits for their ends.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	for _, ended := range s.invocations.cancel() {
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
	return s.ProviderServer.StopProvider(ctx, req)
}

// interruptible runs an action so that it can be stopped and still says how it ended.
func (s *server) interruptible(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	ctx, end := s.invocations.begin(ctx)
	stream, err := s.ProviderServer.InvokeAction(ctx, req)
	if err != nil {
		end()
		return stream, err
	}
	events := stream.Events
	stream.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		defer end()
		events(func(e tfprotov6.InvokeActionEvent) bool {
			// A CLI that is being interrupted takes the end of an action, but
			// not its progress: Terraform 1.15 crashes on that.
			if _, progress := e.Type.(tfprotov6.ProgressInvokeActionEventType); progress && ctx.Err() != nil {
				return true
			}
			return push(e)
		})
	}
	return stream, nil
}
