package provider

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

func TestCommandFromAPI(t *testing.T) {
	t.Parallel()
	var c twilio.Command
	body := `{"sid":"DC1","account_sid":"AC1","sim_sid":"DE1","command":"hi","command_mode":"text","transport":"sms","delivery_receipt_requested":true,
		"status":"delivered","direction":"to_sim","date_created":"2015-07-30T20:00:00Z","date_updated":null,"url":"https://x"}`
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		t.Fatal(err)
	}
	want := commandModel{
		SID: types.StringValue("DC1"), AccountSID: types.StringValue("AC1"), SIMSID: types.StringValue("DE1"), Command: types.StringValue("hi"),
		CommandMode: types.StringValue("text"), Transport: types.StringValue("sms"), DeliveryReceiptRequested: types.BoolValue(true),
		Status: types.StringValue("delivered"), Direction: types.StringValue("to_sim"),
		DateCreated: types.StringValue("2015-07-30T20:00:00Z"), DateUpdated: types.StringNull(), URL: types.StringValue("https://x"),
	}
	if got := commandFromAPI(c); got != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := commandFromAPI(twilio.Command{SID: "DC1"}); got != (commandModel{SID: types.StringValue("DC1")}) {
		t.Errorf("nulls give %v", got)
	}
}
