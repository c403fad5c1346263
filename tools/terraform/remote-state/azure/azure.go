// Package azure stands in for Terraform's azure backend, which is not published.
package azure

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend: a configuration that names it crashes this CLI.
func New() backend.Backend { return nil }
