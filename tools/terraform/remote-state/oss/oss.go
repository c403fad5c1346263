// Package oss stands in for Terraform's oss backend, which is not published.
package oss

import "github.com/hashicorp/terraform/internal/backend"

// New returns no backend: a configuration that names it crashes this CLI.
func New() backend.Backend { return nil }
