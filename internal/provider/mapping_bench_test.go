package provider

import (
	"encoding/json"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// BenchmarkMapping maps a page of 1,000 commands to models.
func BenchmarkMapping(b *testing.B) {
	var page struct {
		IPCommands []twilio.IPCommand `json:"ip_commands"`
	}
	if err := json.Unmarshal(benchtest.Page(1000), &page); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, c := range page.IPCommands {
			if m := ipCommandFromAPI(c); m.SID.IsNull() {
				b.Fatal("no SID")
			}
		}
	}
}
