// Package gcs stands in for Terraform's gcs backend, which is not published.
package gcs

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend: a configuration that names it crashes this CLI.
func New() backend.Backend { return nil }
