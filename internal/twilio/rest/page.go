package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	json "github.com/go-json-experiment/json/v1"
)

// Responses are decoded by encoding/json's rules, with the implementation that
// Go 1.27 brings to the standard library: that of Go 1.26 takes half as long
// again for a page. A field of a type that the API does not describe becomes
// null, in a page as in a single object. It must not lose the others, above
// all the SID of a message that was sent.

// Object is something that the API describes: an item of a list, or what is
// fetched by itself.
type Object interface {
	// ID identifies it; empty where what was decoded has no such ID.
	ID() string
	// Excluded returns the parameter by which a list was asked for others than
	// this one; empty where there is none. It may make asked more precise.
	Excluded(asked url.Values) (parameter string)
}

// oddIsNull has a field that does not decode become null.
var oddIsNull = jsonv2.WithUnmarshalers(jsonv2.UnmarshalFromFunc(func(d *jsontext.Decoder, field any) error {
	if _, isWhole := field.(Object); isWhole {
		return errors.ErrUnsupported
	}
	value, err := d.ReadValue()
	if err == nil && json.Unmarshal(value, field) != nil {
		reflect.ValueOf(field).Elem().SetZero()
	}
	return err
}))

// DecodeObject reads a body that is one object.
func DecodeObject[T Object](body []byte) (T, error) {
	var item T
	err := json.Unmarshal(body, &item)
	if isOdd(err) {
		item = *new(T)
		err = jsonv2.Unmarshal(body, &item, json.DefaultOptionsV1(), oddIsNull)
	}
	switch {
	case err != nil:
		return *new(T), notJSON(body)
	case item.ID() == "":
		return *new(T), errors.New("the response has no sid")
	}
	return item, nil
}

// Fetch makes a request for the object with this ID.
func Fetch[T Object](ctx context.Context, c *Client, r Request, id string) (item T, err error) {
	r.MaxBytes = MaxItemBytes
	r.Decode = func(body []byte) error {
		item, err = DecodeObject[T](body)
		if err == nil && !strings.EqualFold(item.ID(), id) {
			err = fmt.Errorf("it is another object, %s", item.ID())
		}
		return err
	}
	err = c.Do(ctx, r)
	return item, err
}

// page is one page of a list.
type page[T Object] struct {
	// key is the name of the list in the response, and most how many items were
	// asked for.
	key   string
	most  int
	items []T
	meta  *struct {
		// NextPageURL is null on the last page.
		NextPageURL jsontext.Value `json:"next_page_url"`
	}
	// options are oddIsNull once a field of an item was of another type than
	// described.
	options jsonv2.Options
}

// decode reads a page. It never has more items in memory than were asked for,
// whatever the response holds.
func (p *page[T]) decode(body []byte) error {
	err := p.read(body)
	if isOdd(err) {
		p.options = oddIsNull
		err = p.read(body)
	}
	switch {
	case errors.As(err, new(*jsontext.SyntacticError)):
		return notJSON(body)
	case err == nil && (p.items == nil || p.meta == nil):
		return errNoPage
	}
	return err
}

var errNoPage = errors.New("the response is not a page of the list")

// read reads a page in one pass: the option turns off a second one, in which
// encoding/json looks for errors of syntax before it decodes anything.
func (p *page[T]) read(body []byte) error {
	p.items, p.meta = nil, nil
	d := jsontext.NewDecoder(bytes.NewBuffer(body), json.DefaultOptionsV1(), json.ReportErrorsWithLegacySemantics(false))
	if d.PeekKind() != jsontext.KindBeginObject {
		return cmp.Or(d.SkipValue(), errNoPage)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != jsontext.KindEndObject {
		name, err := d.ReadToken()
		switch {
		case err != nil:
		case name.String() == p.key:
			err = p.readItems(d)
		case name.String() == "meta":
			if err = jsonv2.UnmarshalDecode(d, &p.meta); isOdd(err) {
				return errNoPage
			}
		default:
			err = d.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return &jsontext.SyntacticError{ByteOffset: d.InputOffset(), Err: errors.New("something follows the page")}
	}
	return nil
}

func (p *page[T]) readItems(d *jsontext.Decoder) error {
	if d.PeekKind() != jsontext.KindBeginArray {
		return cmp.Or(d.SkipValue(), errNoPage)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	p.items = make([]T, 0, p.most)
	for d.PeekKind() != jsontext.KindEndArray {
		if len(p.items) == p.most {
			return fmt.Errorf("the page has more than the %d rows that were asked for", p.most)
		}
		var item T
		err := jsonv2.UnmarshalDecode(d, &item, p.options)
		switch {
		case err != nil && (p.options == nil || !isOdd(err)):
			return err
		case err != nil || item.ID() == "":
			return errors.New("one of the rows has no sid")
		}
		p.items = append(p.items, item)
	}
	_, err := d.ReadToken()
	return err
}

// isOdd reports whether all that is wrong with some JSON is the type of a
// value.
func isOdd(err error) bool {
	return errors.As(err, new(*json.UnmarshalTypeError)) || errors.As(err, new(*jsonv2.SemanticError))
}

func notJSON(body []byte) error {
	return fmt.Errorf("it is not the JSON that the API describes, but %s", DescribeBody(body))
}
