package twilio

import (
	"net/http"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/openapitest"
)

// TestContract holds every kind of request that the client makes, and the
// responses to it, to the published API descriptions.
func TestContract(t *testing.T) {
	t.Parallel()
	contract := openapitest.Load(t)
	w := newWorld(t, func(c *worldConfig) {
		c.wrap = func(next http.RoundTripper) http.RoundTripper { return contract.Transport(t, next) }
	})
	w.sim.AddCommand(twiliosim.Command{SimUniqueName: "tracker"})
	w.sim.AddSIM(twiliosim.SIM{Fleet: "valves"})
	w.sim.ReceiveFromSIM(w.card.SID, 5683, []byte("OPEN-VALVE\xff"))

	text := w.message()
	binary := MessageParams{
		SIM: w.card.UniqueName, Payload: binaryPayload, PayloadType: PayloadBinary, DevicePort: 65535,
		CallbackURL: "https://example.com/sent?a=b", CallbackMethod: http.MethodPost,
	}
	get := text
	get.CallbackURL, get.CallbackMethod = "http://example.com/", http.MethodGet
	for _, p := range []MessageParams{text, binary, get} {
		sent, err := w.client.send(t.Context(), p, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.client.waitUntilSent(t.Context(), sent, w.clock.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
	}

	w.onPost(twiliosim.LostResponse(1))
	if sent, err := w.send(); endingOf(t, sent, err) != isAdopted {
		t.Error(err)
	}

	var filters []any
	for _, status := range []string{"", StatusQueued, StatusSent, StatusReceived, StatusFailed} {
		for _, direction := range []string{"", DirectionToSIM, DirectionFromSIM} {
			filters = append(filters, IPCommandFilter{SIM: w.card.SID, SIMICCID: w.card.ICCID, Status: status, Direction: direction})
		}
		for _, transport := range []string{"", TransportSMS, TransportIP} {
			filters = append(filters, CommandFilter{SIM: "tracker", Status: status, Direction: DirectionToSIM, Transport: transport})
		}
	}
	filters = append(filters, CommandFilter{Status: StatusDelivered}, CommandFilter{}, SIMFilter{}, SIMFilter{Fleet: "valves", Status: "active", ICCID: w.card.ICCID})
	for _, filter := range filters {
		if _, err := w.rows(filter); err != nil {
			t.Errorf("%+v: %v", filter, err)
		}
	}
	// All but the lost response.
	if n, want := contract.Validated(), w.posts()+w.gets()-1; n != want || n < 40 {
		t.Errorf("%d responses were validated of %d", n, want)
	}
}
