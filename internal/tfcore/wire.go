package tfcore

import (
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
)

// Unknown is an unknown value on the wire.
var Unknown = msgpack.RawMessage{0xd4, 0, 0}

// Encode encodes a value for the protocol.
func Encode(value map[string]any) *tfprotov6.DynamicValue {
	b, err := msgpack.Marshal(value)
	if err != nil {
		panic(err)
	}
	return &tfprotov6.DynamicValue{MsgPack: b}
}

var null = &tfprotov6.DynamicValue{MsgPack: []byte{0xc0}}

// decode returns a known value as its JSON would be; nil for null.
func decode(v *tfprotov6.DynamicValue) (value map[string]any) {
	if v == nil {
		return nil
	}
	var raw map[string]any
	if err := msgpack.Unmarshal(v.MsgPack, &raw); err != nil {
		panic(err)
	}
	return Normal(raw)
}

// Normal brings values from anywhere into the form that JSON gives them.
func Normal(value map[string]any) (n map[string]any) {
	b, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(b, &n)
	}
	if err != nil {
		panic(err)
	}
	return n
}

// proposed is what Terraform proposes: the configuration, and where that says
// nothing of a computed attribute, what was before.
func proposed(schema *tfprotov6.Schema, config map[string]any, before *instance) *tfprotov6.DynamicValue {
	value := map[string]any{}
	var prior map[string]any
	if before != nil {
		prior = decode(before.value)
	}
	for _, a := range schema.Block.Attributes {
		value[a.Name] = config[a.Name]
		if a.Computed && config[a.Name] == nil {
			value[a.Name] = Unknown
			if prior != nil {
				value[a.Name] = prior[a.Name]
			}
		}
	}
	return Encode(value)
}

// Whole is all attributes of a schema, those that are not given being null.
func Whole(schema *tfprotov6.Schema, given map[string]any) map[string]any {
	all := map[string]any{}
	for _, a := range schema.Block.Attributes {
		all[a.Name] = given[a.Name]
	}
	return all
}
