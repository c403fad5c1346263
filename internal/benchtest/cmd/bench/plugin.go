package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
)

// pluginProcess is a provider that was started as the CLI starts it.
type pluginProcess struct {
	client *plugin.Client
	cmd    *exec.Cmd
	conn   *grpc.ClientConn
}

// startPlugin starts a provider and connects to it.
func startPlugin(binary string, env []string) (*pluginProcess, error) {
	p := &pluginProcess{cmd: exec.Command(binary)} //nolint:noctx // The plugin library stops it.
	p.cmd.Env = env
	p.client = plugin.NewClient(&plugin.ClientConfig{
		Cmd: p.cmd,
		// As terraform-plugin-go expects it of a CLI.
		HandshakeConfig: plugin.HandshakeConfig{
			MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
			MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		},
		VersionedPlugins: map[int]plugin.PluginSet{6: {"provider": connection{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		Logger:           hclog.NewNullLogger(),
		SyncStdout:       io.Discard,
		SyncStderr:       io.Discard,
	})
	err := p.connect()
	if err != nil {
		p.client.Kill()
	}
	return p, err
}

func (p *pluginProcess) connect() error {
	protocol, err := p.client.Client()
	if err != nil {
		return err
	}
	raw, err := protocol.Dispense("provider")
	if err != nil {
		return err
	}
	conn, ok := raw.(*grpc.ClientConn)
	if !ok {
		return fmt.Errorf("the plugin is a %T", raw)
	}
	p.conn = conn
	return nil
}

// stop ends the plugin and returns the processor time that its process has
// used, in seconds.
func (p *pluginProcess) stop() float64 {
	p.client.Kill()
	state := p.cmd.ProcessState
	if state == nil {
		return 0
	}
	return (state.UserTime() + state.SystemTime()).Seconds()
}

// connection is a plugin of which only the connection is wanted.
type connection struct{ plugin.NetRPCUnsupportedPlugin }

var _ plugin.GRPCPlugin = connection{}

func (connection) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("this is not a plugin")
}

func (connection) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

// rawCodec leaves messages as they are: the generated types of the plugin
// protocol are not for use outside of terraform-plugin-go.
type rawCodec struct{}

func (rawCodec) Marshal(v any) ([]byte, error) {
	message, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("no message: %T", v)
	}
	return message, nil
}

func (rawCodec) Unmarshal(data []byte, v any) error {
	into, ok := v.(*[]byte)
	if !ok {
		return fmt.Errorf("no place for a message: %T", v)
	}
	*into = append((*into)[:0], data...)
	return nil
}

func (rawCodec) Name() string { return "proto" }

// call calls a method of the provider.
func (p *pluginProcess) call(ctx context.Context, method string, request []byte) (answer []byte, err error) {
	err = p.conn.Invoke(ctx, "/tfplugin6.Provider/"+method, request, &answer, grpc.ForceCodec(rawCodec{}))
	return answer, err
}

// sampleSchema returns how long it takes, in seconds, to start a provider and
// get its schema.
func sampleSchema(ctx context.Context, binary, home string) (float64, error) {
	start := time.Now()
	p, err := startPlugin(binary, plainEnvironment(home))
	if err != nil {
		return 0, err
	}
	defer p.stop()
	answer, err := p.call(ctx, "GetProviderSchema", nil)
	took := time.Since(start).Seconds()
	if err == nil && len(answer) == 0 {
		err = errors.New("the schema is empty")
	}
	return took, err
}

// samplePluginCPU returns the processor time of a provider's whole life in
// which it reads the data source once.
func (b *bench) samplePluginCPU(ctx context.Context, server *providerServer, url string) (float64, error) {
	p, err := startPlugin(b.provider, append(plainEnvironment(b.dir), credentials(url)...))
	if err != nil {
		return 0, err
	}
	defer p.client.Kill()
	for _, call := range []struct {
		method string
		fields [][]byte // from 1 on; a DynamicValue's one field is 1
		schema *tfprotov6.Schema
		least  int
	}{
		{"GetProviderSchema", nil, nil, 1},
		{"ConfigureProvider", [][]byte{[]byte("1.0.0")}, server.schema.Provider, 0},
		{"ReadDataSource", [][]byte{[]byte(listDataSource)}, server.schema.DataSourceSchemas[listDataSource], listSize * 300},
	} {
		fields := call.fields
		if call.schema != nil {
			config, err := benchtest.Block(call.schema, nil)
			if err != nil {
				return 0, err
			}
			fields = append(fields, message(config.MsgPack))
		}
		answer, err := p.call(ctx, call.method, message(fields...))
		if err != nil {
			return 0, err
		}
		if len(answer) < call.least {
			return 0, fmt.Errorf("%s: %s", call.method, answer)
		}
	}
	return p.stop(), nil
}

// message encodes a protocol buffers message whose fields, from 1 on, are
// strings, bytes or messages.
func message(fields ...[]byte) []byte {
	var m []byte
	for i, f := range fields {
		m = protowire.AppendTag(m, protowire.Number(i+1), protowire.BytesType)
		m = protowire.AppendBytes(m, f)
	}
	return m
}

// size returns the size of a file, in bytes.
func size(path string) (float64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}
