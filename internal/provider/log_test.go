package provider

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccLog_tellsTheStory reads the debug log of a send that was refused
// once and whose answer was lost then: attempts, waits, decisions and SIDs are
// there, the payload and the secret are not.
func TestAccLog_tellsTheStory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	refused := twiliosim.TooManyRequests("0", 1).On("POST", "/")
	refused.Header["Date"] = nil // The clock that it would tell stands still, and the provider's does not.
	w.Inject(refused)
	w.Inject(twiliosim.LostAnswer(1).On("POST", "/"))
	c := w.newCLI(t)
	c.useBinary(t)
	log := filepath.Join(t.TempDir(), "log")
	c.env = append(c.env, "TF_LOG=DEBUG", "TF_LOG_PATH="+log)
	const payload = "open-sesame"
	c.write(w.provider() + strings.Replace(valve(""), `"open"`, quoted(payload), 1))
	c.succeeds(c.apply())
	content, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	story := string(content)
	at := 0
	for _, line := range []string{
		"status=429", "repeat_after=", "attempt=2", "The outcome of an IP Command's POST is unknown",
		"Looked for the IP Command", "adopted=true", w.IPCommands()[0].SID, "IP Command is no longer queued",
	} {
		i := strings.Index(story[at:], line)
		if i < 0 {
			t.Fatalf("the log does not go on with %q:\n%s", line, story[at:])
		}
		// The fields of a line have no order.
		at += strings.LastIndex(story[at:at+i], "\n") + 1
	}
	basic := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(twiliosim.DefaultAccountSID+":"+twiliosim.DefaultAuthToken))}}
	for _, secret := range []string{payload, base64.StdEncoding.EncodeToString([]byte(payload)), twiliosim.DefaultAuthToken, basic.Get("Authorization")} {
		if strings.Contains(story, secret) {
			t.Errorf("the log tells %q", secret)
		}
	}
}
