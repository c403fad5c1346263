package provider

import (
	"strings"
	"testing"
)

// TestSameJSON_numbers compares numbers by value, exactly.
func TestSameJSON_numbers(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("7", 1000)
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"20.0", "20", true},
		{"0.10", "0.1", true},
		{"1e2", "100", true},
		{"1E+2", "1e2", true},
		{"1e-7", "0.0000001", true},
		{"-0", "0", true},
		{"-0.0", "0e5", true},
		{"-1", "1", false},
		{"1e2", "1000", false},
		{"0.1", "0.10000000000000000000000000000001", false},
		{"12345678901234567890", "12345678901234567891", false},
		{"12345678901234567890.0", "12345678901234567890", true},
		{long, long + ".0", true},
		{long, long[1:] + "8", false},
		{"1e1000", "10e999", true},
		{"1e00000000000000000001", "10", true},
		// Beyond the bound only the text counts.
		{"1e1001", "1e1001", true},
		{"1e1001", "10e1000", false},
		{"1e-1001", "10e-1002", false},
		{"1e999999999", "1e999999999", true},
		{"1e999999999", "1e999999998", false},
		{"1e-999999999", "0", false},
		{"1e9223372036854775808", "0", false},
		{"1e-9223372036854775808", "0", false},
	} {
		if got := sameJSON(row.a, row.b); got != row.want {
			t.Errorf("%.60s and %.60s: %t", row.a, row.b, got)
		}
		if got := sameJSON(`{"v":[`+row.b+`]}`, ` { "v" : [ `+row.a+` ] } `); got != row.want {
			t.Errorf("within an object, %.60s and %.60s: %t", row.a, row.b, got)
		}
	}
}

// TestSameJSON_texts compares all else.
func TestSameJSON_texts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{`{"b":{"d":1,"c":2},"a":[]}`, "\n{ \"a\" : [ ],\t\"b\":{\"c\":2,\"d\":1}}\r\n", true},
		{`"\u00e9\/\u003c\ud83d\udca7"`, `"é/<💧"`, true},
		{`{"\u0061":1}`, `{"a":1}`, true},
		{`"a"`, `"A"`, false},
		{`"1"`, `1`, false},
		{`"true"`, `true`, false},
		{`true`, `false`, false},
		{`null`, `{}`, false},
		{`{}`, `[]`, false},
		{`[]`, `[null]`, false},
		{`[1,2]`, `[1]`, false},
		{`[1]`, `[1,2]`, false},
		{`[[1],2]`, `[[1,2]]`, false},
		{`{"a":1,"b":2}`, `{"a":2,"b":1}`, false},
		{`{"a":1}`, `{"b":1}`, false},
		{`{"a":1,"a":1}`, `{"a":1,"a":1}`, false},
		{`{"a":{"b":1,"b":2}}`, `{"a":{"b":2}}`, false},
		{`1 2`, `1 2`, false},
		{`1`, `1 2`, false},
		{`1,`, `1`, false},
		{`[1,]`, `[1]`, false},
		{`01`, `1`, false},
		{`+1`, `1`, false},
		{`.5`, `0.5`, false},
		{`NaN`, `NaN`, false},
		{`0x10`, `16`, false},
		{"\"\xff\"", "\"\xff\"", false},
		{`"\ud800"`, `"\ud800"`, false},
		{strings.Repeat("[", 100_000), strings.Repeat("[", 100_000), false},
		{` `, ``, false},
	} {
		if got := sameJSON(row.a, row.b); got != row.want {
			t.Errorf("%.60s and %.60s: %t", row.a, row.b, got)
		}
		if got := sameJSON(row.b, row.a); got != row.want {
			t.Errorf("the other way round, %.60s and %.60s: %t", row.b, row.a, got)
		}
	}
}
