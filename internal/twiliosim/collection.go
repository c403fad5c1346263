package twiliosim

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
)

// Where the APIs have their commands.
const (
	ipCommandsPath = "/v1/IpCommands"
	commandsPath   = "/v1/Commands"
)

// The values that the APIs use. Commands also have the status delivered.
const (
	statusQueued    = "queued"
	statusSent      = "sent"
	statusDelivered = "delivered"
	statusReceived  = "received"
	statusFailed    = "failed"

	toSIM   = "to_sim"
	fromSIM = "from_sim"

	payloadText   = "text"
	payloadBinary = "binary"
)

// collection is resources of one kind as the API has them: to be listed, the
// newest first, and fetched by SID.
type collection[T any] struct {
	store[T]
	host, path  string      // the host is a URL without a path
	key         string      // the name of the array in a list
	maxPageSize int         // see traits
	notNull     []string    // see traits
	filters     []filter[T] // in the order in which page URLs have them
	form        reflect.Type
	null        func(*T) []string // the names of fields that a test wants to be null
}

// filter is a query parameter that selects resources.
type filter[T any] struct {
	name    string
	allowed []string // nil: anything
	matches func(resource *T, value string) bool
}

// get responds to a GET of the collection or of a resource in it, if the path is
// either. URLs in the response have this host; empty means the collection's.
func (c *collection[T]) get(path, host string, query url.Values) (a response, refused *apiError, found bool) {
	if path == c.path {
		a, refused = c.list(host, query)
		return a, refused, true
	}
	sid, ok := strings.CutPrefix(path, c.path+"/")
	if e := c.bySID[sid]; ok && e != nil {
		return jsonResponse(http.StatusOK, c.render(e, host)), nil, true
	}
	return a, nil, false
}

// list responds to a GET of the collection. An empty parameter is like none, and
// unknown ones are ignored.
func (c *collection[T]) list(host string, query url.Values) (response, *apiError) {
	l, refused := parseListing(query, c.maxPageSize)
	if refused != nil {
		return response{}, refused
	}
	l.url = cmp.Or(host, c.host) + c.path + "?"
	for _, f := range c.filters {
		value := query.Get(f.name)
		if value == "" {
			continue
		}
		if f.allowed != nil && !slices.Contains(f.allowed, value) {
			return response{}, errInvalid(f.name, "must be one of "+strings.Join(f.allowed, ", "))
		}
		l.url += f.name + "=" + url.QueryEscape(value) + "&"
	}
	entries, meta := page(&c.store, l, func(resource *T) bool {
		for _, f := range c.filters {
			if value := query.Get(f.name); value != "" && !f.matches(resource, value) {
				return false
			}
		}
		return true
	})
	meta.Key = c.key
	rows := make([]any, len(entries))
	for i, e := range entries {
		rows[i] = c.render(e, host)
	}
	return jsonResponse(http.StatusOK, map[string]any{c.key: rows, "meta": meta}), nil
}

// formOf returns the struct that a response has of a T: a pointer, so that it
// can be null, for each of the first fields of T, which are those that have a
// name in JSON, and one for the URL.
func formOf[T any]() reflect.Type {
	var fields []reflect.StructField
	for field := range reflect.TypeFor[T]().Fields() {
		if field.Tag != "" {
			fields = append(fields, reflect.StructField{Name: field.Name, Type: reflect.PointerTo(field.Type), Tag: field.Tag})
		}
	}
	return reflect.StructOf(append(fields, reflect.StructField{Name: "URL", Type: reflect.TypeFor[*string](), Tag: `json:"url"`}))
}

// render puts a resource into the API's form. A text that is empty is null, and
// so is what a test wants to be. Links are paths below the resource's URL.
func (c *collection[T]) render(e *entry[T], host string) any {
	resource, body := reflect.ValueOf(&e.value).Elem(), reflect.New(c.form).Elem()
	address, null := cmp.Or(host, c.host)+c.path+"/"+e.sid, c.null(&e.value)
	for i := range body.NumField() {
		value := reflect.ValueOf(&address)
		if i < body.NumField()-1 {
			value = resource.Field(i).Addr()
		}
		if paths, ok := value.Interface().(*map[string]string); ok {
			links := map[string]string{}
			for name, path := range *paths {
				links[name] = address + path
			}
			value = reflect.ValueOf(&links)
		}
		isEmpty := value.Elem().Kind() == reflect.String && value.Elem().IsZero()
		if !isEmpty && (null == nil || !slices.Contains(null, c.form.Field(i).Tag.Get("json"))) {
			body.Field(i).Set(value)
		}
	}
	return body.Interface()
}

// checkNull panics unless each of these names is one of a field that may be
// null according to the platform's description.
func (c *collection[T]) checkNull(p Platform, names []string) {
	for _, name := range names {
		known := false
		for field := range c.form.Fields() {
			known = known || field.Tag.Get("json") == name
		}
		if !known {
			panic(fmt.Sprintf("twiliosim: the API has no field %q to be null", name))
		}
		if slices.Contains(c.notNull, name) {
			panic(fmt.Sprintf("twiliosim: on the platform %s the field %q is never null", p, name))
		}
	}
}
