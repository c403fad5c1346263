package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// BenchmarkList100k compares what a list of 100,000 commands costs the client
// and the data source, as processor time of the whole process (cpu-ms/op).
func BenchmarkList100k(b *testing.B) {
	const n = 100_000
	url := benchtest.Pages(b, n)
	run := func(name string, list func(*testing.B)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			start := benchtest.CPU(b)
			for b.Loop() {
				list(b)
			}
			b.ReportMetric(float64((benchtest.CPU(b)-start).Milliseconds())/float64(b.N), "cpu-ms/op")
		})
	}
	run("fetch", func(b *testing.B) {
		if pages := benchtest.Fetch(b, url); pages != n/1000 {
			b.Fatalf("%d pages", pages)
		}
	})
	client, err := twilio.New(twilio.Config{SuperSIMURL: url, Config: rest.Config{Credentials: rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken}}})
	if err != nil {
		b.Fatal(err)
	}
	run("client", func(b *testing.B) {
		count := 0
		for _, err := range client.ListIPCommands(b.Context(), twilio.IPCommandFilter{}, twilio.ListOptions{}) {
			if err != nil {
				b.Fatal(err)
			}
			count++
		}
		if count != n {
			b.Fatalf("%d commands", count)
		}
	})
	const name = "twilio_ip_commands"
	server := newProtocolServer(b, url)
	config := server.block(b, server.schema.DataSourceSchemas[name], nil)
	run("data source", func(b *testing.B) {
		resp, err := server.ReadDataSource(b.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: config})
		if err != nil || len(resp.Diagnostics) > 0 {
			b.Fatal(err, resp.Diagnostics)
		}
		// The answer is one MessagePack value; its size stands for its
		// content, which the acceptance tests check.
		if len(resp.State.MsgPack) < n*400 {
			b.Fatalf("an answer of %d bytes", len(resp.State.MsgPack))
		}
	})
}
