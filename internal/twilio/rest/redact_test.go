package rest

import "testing"

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, secret, want string }{
		{"the token s3cr3t/token is wrong", "s3cr3t/token", "the token [redacted] is wrong"},
		{"Payload=s3cr3t%2Ftoken+x", "s3cr3t/token", "[redacted]"},
		{"a payload of two lines", "two\nlines", "a payload of [redacted]"},
		{"the payload on is too short; only one", "on", "the payload [redacted] is too short; only one"},
		{"nothing", "", "nothing"},
		{"xabcdefx, which is long", "abcdef", "x[redacted]x, which is long"},
		{"xabcdex, which is short", "abcde", "xabcdex, which is short"},
		{`unexpected response "\x01secret"`, "\x01secret", "[redacted]"},
		{"x", "x", "[redacted]"},
		// What is escaped in any way hides the whole text.
		{`{"sent":"{\"key\":\"value\"}"}`, `{"key":"value"}`, "[redacted]"},
		{`unexpected response "{\\\"key\\\":\\\"value\\\"}"`, `{"key":"value"}`, "[redacted]"},
		{"/v1?Payload=two%20words", "two words", "[redacted]"},
		{`{"sent":"https:\/\/hooks.example.com"}`, "https://hooks.example.com", `{"sent":"https:\/\[redacted]"}`},
		{`{"sent":"\u00f6ffne"}`, "öffne", "[redacted]"},
		{`{"sent":"\ud83d\udd13 open"}`, "🔓 open", "[redacted]"},
		{"Payload=%c3%b6ffne", "öffne", "[redacted]"},
		{"Payload=%25C3%25B6ffne", "öffne", "[redacted]"},
		{"you sent &quot;open&quot; &amp; more", `"open" & more`, "[redacted]"},
		{`sent "two\nlines"`, "two\nlines", "[redacted]"},
		{`Payload=%6fn`, "on", "[redacted]"},
		{"100%25 wrong", "50%25", "100%25 wrong"},
		{`C:\\valve\\open`, `C:\valve\open`, "[redacted]"},
		{"%41%42%43 %41%42%43", "%41%42%43 %41", "[redacted]"},
		{"%25252525252525252525252525252525252520", "open", "[redacted]"}, // Deeper than anybody writes.
		// A run of a secret, wherever it is cut, in whatever letter case.
		{"cannot send OPEN THE MAIN", "open the main valve", "cannot send [redacted]"},
		{"…main valve is no payload", "open the main valve", "…[redacted] is no payload"},
		{"the main one", "open the main valve", "[redacted]one"},
		{"the maid", "open the main valve", "the maid"},
		{"ÖFFNE DAS VENTIL", "öffne das ventil", "[redacted]"},
		{"Payload=two%0D%0Alines", "two\nlines", "[redacted]"},
		{"two\r\n  lines", "two\nlines", "[redacted]"},
		{"Basic QUM6b3Blbi1zZXNhbWUt", "AC:open-sesame-street", "Basic [redacted]"},
		{"b3Blbi1zZXNhbWUt", "open-sesame-street", "[redacted]"},
		{"6f70656e2d736573616d652d", "open-sesame-street", "[redacted]"},
		{"6F 70 65 6E 2D 73 65 73 61", "open-sesame-street", "[redacted]"},
		{"0x6f,0x70,0x65,0x6e,0x2d,0x73,0x65,0x73", "open-sesame-street", "[redacted]"},
		{"b3Blbi1z\nZXNhbWUt", "open-sesame-street", "[redacted]"},
		{"YmMtb3Bl bi1zZXNh", "open-sesame-street", "[redacted]"},
		{"no: fu\u0308r Su\u0308d", "f\u00fcr S\u00fcd", "[redacted]"}, // In another Unicode normalisation.
		// Words that a wrapper repeats on.
		{"upstream: read: connection reset by peer", "", "upstream: the other side broke the connection off"},
		{"Too Many Requests", "", "over the limit"},
	} {
		if got := Clean(test.text, []string{test.secret}); got != test.want {
			t.Errorf("Clean(%q, %q) = %q, want %q", test.text, test.secret, got, test.want)
		}
	}
}
