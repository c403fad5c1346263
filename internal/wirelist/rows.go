// Package wirelist returns long lists from a provider at the cost of encoding
// them. The framework's reflection and its trees of values cost some thirty
// times as much.
//
// A data source or an ephemeral resource appends its rows to Rows, one by one
// as they come in, and leaves its list null. Server, which stands between the
// framework and the CLI, puts the rows there.
package wirelist

import (
	"context"
	"fmt"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/vmihailenco/msgpack/v5"
)

// maxSize is the largest list, in bytes, that fits into a plugin message of
// 256 MiB (the limit of terraform-plugin-go and of the CLIs) with room for the
// message's envelope and the response's other attributes.
const maxSize = 256<<20 - 1<<20

// ErrTooLarge means that a list does not fit into a response.
var ErrTooLarge = fmt.Errorf("the result is larger than the %d MiB that a provider can hand to Terraform in one piece", maxSize>>20)

// Rows is a list attribute in a response that is being made. A row is a model
// M: one object, whose attributes are M's fields by their tfsdk tags. Fields
// are types.String, types.Int64 or types.Bool.
type Rows[M any] struct {
	list    *list
	encoder *msgpack.Encoder
	fields  []field
	row     M
	values  reflect.Value // of row
}

type field struct {
	name  []byte // as it is encoded
	index []int
}

// New begins the list attribute of the response to the call that ctx is of. It
// panics where the call did not come through Server, and where M has a field
// of another type: both are bugs in the provider.
func New[M any](ctx context.Context, attribute string) *Rows[M] {
	r := &Rows[M]{list: listFrom(ctx)}
	r.list.attribute = attribute
	r.encoder = msgpack.NewEncoder(&r.list.rows)
	r.values = reflect.ValueOf(&r.row).Elem()
	for _, f := range reflect.VisibleFields(r.values.Type()) {
		tag, ok := f.Tag.Lookup("tfsdk")
		if !ok {
			continue
		}
		switch f.Type {
		case reflect.TypeFor[types.String](), reflect.TypeFor[types.Int64](), reflect.TypeFor[types.Bool]():
		default:
			panic(fmt.Sprintf("wirelist: %s is a %s, for which there is no encoding", f.Name, f.Type))
		}
		name, _ := msgpack.Marshal(tag) // A string can always be encoded.
		r.fields = append(r.fields, field{name: name, index: f.Index})
	}
	return r
}

// Append adds a row. It fails with ErrTooLarge once the list has outgrown an
// response, so that what would be refused is never built.
func (r *Rows[M]) Append(row M) error {
	r.row = row
	if err := r.encoder.EncodeMapLen(len(r.fields)); err != nil {
		return err
	}
	for _, f := range r.fields {
		if _, err := r.list.rows.Write(f.name); err != nil {
			return err
		}
		if err := encode(r.encoder, r.values.FieldByIndex(f.index).Addr().Interface()); err != nil {
			return err
		}
	}
	r.list.length++
	if r.list.rows.size > r.list.limit {
		return ErrTooLarge
	}
	return nil
}

// Len is how many rows there are.
func (r *Rows[M]) Len() int { return int(r.list.length) }

// Send completes the list: it becomes part of the response.
func (r *Rows[M]) Send() { r.list.complete = true }

// encode encodes a field of a model as Terraform's object wire format has it
// (https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol/object-wire-format.md).
// It takes pointers, since an interface that holds one costs no allocation.
func encode(e *msgpack.Encoder, v any) error {
	switch v := v.(type) {
	case *types.String:
		if !v.IsNull() {
			return e.EncodeString(v.ValueString())
		}
	case *types.Int64:
		if !v.IsNull() {
			return e.EncodeInt(v.ValueInt64())
		}
	case *types.Bool:
		if !v.IsNull() {
			return e.EncodeBool(v.ValueBool())
		}
	}
	return e.EncodeNil()
}
