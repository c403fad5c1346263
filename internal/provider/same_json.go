package provider

import (
	"encoding/json"
	"reflect"
	"strings"
)

func sameJSON(a, b string) bool {
	var values [2]any
	for i, payload := range []string{a, b} {
		d := json.NewDecoder(strings.NewReader(payload))
		d.UseNumber()
		if err := d.Decode(&values[i]); err != nil {
			return false
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}
