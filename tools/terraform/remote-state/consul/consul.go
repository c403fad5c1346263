// Package consul stands in for Terraform's consul backend, which is not published.
package consul

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend: a configuration that names it crashes this CLI.
func New() backend.Backend { return nil }
