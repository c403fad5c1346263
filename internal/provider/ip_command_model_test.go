package provider

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

func TestIPCommandFromAPI(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		body string
		want ipCommandModel
	}{
		"all fields": {
			body: `{"sid":"HG1","account_sid":"AC1","sim_sid":"HS1","sim_iccid":"8988","status":"sent","direction":"to_sim","device_ip":"100.64.0.1",
				"device_port":5683,"payload_type":"text","payload":"","date_created":"2015-07-30T20:00:00Z","date_updated":"Thu, 30 Jul 2015 20:00:01 +0000","url":"https://x"}`,
			want: ipCommandModel{
				ipCommandFacts: ipCommandFacts{
					SID: types.StringValue("HG1"), AccountSID: types.StringValue("AC1"), SIMSID: types.StringValue("HS1"), SIMICCID: types.StringValue("8988"),
					Status: types.StringValue("sent"), Direction: types.StringValue("to_sim"), DeviceIP: types.StringValue("100.64.0.1"),
					DateCreated: types.StringValue("2015-07-30T20:00:00Z"), DateUpdated: types.StringValue("2015-07-30T20:00:01Z"), URL: types.StringValue("https://x"),
				},
				DevicePort: types.Int64Value(5683), PayloadType: types.StringValue("text"), Payload: types.StringValue(""),
			},
		},
		"nulls": {
			body: `{"sid":"HG1","account_sid":null,"sim_sid":null,"sim_iccid":null,"status":null,"direction":null,"device_ip":null,
				"device_port":null,"payload_type":null,"payload":null,"date_created":null,"date_updated":null,"url":null}`,
			want: ipCommandModel{ipCommandFacts: ipCommandFacts{SID: types.StringValue("HG1")}},
		},
		"values that the API does not have yet": {
			body: `{"sid":"HG1","status":"expired","direction":"sideways","payload_type":"hex","date_created":"today","more":{"a":1}}`,
			want: ipCommandModel{
				ipCommandFacts: ipCommandFacts{SID: types.StringValue("HG1"), Status: types.StringValue("expired"), Direction: types.StringValue("sideways"), DateCreated: types.StringValue("today")},
				PayloadType:    types.StringValue("hex"),
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c twilio.IPCommand
			if err := json.Unmarshal([]byte(row.body), &c); err != nil {
				t.Fatal(err)
			}
			if got := ipCommandFromAPI(c); got != row.want {
				t.Errorf("got  %v\nwant %v", got, row.want)
			}
		})
	}
}
