package wirelist

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type names struct {
	First types.String `tfsdk:"first"`
	Last  types.String `tfsdk:"last"`
}

type person struct {
	names
	Age   types.Int64 `tfsdk:"age"`
	Alive types.Bool  `tfsdk:"alive"`
}

var (
	personType   = types.ObjectType{AttrTypes: map[string]attr.Type{"first": types.StringType, "last": types.StringType, "age": types.Int64Type, "alive": types.BoolType}}
	responseType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"filter": tftypes.String, "limit": tftypes.Number, "nested": tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": tftypes.String}},
		"people": types.ListType{ElemType: personType}.TerraformType(context.Background()),
	}}
)

// framework stands for the framework's server: it gives a response, after the
// provider has done with the call's context what it does.
type framework struct {
	ProviderServer
	provider func(context.Context)
	response *tfprotov6.DynamicValue
}

func (f framework) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	f.provider(ctx)
	return &tfprotov6.ReadDataSourceResponse{State: f.response}, nil
}

func (f framework) OpenEphemeralResource(ctx context.Context, _ *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	f.provider(ctx)
	return &tfprotov6.OpenEphemeralResourceResponse{Result: f.response}, nil
}

// response is a response with this list, null for nil.
func response(t *testing.T, people []person) tftypes.Value {
	t.Helper()
	list := types.ListNull(personType)
	if people != nil {
		list, _ = types.ListValueFrom(t.Context(), personType, people)
	}
	value, err := list.ToTerraformValue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return tftypes.NewValue(responseType, map[string]tftypes.Value{
		"filter": tftypes.NewValue(tftypes.String, "people"), "limit": tftypes.NewValue(tftypes.Number, nil),
		"nested": tftypes.NewValue(responseType.AttributeTypes["nested"], map[string]tftypes.Value{"a": tftypes.NewValue(tftypes.String, nil)}),
		"people": value,
	})
}

func encoded(t *testing.T, v tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	d, err := tfprotov6.NewDynamicValue(responseType, v)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

// TestRows wants exactly what the framework makes of the same models, between
// the response's other attributes.
func TestRows(t *testing.T) {
	t.Parallel()
	for name, people := range map[string][]person{
		"none":  {},
		"nulls": {{}},
		"some": {
			{names{types.StringValue("für \"x\"\x00\n"), types.StringValue("")}, types.Int64Value(0), types.BoolValue(true)},
			{names{types.StringValue(strings.Repeat("é", 700)), types.StringNull()}, types.Int64Value(-1), types.BoolValue(false)},
			{names{types.StringNull(), types.StringValue(strings.Repeat("x", 70_000))}, types.Int64Value(math.MaxInt64), types.BoolNull()},
			{Age: types.Int64Value(math.MinInt64)}, {Age: types.Int64Value(65535)}, {Age: types.Int64Value(1 << 40)},
		},
		"more than a short array": make([]person, 300),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := Server{ProviderServer: framework{response: encoded(t, response(t, nil)), provider: func(ctx context.Context) {
				rows := New[person](ctx, "people")
				for _, p := range people {
					if err := rows.Append(p); err != nil {
						t.Fatal(err)
					}
				}
				if rows.Len() != len(people) {
					t.Errorf("%d rows, want %d", rows.Len(), len(people))
				}
				rows.Send()
			}}}
			read, err := s.ReadDataSource(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			opened, err := s.OpenEphemeralResource(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			want := response(t, people)
			for of, d := range map[string]*tfprotov6.DynamicValue{"data source": read.State, "ephemeral resource": opened.Result} {
				got, err := d.Unmarshal(responseType)
				if err != nil {
					t.Fatal(of, err)
				}
				if !got.Equal(want) {
					diff, _ := want.Diff(got)
					t.Errorf("%s: %d differences, such as %v", of, len(diff), diff[:min(len(diff), 3)])
				}
			}
		})
	}
}

// TestRows_notSent leaves the framework's response alone where a list was not
// read to its end, or was none.
func TestRows_notSent(t *testing.T) {
	t.Parallel()
	for name, provider := range map[string]func(context.Context){
		"no list": func(context.Context) {},
		"begun": func(ctx context.Context) {
			if err := New[person](ctx, "people").Append(person{}); err != nil {
				t.Error(err)
			}
		},
	} {
		theirs := encoded(t, response(t, nil))
		s := Server{ProviderServer: framework{response: theirs, provider: provider}}
		if resp, err := s.ReadDataSource(t.Context(), nil); err != nil || resp.State != theirs {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
}

// TestRows_noPlace wants an error where the framework's response has no place
// for the list.
func TestRows_noPlace(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		attribute string
		response  *tfprotov6.DynamicValue
	}{
		"a list of its own":    {"people", encoded(t, response(t, []person{}))},
		"no such attribute":    {"persons", encoded(t, response(t, nil))},
		"a null":               {"people", encoded(t, tftypes.NewValue(responseType, nil))},
		"truncated":            {"people", &tfprotov6.DynamicValue{MsgPack: encoded(t, response(t, nil)).MsgPack[:2]}},
		"truncated, no length": {"people", &tfprotov6.DynamicValue{}},
		"none":                 {"people", nil},
	} {
		s := Server{ProviderServer: framework{response: row.response, provider: func(ctx context.Context) { New[person](ctx, row.attribute).Send() }}}
		if _, err := s.ReadDataSource(t.Context(), nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestRows_tooLarge refuses a list as soon as it has outgrown the limit.
func TestRows_tooLarge(t *testing.T) {
	t.Parallel()
	const limit = 3000
	s := Server{Limit: limit, ProviderServer: framework{provider: func(ctx context.Context) {
		rows := New[person](ctx, "people")
		for {
			before := rows.list.rows.size
			err := rows.Append(person{})
			if size := rows.list.rows.size; (size > limit) != errors.Is(err, ErrTooLarge) || before > limit {
				t.Fatalf("%d bytes: %v", size, err)
			}
			if err != nil {
				return
			}
		}
	}}}
	if _, err := s.ReadDataSource(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if !strings.Contains(ErrTooLarge.Error(), "255 MiB") {
		t.Error(ErrTooLarge)
	}
}

// TestNew_bugs panics where only the provider can be wrong.
func TestNew_bugs(t *testing.T) {
	t.Parallel()
	s := &Server{}
	ctx, _ := s.withList(t.Context())
	for name, f := range map[string]func(){
		"another server": func() { New[person](t.Context(), "people") },
		"another type": func() {
			New[struct {
				F types.Float64 `tfsdk:"f"`
			}](ctx, "people")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
