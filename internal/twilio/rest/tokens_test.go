package rest

import "testing"

// TestTokens_endpoint asks where it was told to, to the letter.
func TestTokens_endpoint(t *testing.T) {
	t.Parallel()
	const endpoint = "https://example.com/a%2Fb/token/"
	tokens, err := newTokens(&Client{}, OAuth{TokenURL: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	if got := (&Request{Base: tokens.endpoint}).url(); got != endpoint {
		t.Errorf("%q", got)
	}
}
