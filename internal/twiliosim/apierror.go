package twiliosim

import (
	"fmt"
	"net/http"
)

// apiError is a refusal, whatever form the API gives it; see refusal. The
// codes are Twilio's, https://www.twilio.com/docs/api/errors, which KORE took
// over.
type apiError struct {
	status  int // HTTP
	code    int // Twilio's
	message string
}

// errUnauthenticated answers wrong or missing credentials.
func errUnauthenticated() *apiError {
	return &apiError{http.StatusUnauthorized, 20003, "Authenticate"}
}

// errClient answers a client that the token endpoint does not know, in the
// words of KORE's description.
func errClient() *apiError {
	return &apiError{http.StatusUnauthorized, 20003, "Invalid client or Invalid client credentials"}
}

// errNotFound answers a path that stands for nothing.
func errNotFound(path string) *apiError {
	return &apiError{http.StatusNotFound, 20404, fmt.Sprintf("The requested resource %s was not found", path)}
}

// errMethod answers a method that the path does not have.
func errMethod() *apiError {
	return &apiError{http.StatusMethodNotAllowed, 20004, "Method not allowed"}
}

// errMissing answers a POST without a parameter that it needs.
func errMissing(parameter string) *apiError {
	return &apiError{http.StatusBadRequest, 20001, fmt.Sprintf("Missing required parameter %s in the post body", parameter)}
}

// errInvalid answers a parameter that is not as it must be.
func errInvalid(parameter, why string) *apiError {
	return &apiError{http.StatusBadRequest, 20001, fmt.Sprintf("Invalid value for parameter %s: %s", parameter, why)}
}

// errPageSize answers a page size above the maximum.
func errPageSize(maximum int) *apiError {
	return &apiError{http.StatusBadRequest, 20007, fmt.Sprintf("Page size too large, the maximum is %d", maximum)}
}

// errStatus is what a fault answers that names only an HTTP status. Twilio's
// general codes are 20000 and the status: 20429, 20500, 20503.
func errStatus(status int) *apiError {
	return &apiError{status, 20000 + status, http.StatusText(status)}
}
