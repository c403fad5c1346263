package twilio

import (
	"encoding/json"
	"slices"
	"strings"
)

// A page of a list is up to 1,000 flat objects of strings, and encoding/json
// takes several times as long to read one as the network takes to bring it.
// What follows reads such a page directly. It knows only what a page looks
// like; whatever it meets besides, valid or not, it leaves to encoding/json,
// which then decides over the whole page. So it may be short of the language,
// but must never read a page differently: FuzzDecodePage compares the two.

// pageDecoder is a page that can be read directly.
type pageDecoder interface {
	// decode returns false, and leaves the page as it is, where it does not
	// understand the body, which is UTF-8.
	decode(body string) bool
}

// itemField is a field of an item of a list. One of the setters is set; a
// field that is null is not set.
type itemField[T any] struct {
	name    string
	text    func(item *T, value *string)
	integer func(item *T, value *int64)
	boolean func(item *T, value *bool)
}

// decodePage reads a page whose items are under key. It returns false, and is
// not to be believed in anything else, where it does not understand the page.
func decodePage[T any](body, key string, fields []itemField[T]) (items []T, meta *pageMeta, ok bool) {
	r := pageReader{text: body}
	var haveItems, haveMeta bool
	ok = r.object(func(name string) bool {
		switch {
		case name == key && !haveItems:
			haveItems = true
			// A payload may have any number of braces.
			items = make([]T, 0, min(strings.Count(body, "{"), maxPageSize))
			return r.array(func() bool {
				items = append(items, *new(T))
				return decodeItem(&r, &items[len(items)-1], fields)
			})
		case name == "meta" && !haveMeta:
			haveMeta = true
			return json.Unmarshal([]byte(r.flatObject()), &meta) == nil
		}
		return false
	})
	return items, meta, ok && r.end()
}

// decodeItem reads an object of strings, integers, booleans and nulls.
func decodeItem[T any](r *pageReader, item *T, fields []itemField[T]) bool {
	// One allocation for all strings of an item. The fields come in the same
	// order in every item, so that each is looked for where the last one was
	// found.
	texts := make([]string, 0, len(fields))
	seen, next := uint64(0), 0
	return r.object(func(name string) bool {
		i := findField(fields, name, next)
		if i < 0 {
			return !isAlmostField(fields, name) && r.skipScalar()
		}
		if seen&(1<<i) != 0 {
			return false
		}
		seen |= 1 << i
		next = i + 1
		f := &fields[i]
		if r.literal("null") {
			return true
		}
		switch {
		case f.text != nil:
			s, ok := r.string()
			texts = append(texts, s)
			f.text(item, &texts[len(texts)-1])
			return ok
		case f.integer != nil:
			n, ok := r.integer()
			f.integer(item, &n)
			return ok
		default:
			b := r.literal("true")
			f.boolean(item, &b)
			return b || r.literal("false")
		}
	})
}

// findField returns the index of a field, which is probably at next, or -1.
func findField[T any](fields []itemField[T], name string, next int) int {
	if next < len(fields) && fields[next].name == name {
		return next
	}
	return slices.IndexFunc(fields, func(f itemField[T]) bool { return f.name == name })
}

// isAlmostField tells that encoding/json would take a name for that of a field.
func isAlmostField[T any](fields []itemField[T], name string) bool {
	return slices.ContainsFunc(fields, func(f itemField[T]) bool { return strings.EqualFold(f.name, name) })
}

// pageReader reads JSON from a text, from a position on. Its methods return
// false at what they do not understand.
type pageReader struct {
	text string
	at   int
}

// space skips white space.
func (r *pageReader) space() {
	for r.at < len(r.text) && (r.text[r.at] == ' ' || r.text[r.at] == '\n' || r.text[r.at] == '\r' || r.text[r.at] == '\t') {
		r.at++
	}
}

// literal reads a certain text, if it comes next.
func (r *pageReader) literal(s string) bool {
	if !strings.HasPrefix(r.text[r.at:], s) {
		return false
	}
	r.at += len(s)
	return true
}

// token reads a certain character and the white space around it.
func (r *pageReader) token(c byte) bool {
	r.space()
	if r.at == len(r.text) || r.text[r.at] != c {
		return false
	}
	r.at++
	r.space()
	return true
}

// end tells that nothing is left.
func (r *pageReader) end() bool {
	r.space()
	return r.at == len(r.text)
}

// object reads an object. member is called after each name and reads the
// value.
func (r *pageReader) object(member func(name string) bool) bool {
	if !r.token('{') {
		return false
	}
	if r.token('}') {
		return true
	}
	for {
		name, ok := r.string()
		if !ok || !r.token(':') || !member(name) {
			return false
		}
		if !r.token(',') {
			return r.token('}')
		}
	}
}

// array reads an array; element reads each of its values.
func (r *pageReader) array(element func() bool) bool {
	if !r.token('[') {
		return false
	}
	if r.token(']') {
		return true
	}
	for {
		if !element() {
			return false
		}
		if !r.token(',') {
			return r.token(']')
		}
	}
}

// string reads a string.
func (r *pageReader) string() (string, bool) {
	if r.at == len(r.text) || r.text[r.at] != '"' {
		return "", false
	}
	text, begin, plain := r.text, r.at+1, true
	for i := begin; i < len(text); i++ {
		if isPlain[text[i]] {
			continue
		}
		switch text[i] {
		case '"':
			r.at = i + 1
			if plain {
				return text[begin:i], true
			}
			return unescape(text[begin:i])
		case '\\':
			plain = false
			i++
		default:
			return "", false
		}
	}
	return "", false
}

// isPlain are the bytes that stand for themselves in a string and are not its
// end.
var isPlain = func() (plain [256]bool) {
	for c := range plain {
		plain[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return plain
}()

// unescape returns what the inner part of a string literal stands for.
func unescape(escaped string) (string, bool) {
	var b strings.Builder
	b.Grow(len(escaped))
	for s := escaped; ; {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			return b.String(), true
		}
		b.WriteString(s[:i])
		switch s[i+1] {
		case '"', '\\', '/':
			b.WriteByte(s[i+1])
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		default:
			// Rarer escapes, and those that are none.
			var whole string
			err := json.Unmarshal([]byte(`"`+escaped+`"`), &whole)
			return whole, err == nil
		}
		s = s[i+2:]
	}
}

// integer reads an integer that is not large.
func (r *pageReader) integer() (int64, bool) {
	negative := r.literal("-")
	var n int64
	begin := r.at
	for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
		n = n*10 + int64(r.text[r.at]-'0')
		r.at++
	}
	digits := r.text[begin:r.at]
	if digits == "" || len(digits) > 18 || len(digits) > 1 && digits[0] == '0' ||
		r.at < len(r.text) && strings.IndexByte(".eE", r.text[r.at]) >= 0 {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// skipScalar reads a string, a number, a boolean or a null, for a field that
// the API may have added.
func (r *pageReader) skipScalar() bool {
	if r.at < len(r.text) && r.text[r.at] == '"' {
		_, ok := r.string()
		return ok
	}
	scalar := r.text[r.at:]
	if end := strings.IndexAny(scalar, ",} \n\r\t"); end >= 0 {
		scalar = scalar[:end]
	}
	r.at += len(scalar)
	return !strings.ContainsAny(scalar, "[{") && json.Valid([]byte(scalar))
}

// flatObject returns the text of an object without objects in it, which may
// not be valid.
func (r *pageReader) flatObject() string {
	inString, begin := false, r.at
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case inString && c == '\\':
			r.at++
		case c == '"':
			inString = !inString
		case !inString && c == '}':
			r.at++
			return r.text[begin:r.at]
		}
	}
	r.at = len(r.text)
	return ""
}
