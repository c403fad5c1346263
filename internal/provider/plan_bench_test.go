package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// BenchmarkPlan is what the provider does for one settled message in a plan:
// validation, the refresh that asks nobody, and the plan without a change.
func BenchmarkPlan(b *testing.B) {
	const name = "twilio_ip_command"
	s := newProtocolServer(b, "http://127.0.0.1:1")
	schema := s.schema.ResourceSchemas[name]
	message := map[string]any{"sim": "valve", "payload": "open", "device_port": 5683, "wait_for_sent": false}
	config := s.block(b, schema, message)
	for attribute, value := range map[string]any{
		"payload_type": "text", "sid": "HG0123456789abcdef0123456789abcdef", "status": "sent", "direction": "to_sim",
		"device_ip": "100.64.0.2", "date_created": "2026-03-01T12:00:00Z", "date_updated": "2026-03-01T12:00:01Z",
	} {
		message[attribute] = value
	}
	state := s.block(b, schema, message)
	b.ReportAllocs()
	for b.Loop() {
		if resp, err := s.ValidateResourceConfig(b.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: config}); err != nil || len(resp.Diagnostics) > 0 {
			b.Fatal(resp, err)
		}
		read, err := s.ReadResource(b.Context(), &tfprotov6.ReadResourceRequest{TypeName: name, CurrentState: state})
		if err != nil || len(read.Diagnostics) > 0 {
			b.Fatal(read, err)
		}
		plan, err := s.PlanResourceChange(b.Context(), &tfprotov6.PlanResourceChangeRequest{TypeName: name, PriorState: read.NewState, ProposedNewState: state, Config: config})
		if err != nil || len(plan.Diagnostics) > 0 || len(plan.RequiresReplace) > 0 {
			b.Fatal(plan, err)
		}
	}
}
