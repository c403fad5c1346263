// Package cos stands in for Terraform's cos backend, which is not published.
package cos

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend: a configuration that names it crashes this CLI.
func New() backend.Backend { return nil }
