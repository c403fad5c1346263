package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// invocations are the actions under way.
//
// When the CLI asks the provider to stop, terraform-plugin-go drops
// everything that an action reports from then on, its diagnostics included: an
// interrupted action would look like a success, whatever became of its
// message. So the request to stop cancels the actions, and is passed on only
// after every action has reported its end.
type invocations struct {
	mu sync.Mutex
	// running maps the channel that is closed at the end of an action to what
	// cancels the action.
	running map[chan struct{}]context.CancelFunc
}

// begin returns the context of an action and the function to call at its end.
func (i *invocations) begin(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
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

// interruptible runs an action that can be stopped and still reports its end.
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
			// An interrupted CLI accepts the end of an action but not its
			// progress: Terraform 1.15 crashes on that.
			if _, progress := e.Type.(tfprotov6.ProgressInvokeActionEventType); progress && ctx.Err() != nil {
				return true
			}
			return push(e)
		})
	}
	return stream, nil
}
