package twiliosim

import (
	"encoding/json"
	"fmt"
	"slices"
)

// checkNull panics unless each of these fields is one of body's, and may be
// null according to the platform's description.
func (s *Simulator) checkNull(fields []string, body any, notNull []string) {
	if len(fields) == 0 {
		return
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err) // bodies are plain structs
	}
	var known map[string]any
	if err := json.Unmarshal(encoded, &known); err != nil {
		panic(err) // it was encoded just now
	}
	for _, field := range fields {
		if _, ok := known[field]; !ok {
			panic(fmt.Sprintf("twiliosim: the API has no field %q to be null", field))
		}
		if slices.Contains(notNull, field) {
			panic(fmt.Sprintf("twiliosim: on the platform %s the field %q is never null", s.cfg.Platform, field))
		}
	}
}

// textOrNull returns what an answer has of a text field: null if it is empty
// or to be null.
func textOrNull(null []string, field, value string) *string {
	if value == "" {
		return nil
	}
	return orNull(null, field, value)
}

// orNull returns what an answer has of any field: null if it is to be null.
func orNull[T any](null []string, field string, value T) *T {
	if slices.Contains(null, field) {
		return nil
	}
	return &value
}
