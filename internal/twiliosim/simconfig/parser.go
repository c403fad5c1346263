package simconfig

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// parser collects what is wrong with a file.
type parser struct{ diags hcl.Diagnostics }

// setter takes over the value of an argument, or says what is wrong with it.
type setter = func(value string) error

// arguments are what a block may have, by name. All are optional.
type arguments map[string]setter

// blocks are what a block may have, by type, with one label or none.
type blocks map[string]struct {
	label string
	read  func(*hcl.Block)
}

// block reads the body of a block, in the order of the file.
func (p *parser) block(body hcl.Body, arguments arguments, blocks blocks) {
	var schema hcl.BodySchema
	for name := range arguments {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	for name, b := range blocks {
		header := hcl.BlockHeaderSchema{Type: name}
		if b.label != "" {
			header.LabelNames = []string{b.label}
		}
		schema.Blocks = append(schema.Blocks, header)
	}
	content, diags := body.Content(&schema)
	p.diags = append(p.diags, diags...)
	for _, a := range slices.SortedFunc(maps.Values(content.Attributes), func(a, b *hcl.Attribute) int {
		return cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte)
	}) {
		if value, ok := p.value(a); ok {
			p.check(a.Expr.Range(), arguments[a.Name](value))
		}
	}
	for _, b := range content.Blocks {
		blocks[b.Type].read(b)
	}
}

// value evaluates an argument.
func (p *parser) value(a *hcl.Attribute) (string, bool) {
	value, diags := a.Expr.Value(nil)
	p.diags = append(p.diags, diags...)
	if diags.HasErrors() {
		return "", false
	}
	value, err := convert.Convert(value, cty.String)
	if err == nil && value.IsNull() {
		err = errors.New("must not be null")
	}
	p.check(a.Expr.Range(), err)
	if err != nil {
		return "", false
	}
	return value.AsString(), true
}

// check notes an error and its place.
func (p *parser) check(at hcl.Range, err error) {
	if err != nil {
		p.diags = append(p.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Invalid value", Detail: err.Error(), Subject: &at})
	}
}

// taken are the values that only one block may have.
type taken map[string]bool

// unique has set take no value twice.
func (t taken) unique(set setter) setter {
	return func(value string) error {
		if t[value] {
			return fmt.Errorf("another SIM has %q", value)
		}
		t[value] = true
		return set(value)
	}
}

// text takes any text but an empty one, or only those that are allowed.
func text(to *string, allowed ...string) setter {
	return func(value string) error {
		if *to = value; value == "" {
			return errors.New("must not be empty")
		}
		if allowed != nil && !slices.Contains(allowed, value) {
			return fmt.Errorf("must be one of %s", strings.Join(allowed, ", "))
		}
		return nil
	}
}

// like takes a text that matches a pattern.
func like(to *string, pattern, description string) setter {
	return func(value string) error {
		if *to = value; !regexp.MustCompile(pattern).MatchString(value) {
			return fmt.Errorf("must be %s", description)
		}
		return nil
	}
}

// simSID is the form of a SIM's SID.
const simSID = `^HS[0-9a-f]{32}$`

// uniqueName takes a text that cannot be taken for a SID.
func uniqueName(to *string) setter {
	return func(value string) error {
		if regexp.MustCompile(simSID).MatchString(value) {
			return errors.New("a unique name must not have the form of a SID; give the SID with sid")
		}
		return text(to)(value)
	}
}

// baseURL takes an absolute URL without a path.
func baseURL(to *string) setter {
	return func(value string) error {
		u, err := url.Parse(value)
		if *to = value; err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Scheme+"://"+u.Host != value {
			return errors.New("must be http:// or https:// and a host, such as http://127.0.0.1:8765")
		}
		return nil
	}
}

// duration takes a duration of zero or more.
func duration(to *time.Duration) setter {
	return func(value string) (err error) {
		if *to, err = time.ParseDuration(value); err != nil || *to < 0 {
			return errors.New(`must be a duration, such as "0s", "500ms" or "1m30s"`)
		}
		return nil
	}
}

// moreThanZero is duration for a field of which zero means something else.
func moreThanZero(to *time.Duration) setter {
	return func(value string) error {
		if err := duration(to)(value); err != nil || *to == 0 {
			return errors.New(`must be a duration of more than zero, such as "500ms" or "1m30s"`)
		}
		return nil
	}
}

// integer takes a whole number between two bounds, which are allowed.
func integer(to *int, least, most int) setter {
	return func(value string) (err error) {
		if *to, err = strconv.Atoi(value); err != nil || *to < least || *to > most {
			return fmt.Errorf("must be a whole number from %d to %d", least, most)
		}
		return nil
	}
}

// pattern takes a regular expression of RE2.
func pattern(to **regexp.Regexp) setter {
	return func(value string) (err error) {
		*to, err = regexp.Compile(value)
		return err
	}
}

// payload takes bytes in a form, unless they were given in another.
func payload(to *[]byte, decode func(string) ([]byte, error)) setter {
	return func(value string) (err error) {
		if *to != nil {
			return errors.New("the payload is given already")
		}
		if *to, err = decode(value); err == nil && (len(*to) == 0 || len(*to) > twiliosim.MaxPayload) {
			err = fmt.Errorf("has %d bytes, but must have 1 to %d", len(*to), twiliosim.MaxPayload)
		}
		return err
	}
}

func asText(value string) ([]byte, error) { return []byte(value), nil }

// asHex takes spaces between digits.
func asHex(value string) ([]byte, error) {
	return hex.DecodeString(strings.Join(strings.Fields(value), ""))
}

func asBase64(value string) ([]byte, error) { return base64.StdEncoding.Strict().DecodeString(value) }
