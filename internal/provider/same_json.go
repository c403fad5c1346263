package provider

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// sameJSON reports whether two texts are the same JSON, however they are written:
// configuration that Terraform generates has JSON in its own form. Only texts
// without a doubt are the same, so none with a name twice, or with more behind.
func sameJSON(a, b string) bool {
	x, y := jsontext.Value(a), jsontext.Value(b)
	if x.Format(jsontext.ReorderRawObjects(true)) != nil || y.Format(jsontext.ReorderRawObjects(true)) != nil {
		return false
	}
	xs, ys := jsontext.NewDecoder(strings.NewReader(string(x))), jsontext.NewDecoder(strings.NewReader(string(y)))
	for xs.PeekKind() != jsontext.KindInvalid { // That is the end.
		s, err := xs.ReadToken()
		t, errY := ys.ReadToken()
		isSame := err == nil && errY == nil && s.Kind() == t.Kind() &&
			(s.String() == t.String() || s.Kind() == jsontext.KindNumber && sameNumber(s.String(), t.String()))
		if !isSame {
			return false
		}
	}
	return true
}

// maxExponent bounds the numbers whose value is compared: "1e999999999" would
// take as many digits.
const maxExponent = 1000

// sameNumber compares two numbers of JSON by their exact value.
func sameNumber(a, b string) bool {
	var values [2]big.Rat
	for i, number := range []string{a, b} {
		if _, exponent, ok := strings.Cut(strings.ToLower(number), "e"); ok {
			if n, err := strconv.Atoi(exponent); err != nil || n < -maxExponent || n > maxExponent {
				return false
			}
		}
		values[i].SetString(number)
	}
	return values[0].Cmp(&values[1]) == 0
}
