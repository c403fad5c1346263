package provider

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// cliVersion is what the CLI under test says that it is, such as "OpenTofu"
// and 1, 12.
var cliVersion = sync.OnceValues(func() (product string, minor [2]int) {
	out, _ := exec.Command(os.Getenv("TF_ACC_TERRAFORM_PATH"), "version").Output()
	m := regexp.MustCompile(`(Terraform|OpenTofu) v(\d+)\.(\d+)`).FindStringSubmatch(string(out))
	if m == nil {
		return "", minor
	}
	minor[0], _ = strconv.Atoi(m[2])
	minor[1], _ = strconv.Atoi(m[3])
	return m[1], minor
})

// needs skips a test of something that the CLI under test does not have:
// Terraform has it from one version on, OpenTofu from another, or not at all
// where that is empty.
func needs(t *testing.T, terraform, tofu string) {
	t.Helper()
	requireCLI(t)
	product, version := cliVersion()
	since := map[string]string{"Terraform": terraform, "OpenTofu": tofu}[product]
	if since == "" {
		t.Skipf("%s does not have this", product)
	}
	major, minor, _ := strings.Cut(since, ".")
	wantMajor, _ := strconv.Atoi(major)
	wantMinor, _ := strconv.Atoi(minor)
	if version[0] < wantMajor || version[0] == wantMajor && version[1] < wantMinor {
		t.Skipf("%s has this from %s on", product, since)
	}
}
