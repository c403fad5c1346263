package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// invocations are the actions under way.
//
// When the CLI asks the provider to stop, terraform-plugin-go drops whatever
// an action has yet to tell, its diagnostics included: an interrupted action
// would end as a success, whatever became of its message. So an action does
// not run under the context that ends then, but under one of ours, and the
// request to stop is not passed on until each has told its end.
type invocations struct {
	mu      sync.Mutex
	running map[*actionRun]bool
}

// actionRun is one of them.
type actionRun struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

func (i *invocations) begin(ctx context.Context) (context.Context, *actionRun) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	one := &actionRun{cancel: cancel, ended: make(chan struct{})}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.running == nil {
		i.running = make(map[*actionRun]bool)
	}
	i.running[one] = true
	return ctx, one
}

func (i *invocations) end(one *actionRun) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.running, one)
	one.cancel()
	close(one.ended)
}

// cancel cancels the actions under way and returns their ends.
func (i *invocations) cancel() (ends []<-chan struct{}) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for one := range i.running {
		one.cancel()
		ends = append(ends, one.ended)
	}
	return ends
}

// stop cancels the actions under way and waits for their ends, or for ctx.
func (i *invocations) stop(ctx context.Context) {
	for _, end := range i.cancel() {
		select {
		case <-end:
		case <-ctx.Done():
			return
		}
	}
}

// interruptible runs an action so that it can be stopped and still says how it ended.
func (s *server) interruptible(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	ctx, one := s.invocations.begin(ctx)
	stream, err := s.ProviderServer.InvokeAction(ctx, req)
	if err != nil {
		s.invocations.end(one)
		return stream, err
	}
	events := stream.Events
	stream.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		defer s.invocations.end(one)
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

func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.invocations.stop(ctx)
	return s.ProviderServer.StopProvider(ctx, req)
}
