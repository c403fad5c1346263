package provider

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

// maxAnswer is the largest list, in bytes, that fits into a plugin message of
// 256 MiB (the limit of terraform-plugin-go and of the CLIs) with room for the
// message's envelope and the answer's other attributes.
const maxAnswer = 256<<20 - 1<<20

// errListTooLarge means that a list does not fit into an answer.
var errListTooLarge = fmt.Errorf("the result is larger than the %d MiB that a provider can hand to Terraform in one piece", maxAnswer>>20)

// wireList is a list of objects in the form in which it goes to the CLI:
// MessagePack, as Terraform's object wire format describes it
// (https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/object-wire-format.md).
type wireList struct {
	// limit is how large the list may grow, in bytes; maxAnswer outside of
	// tests.
	limit     int
	attribute string
	object    tftypes.Object // the type of the whole answer
	text      chunks
	encoder   *msgpack.Encoder
	length    uint32
	lengthAt  int
	done      bool
}

type wireListKey struct{}

// withWireList gives a context room for a list.
func withWireList(ctx context.Context) (context.Context, *wireList) {
	list := &wireList{limit: maxAnswer}
	return context.WithValue(ctx, wireListKey{}, list), list
}

// wireListFrom returns the list that an answer in the making has room for.
func wireListFrom(ctx context.Context) (*wireList, error) {
	list, ok := ctx.Value(wireListKey{}).(*wireList)
	if !ok {
		return nil, errors.New("the provider was not served by its own server, which is a bug in the provider")
	}
	return list, nil
}

// begin starts the list: the attribute of an answer of this type.
func (l *wireList) begin(object tftypes.Object, attribute string) error {
	l.object, l.attribute = object, attribute
	l.encoder = msgpack.NewEncoder(&l.text)
	if err := errors.Join(l.encoder.EncodeMapLen(len(object.AttributeTypes)), l.encoder.EncodeString(attribute)); err != nil {
		return err
	}
	// The number of rows is known at the end: an array of 32 bits of length.
	l.lengthAt = l.text.size + 1
	_, err := l.text.Write([]byte{0xdd, 0, 0, 0, 0})
	return err
}

// end completes the list.
func (l *wireList) end() { l.done = true }

// into returns the framework's answer with the list in its place.
func (l *wireList) into(answer *tfprotov6.DynamicValue) (*tfprotov6.DynamicValue, error) {
	if answer == nil {
		return nil, errors.New("an answer without a value, which is a bug in the provider")
	}
	value, err := answer.Unmarshal(l.object)
	if err != nil {
		return nil, err
	}
	var attributes map[string]tftypes.Value
	if err := value.As(&attributes); err != nil {
		return nil, err
	}
	for name, v := range attributes {
		if name == l.attribute {
			continue
		}
		encoded, err := tfprotov6.NewDynamicValue(l.object.AttributeTypes[name], v)
		if err != nil {
			return nil, err
		}
		if err := l.encoder.EncodeString(name); err != nil {
			return nil, err
		}
		if _, err := l.text.Write(encoded.MsgPack); err != nil {
			return nil, err
		}
	}
	whole := l.text.join()
	binary.BigEndian.PutUint32(whole[l.lengthAt:], l.length)
	return &tfprotov6.DynamicValue{MsgPack: whole}, nil
}

// wireRows adds rows of a model M to a list: one object each, whose
// attributes are M's fields by their tfsdk tags.
type wireRows[M any] struct {
	list   *wireList
	fields []wireField
	row    M
	values reflect.Value // of row
}

type wireField struct {
	name string
	// key is the name as it is encoded.
	key   []byte
	index []int
}

func newWireRows[M any](list *wireList) *wireRows[M] {
	r := &wireRows[M]{list: list}
	r.values = reflect.ValueOf(&r.row).Elem()
	for _, f := range reflect.VisibleFields(r.values.Type()) {
		if name, ok := f.Tag.Lookup("tfsdk"); ok {
			key, _ := msgpack.Marshal(name) // A string can always be encoded.
			r.fields = append(r.fields, wireField{name: name, key: key, index: f.Index})
		}
	}
	return r
}

// add adds a row. It fails with errListTooLarge where the list has grown beyond
// its limit, so that what is refused is never built.
func (r *wireRows[M]) add(row M) error {
	r.row = row
	e := r.list.encoder
	if err := e.EncodeMapLen(len(r.fields)); err != nil {
		return err
	}
	for _, f := range r.fields {
		if _, err := r.list.text.Write(f.key); err != nil {
			return err
		}
		if err := encodeValue(e, r.values.FieldByIndex(f.index).Addr().Interface()); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	r.list.length++
	if r.list.text.size > r.list.limit {
		return errListTooLarge
	}
	return nil
}

// encodeValue encodes a value of a model. It takes pointers, since an
// interface that holds one costs no allocation.
func encodeValue(e *msgpack.Encoder, v any) error {
	switch v := v.(type) {
	case *types.String:
		if v.IsNull() {
			return e.EncodeNil()
		}
		return e.EncodeString(v.ValueString())
	case *types.Int64:
		if v.IsNull() {
			return e.EncodeNil()
		}
		return e.EncodeInt(v.ValueInt64())
	case *types.Bool:
		if v.IsNull() {
			return e.EncodeNil()
		}
		return e.EncodeBool(v.ValueBool())
	default:
		return fmt.Errorf("no encoding for a %T", v)
	}
}
