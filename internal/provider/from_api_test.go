package provider

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// TestFromAPI maps what the API gives to what Terraform has: what it leaves out is
// null, and a value that it does not have yet is passed through.
// (TestAccLists_fields has every field.)
func TestFromAPI(t *testing.T) {
	t.Parallel()
	str := types.StringValue
	for body, row := range map[string]struct {
		ipCommand ipCommandModel
		command   commandModel
		sim       superSIMModel
	}{
		`{"sid":"X1"}`: {
			ipCommandModel{ipCommandFacts: ipCommandFacts{SID: str("X1")}}, commandModel{SID: str("X1")}, superSIMModel{SID: str("X1")},
		},
		`{"sid":"X1","status":null,"device_port":null,"payload":null,"command":null,"unique_name":null,"date_created":null}`: {
			ipCommandModel{ipCommandFacts: ipCommandFacts{SID: str("X1")}}, commandModel{SID: str("X1")}, superSIMModel{SID: str("X1")},
		},
		`{"sid":"X1","status":"new","date_created":"today","date_updated":"Thu, 30 Jul 2015 20:00:01 +0000","more":{"a":1}}`: {
			ipCommandModel{ipCommandFacts: ipCommandFacts{
				SID: str("X1"), Status: str("new"), DateCreated: str("today"), DateUpdated: str("2015-07-30T20:00:01Z"),
			}},
			commandModel{SID: str("X1"), Status: str("new"), DateCreated: str("today"), DateUpdated: str("2015-07-30T20:00:01Z")},
			superSIMModel{SID: str("X1"), Status: str("new"), DateCreated: str("today"), DateUpdated: str("2015-07-30T20:00:01Z")},
		},
	} {
		var ipCommand twilio.IPCommand
		var command twilio.Command
		var sim twilio.SIM
		for _, into := range []any{&ipCommand, &command, &sim} {
			if err := json.Unmarshal([]byte(body), into); err != nil {
				t.Fatal(err)
			}
		}
		if got := ipCommandFromAPI(ipCommand); got != row.ipCommand {
			t.Errorf("%s gives %v, want %v", body, got, row.ipCommand)
		}
		if got := commandFromAPI(command); got != row.command {
			t.Errorf("%s gives %v, want %v", body, got, row.command)
		}
		if got := superSIMFromAPI(sim); got != row.sim {
			t.Errorf("%s gives %v, want %v", body, got, row.sim)
		}
	}
}
