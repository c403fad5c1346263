package provider

import (
	"cmp"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
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
	if product, _ := cliVersion(); !cliHas(terraform, tofu) {
		t.Skipf("%s has this from %s on", product, cmp.Or(map[string]string{"Terraform": terraform, "OpenTofu": tofu}[product], "no version"))
	}
}

// needsTerraformData skips a test of values that are known only at apply.
func needsTerraformData(t *testing.T) {
	t.Helper()
	needs(t, "1.4", "1.6")
}

// cliHas tells whether the CLI under test has what needs would skip without.
func cliHas(terraform, tofu string) bool {
	product, version := cliVersion()
	major, minor, ok := strings.Cut(map[string]string{"Terraform": terraform, "OpenTofu": tofu}[product], ".")
	wantMajor, _ := strconv.Atoi(major)
	wantMinor, _ := strconv.Atoi(minor)
	return ok && (version[0] > wantMajor || version[0] == wantMajor && version[1] >= wantMinor)
}

// TestAccVersion_losesState warns on the versions of Terraform that crash, and
// on no other.
func TestAccVersion_losesState(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + valve(""))
	c.succeeds(c.apply())
	product, _ := cliVersion()
	affected := product == "Terraform" && cliHas("1.16", "") // That in tools/terraform-next is.
	if text := c.output.String(); losesStateWarning.MatchString(text) != affected {
		t.Error(text)
	}
}
