package openapitest_test

import (
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/openapitest"
)

const (
	bearer    = "Bearer x"
	lists     = "/v1/Commands"
	token     = "/api-services/v1/auth/token"
	tokenForm = "grant_type=client_credentials&client_id=i&client_secret=s"
	issued    = `{"access_token":"a","expires_in":3600,"token_type":"Bearer","scope":"email"}`
	refusal   = `{"code":20403,"message":"Forbidden","more_info":"x","status":403}`
)

// koreCases are exchanges with KORE.
var koreCases = map[string]exchange{
	"right":                {target: posts, body: form, user: bearer, status: 201, response: good},
	"Basic":                {target: posts, body: form, status: 401, want: "no bearer token"},
	"no credentials":       {target: posts, body: form, user: "-", status: 401, want: "no bearer token"},
	"empty token":          {target: posts, body: form, user: "Bearer ", status: 401, want: "no bearer token"},
	"no credentials, list": {target: lists, user: "-", status: 403, response: refusal, want: "no bearer token"},
	"Basic, list":          {target: lists, status: 403, response: refusal, want: "no bearer token"},
	"query out of range":   {target: posts + "?PageSize=101", user: bearer, status: 400, want: "number must be at most 100"},
	"nulls": {
		target: posts, body: form, user: bearer, status: 201,
		response: strings.NewReplacer(`100`, "null", `"queued"`, "null", `"to_sim"`, "null", `"text"`, "null").Replace(good),
	},
	"SIMs":                {target: "/v1/Sims?Fleet=f", user: bearer, status: 200, response: strings.Replace(sims, `"active"`, "null", 1)},
	"error not described": {target: posts, user: bearer, status: 403, response: "<p>", responseType: "text/html"},
	"error right":         {target: lists, user: bearer, status: 403, response: refusal},
	"error without code": {
		target: lists, user: bearer, status: 403, response: strings.Replace(refusal, `"code":20403,`, "", 1),
		want: `property "code" is missing`,
	},
	"error in HTML": {target: lists, user: bearer, status: 503, response: "<p>", responseType: "text/html", want: "text/html"},
	"error other":   {target: lists, user: bearer, status: 502, response: "<p>", responseType: "text/html"},

	"token":                {target: token, body: tokenForm, user: "-", status: 200, response: issued},
	"token, real lifetime": {target: token, body: tokenForm, user: "-", status: 200, response: strings.Replace(issued, "3600", "3600.5", 1)},
	"token, no lifetime": {
		target: token, body: tokenForm, user: "-", status: 200, response: strings.Replace(issued, `"expires_in":3600,`, "", 1),
		want: `property "expires_in" is missing`,
	},
	"token, lifetime a text": {
		target: token, body: tokenForm, user: "-", status: 200, response: strings.Replace(issued, "3600", `"3600"`, 1),
		want: "must be a number",
	},
	"token, field missing": {
		target: token, body: "grant_type=client_credentials&client_id=i", user: "-", status: 401,
		response: `{"error":"invalid_client","error_description":"x"}`, want: `property "client_secret" is missing`,
	},
	"token, field unknown": {
		target: token, body: tokenForm + "&scope=x", user: "-", status: 200, response: issued,
		want: "form field scope is not described",
	},
	"token, JSON": {
		target: token, body: "{}", contentType: "application/json", user: "-", status: 400,
		response: `{"code":400,"message":"x"}`, want: "application/json",
	},
	"token, 401 in the form of a 400": {
		target: token, body: tokenForm, user: "-", status: 401, response: `{"code":400,"message":"x"}`,
		want: `property "error" is missing`,
	},
	"token, 400 in the form of a 401": {
		target: token, body: tokenForm, user: "-", status: 400,
		response: `{"error":"invalid_client","error_description":"x"}`, want: `property "code" is missing`,
	},
	"token elsewhere": {target: "/v1/auth/token", body: tokenForm, user: "-", status: 404, want: "a request that is not described"},
}

func TestKOREMismatches(t *testing.T) {
	t.Parallel()
	testMismatches(t, openapitest.LoadKORE(t), koreCases)
}

// What one platform describes is not taken for the other's.
func TestPlatformsAreApart(t *testing.T) {
	t.Parallel()
	testMismatches(t, openapitest.Load(t), map[string]exchange{
		"token":  {target: token, body: tokenForm, user: "-", status: 404, want: "a request that is not described"},
		"bearer": {target: posts, user: bearer, status: 401, want: "no HTTP Basic credentials"},
	})
}
