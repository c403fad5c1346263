package benchtest

import (
	"errors"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Block is a block of a schema in which only these attributes are set, to
// values that tftypes.NewValue takes. Its error says what does not fit.
func Block(schema *tfprotov6.Schema, set map[string]any) (*tfprotov6.DynamicValue, error) {
	object, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		return nil, errors.New("the schema is not one of an object")
	}
	attributes := make(map[string]tftypes.Value)
	for name, t := range object.AttributeTypes {
		attributes[name] = tftypes.NewValue(t, set[name])
	}
	v, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, attributes))
	return &v, err
}
