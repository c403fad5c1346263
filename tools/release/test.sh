#!/bin/sh
# Builds a release for this platform alone, sees that it holds the files that
# it should and that another build gives the same bytes, and applies the demo
# with the provider and the simulator from its archives.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD
PATH=$root/bin:$PATH
go=${GO:-go}
platform=$($go env GOOS)_$($go env GOARCH)
built=$root/bin/release

again=$(mktemp -d "${TMPDIR:-/tmp}/terraform-provider-twilio-release.XXXXXX")
trap 'rm -rf "$again"' EXIT
trap 'exit 1' HUP INT TERM

# build DIRECTORY DIST: builds the checkout in DIRECTORY into DIST.
build() {
	mkdir -p "$2"
	{
		echo "dist: $2/dist"
		sed -e "s/goos: &goos .*/goos: \&goos [${platform%_*}]/" \
			-e "s/goarch: &goarch .*/goarch: \&goarch ['${platform#*_}']/" "$1/.goreleaser.yml"
	} >"$2/config.yml"
	# Where there is no remote, GoReleaser takes no date from the commit.
	(cd "$1" && GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0=https://example.com/ \
		goreleaser release --config "$2/config.yml" --snapshot --clean --skip=sign)
}

build "$root" "$built"
cat "$built"/dist/*_SHA256SUMS
names=$(sed -e 's/.*  //' -e 's/_[0-9][^_]*_/_/' "$built"/dist/*_SHA256SUMS | LC_ALL=C sort | tr '\n' ' ')
expected="terraform-provider-twilio_$platform.sbom.json terraform-provider-twilio_$platform.zip \
terraform-provider-twilio_manifest.json twiliosim_$platform.sbom.json twiliosim_$platform.tar.gz "
if [ "$names" != "$expected" ]; then
	echo "The release holds $names, and should hold $expected" >&2
	exit 1
fi

# Elsewhere, later, and with other permissions: what was committed must give
# the same bytes. What was not committed is not in the clone.
if [ -z "$(git status --porcelain)" ]; then
	git clone --quiet --no-hardlinks "$root" "$again/terraform-provider-twilio"
	(umask 077 && build "$again/terraform-provider-twilio" "$again/built" >"$again/log" 2>&1) || { cat "$again/log"; exit 1; }
	if ! diff "$built"/dist/*_SHA256SUMS "$again"/built/dist/*_SHA256SUMS; then
		echo 'Another build gave other bytes.' >&2
		exit 1
	fi
	echo 'Another build, from another clone, gave the same bytes.'
else
	echo 'Not built again elsewhere, since changes are not committed.'
fi

TERRAFORM=$root/bin/terraform ARCHIVES=$built/dist examples/demo/run.sh
