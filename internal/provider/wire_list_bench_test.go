package provider

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// BenchmarkMapping maps a page of 1,000 commands to models, without and with
// their way into an answer.
func BenchmarkMapping(b *testing.B) {
	var page struct {
		IPCommands []twilio.IPCommand `json:"ip_commands"`
	}
	if err := json.Unmarshal(benchtest.Page(1000), &page); err != nil {
		b.Fatal(err)
	}
	b.Run("model", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, c := range page.IPCommands {
				if m := ipCommandFromAPI(c); m.SID.IsNull() {
					b.Fatal("no SID")
				}
			}
		}
	})
	b.Run("answer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			list := &wireList{limit: maxAnswer}
			if err := list.begin(tftypes.Object{}, "ip_commands"); err != nil {
				b.Fatal(err)
			}
			rows := newWireRows[ipCommandModel](list)
			for _, c := range page.IPCommands {
				if err := rows.add(ipCommandFromAPI(c)); err != nil {
					b.Fatal(err)
				}
			}
			list.end()
			b.SetBytes(int64(list.text.size))
		}
	})
}
