// Package s3 stands in for Terraform's s3 backend, which is not published.
package s3

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend: a configuration that names it crashes this CLI.
func New() backend.Backend { return nil }
