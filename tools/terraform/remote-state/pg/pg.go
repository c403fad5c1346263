// Package pg stands in for Terraform's pg backend, which is not published.
package pg

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend: a configuration that names it crashes this CLI.
func New() backend.Backend { return nil }
