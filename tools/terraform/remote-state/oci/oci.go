// Package oci stands in for Terraform's oci backend, which is not published.
package oci

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend: a configuration that names it crashes this CLI.
func New() backend.Backend { return nil }
