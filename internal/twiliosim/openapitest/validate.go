package openapitest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// options are how values are validated. The descriptions use formats that
// OpenAPI leaves open.
var options = &openapi3filter.Options{
	MultiError:            true,
	IncludeResponseStatus: true,
	SkipSettingDefaults:   true,
	AuthenticationFunc:    checkCredentials,
	SchemaValidationOptions: []openapi3.SchemaValidationOption{
		openapi3.WithStringFormatValidator("uri", openapi3.NewCallbackValidator(checkURI)),
		openapi3.WithStringFormatValidator("http-method", openapi3.NewCallbackValidator(checkMethod)),
	},
}

// checkCredentials asks for credentials of the kind described: HTTP Basic at
// Twilio, a bearer token at KORE. Whether they are right is the server's
// business.
func checkCredentials(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	r := in.RequestValidationInput.Request
	switch {
	case in.SecurityScheme.Scheme == "basic":
		if user, password, ok := r.BasicAuth(); !ok || user == "" || password == "" {
			return errors.New("no HTTP Basic credentials")
		}
	case in.SecurityScheme.Type == "oauth2":
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); !ok || token == "" {
			return errors.New("no bearer token")
		}
	default:
		return fmt.Errorf("the security scheme %q is neither Basic nor OAuth 2.0", in.SecuritySchemeName)
	}
	return nil
}

// checkURI asks for an absolute URL.
func checkURI(s string) error {
	u, err := url.Parse(s)
	if err == nil && (u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		err = fmt.Errorf("%q is not an absolute http or https URL", s)
	}
	return err
}

// checkMethod asks for an HTTP method.
func checkMethod(s string) error {
	if strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || s == "" {
		return fmt.Errorf("%q is not an HTTP method", s)
	}
	return nil
}

// request validates a request with this body. It returns what is known about
// it for validating the response, or nil if it is not described at all.
func (c *Contract) request(r *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	r = r.Clone(context.Background())
	r.Body, r.GetBody = io.NopCloser(bytes.NewReader(body)), nil
	r.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	route, params, err := c.find(r)
	if err != nil {
		return nil, fmt.Errorf("a request that is not described: %s %s: %w", r.Method, r.URL, err)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route, Options: options,
	}
	err = errors.Join(
		openapi3filter.ValidateRequest(r.Context(), input),
		checkQueryNames(r.URL.Query(), route.Operation),
		checkFormNames(r.Header.Get("Content-Type"), body, route.Operation),
	)
	if err != nil {
		return input, fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err)
	}
	return input, nil
}

// find returns what the descriptions say about a request, and the values in
// its path.
func (c *Contract) find(r *http.Request) (route *routers.Route, params map[string]string, err error) {
	for _, router := range c.routers {
		if route, params, err = router.FindRoute(r); err == nil {
			break
		}
	}
	return route, params, err
}

// response validates what a request got. An error that is not described passes.
func (c *Contract) response(request *openapi3filter.RequestValidationInput, status int, header http.Header, body []byte) error {
	if status >= http.StatusBadRequest && request.Route.Operation.Responses.Status(status) == nil {
		return nil
	}
	c.validated.Add(1)
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: status, Header: header, Options: options,
	}
	input.SetBodyBytes(body)
	r := request.Request
	if err := openapi3filter.ValidateResponse(r.Context(), input); err != nil {
		return fmt.Errorf("the response %d to %s %s: %w", status, r.Method, r.URL.Path, err)
	}
	return nil
}

// checkQueryNames refuses query parameters that are not described.
func checkQueryNames(query url.Values, operation *openapi3.Operation) error {
	for name, values := range query {
		if operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return fmt.Errorf("the query parameter %s is not described", name)
		}
		if len(values) > 1 {
			return fmt.Errorf("the query parameter %s is there %d times", name, len(values))
		}
	}
	return nil
}

// checkFormNames refuses form fields that are not described: the form decoder
// leaves them out without a word.
func checkFormNames(contentType string, body []byte, operation *openapi3.Operation) error {
	if operation.RequestBody == nil {
		if len(body) > 0 {
			return errors.New("there is a body, and none is described")
		}
		return nil
	}
	const formType = "application/x-www-form-urlencoded"
	if mediaType, _, err := mime.ParseMediaType(contentType); err != nil || mediaType != formType {
		return fmt.Errorf("the content type is %q, not %s", contentType, formType)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return fmt.Errorf("decoding the form: %w", err)
	}
	described := operation.RequestBody.Value.Content[formType].Schema.Value.Properties
	for name, values := range form {
		if described[name] == nil {
			return fmt.Errorf("the form field %s is not described", name)
		}
		if len(values) > 1 {
			return fmt.Errorf("the form field %s is there %d times", name, len(values))
		}
	}
	return nil
}
