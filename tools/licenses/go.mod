// The list of the licences of dependencies.
module github.com/seed-0925943e/terraform-provider-twilio/tools/licenses

go 1.26.0

require github.com/google/licenseclassifier/v2 v2.0.0

require (
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/sergi/go-diff v1.1.0 // indirect
)
