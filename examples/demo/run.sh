#!/bin/sh
# Applies the configuration beside this file to a simulator of the Twilio APIs,
# shows what reached the devices, and cleans up: no account, no network.
#
#   TERRAFORM=terraform   the CLI: a name looked for in PATH, or a path;
#                         terraform and tofu are built where PATH has none
#   ARCHIVES=             a directory with archives of a release, to take the
#                         provider and the simulator from rather than build them
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
go=${GO:-go}
simulator=

work=$(mktemp -d "${TMPDIR:-/tmp}/terraform-provider-twilio-demo.XXXXXX")

stop_simulator() {
	[ -n "$simulator" ] || return 0
	kill "$simulator" 2>/dev/null || :
	wait "$simulator" 2>/dev/null || :
	simulator=
}

clean_up() {
	status=$?
	trap '' HUP INT TERM
	stop_simulator
	if [ "$status" -ne 0 ] && [ "$status" -lt 128 ]; then
		echo "The demo failed." >&2
		[ ! -f "$work/simulator.log" ] || tail -n 20 "$work/simulator.log" >&2
	fi
	rm -rf "$work"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The user's own accounts and Terraform settings must not be touched.
for name in $(env | sed -n -e 's/^\(TF_[A-Za-z0-9_]*\)=.*/\1/p' \
	-e 's/^\(TWILIO_[A-Z0-9_]*\)=.*/\1/p' -e 's/^\(KORE_[A-Z0-9_]*\)=.*/\1/p'); do
	unset "$name"
done
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0

heading() { printf '\n== %s\n' "$*"; }

# The CLI.
cli=${TERRAFORM:-terraform}
if "$cli" version >/dev/null 2>&1; then
	cli=$(command -v "$cli")
	case $cli in /*) ;; *) cli=$PWD/$cli ;; esac
else
	case $cli in
	terraform | tofu) ;;
	*) echo "TERRAFORM=$cli cannot be run." >&2; exit 1 ;;
	esac
	"${MAKE:-make}" -s -C "$root" "bin/$cli"
	cli=$root/bin/$cli
fi
tf() { (cd "$work" && "$cli" "$@" -no-color); }

# A CLI can run under emulation: the provider has to be for what that is.
platform=$("$cli" version | sed -n 's/^on //p')
if [ -n "${ARCHIVES:-}" ]; then
	heading "$("$cli" version | sed -n 1p); the archives in $ARCHIVES"
	set -- "$ARCHIVES"/terraform-provider-twilio_*_"$platform".zip
	version=${1##*/terraform-provider-twilio_}
	version=${version%"_$platform.zip"}
	package() { cp "$archive" "$1"; }
	archive=$1
	tar -xzf "$ARCHIVES/twiliosim_${version}_$platform.tar.gz" -C "$work" twiliosim
else
	heading "$("$cli" version | sed -n 1p); building the provider and the simulator"
	version=0.0.1 # 0.0.0 would mean no version
	(cd "$root" && "$go" mod download) # what go build downloads, it lists
	(cd "$root" && CGO_ENABLED=0 GOOS=${platform%_*} GOARCH=${platform#*_} \
		"$go" build -trimpath -buildvcs=false -ldflags "-X main.version=$version" -o "$work/provider" .)
	package() {
		mkdir -p "$1/$version/$platform"
		cp "$work/provider" "$1/$version/$platform/terraform-provider-twilio_v$version"
	}
	(cd "$root" && CGO_ENABLED=0 "$go" build -buildvcs=false -o "$work/twiliosim" ./internal/twiliosim/cmd/twiliosim)
fi
for host in registry.terraform.io registry.opentofu.org; do
	mkdir -p "$work/mirror/$host/seed-0925943e/twilio"
	package "$work/mirror/$host/seed-0925943e/twilio"
done

# Have the CLI take the provider from there, and nothing from anywhere else.
export TF_CLI_CONFIG_FILE="$work/cli.tfrc"
cat >"$TF_CLI_CONFIG_FILE" <<END
provider_installation {
  filesystem_mirror {
    path = "$work/mirror"
  }
}
END

# Starts a simulator, which these options configure.
start_simulator() {
	rm -f "$work/address"
	"$work/twiliosim" -listen 127.0.0.1:0 -address-file "$work/address" "$@" >"$work/simulator.log" 2>&1 &
	simulator=$!
	while [ ! -s "$work/address" ]; do
		if ! kill -0 "$simulator" 2>/dev/null; then
			echo "The simulator did not start." >&2
			exit 1
		fi
		sleep 0.2 2>/dev/null || sleep 1
	done
	address=$(cat "$work/address")
	export TWILIO_SUPERSIM_ENDPOINT="$address" TWILIO_WIRELESS_ENDPOINT="$address"
	echo "The simulator listens on $address."
}
export TWILIO_ACCOUNT_SID=ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa TWILIO_AUTH_TOKEN=simulatorAuthToken00000000000000
start_simulator -send-delay 1s -seed

cp "$here"/*.tf "$work"
# Without this a CLI passes over versions such as 0.1.0-dev.
cat >"$work/version_override.tf" <<END
terraform {
  required_providers {
    twilio = {
      source  = "seed-0925943e/twilio"
      version = "$version"
    }
  }
}
END

name=$(basename "$cli")
heading "$name init"
tf init >"$work/init.log" 2>&1 || { cat "$work/init.log"; exit 1; }
grep '^- Installed' "$work/init.log"
grep "^ *version *= \"$version\"\$" "$work/.terraform.lock.hcl"

# Applies, and shows what counts: the messages, what Terraform warns of, the sum.
apply() {
	tf apply -auto-approve "$@" >"$work/apply.log" 2>&1 || { cat "$work/apply.log"; exit 1; }
	sed -n -e '/: Creation complete/p' -e '/^Warning:/,/^(and .* more/p' -e '/^Apply complete!/p' "$work/apply.log"
}
posts() { grep -c '^request POST' "$work/simulator.log"; }

heading "$name apply"
apply

heading "What reached the devices, and what they replied"
grep -E '^(delivered|received)' "$work/simulator.log"

heading "What the meters have read, as outputs of the same apply"
tf output >"$work/outputs"
sed -n '/^litres/,/^}/p' "$work/outputs"
for litres in 120538 88713; do
	grep -q "= $litres\$" "$work/outputs" || { echo "No meter has replied $litres." >&2; exit 1; }
done

heading "The state is lost, and $name applies again"
sent=$(posts)
rm "$work/terraform.tfstate"
apply
[ "$(posts)" -eq "$sent" ] || { echo "A message was sent again." >&2; exit 1; }
echo "The simulator has seen $(posts) POSTs, as before: nothing was sent again."

heading "$name plan"
tf plan -detailed-exitcode >"$work/plan.log" || { cat "$work/plan.log"; exit 1; }
grep '^No changes' "$work/plan.log"

heading "$name destroy"
apply -destroy

stopped() {
	pid=$simulator
	stop_simulator
	if kill -0 "$pid" 2>/dev/null; then
		echo "The simulator is still running." >&2
		exit 1
	fi
}
stopped

# Actions are Terraform's, since 1.14.
case $("$cli" version | sed -n 1p) in
"Terraform v1.1"[4-9]* | "Terraform v1."[2-9][0-9]*)
	mkdir "$work/rollout"
	cp "$here"/rollout/*.tf "$work/version_override.tf" "$work/rollout"
	heading "A fleet of eight displays, one of which is off"
	start_simulator -config "$here/rollout/simulator.hcl"
	roll_out() {
		(cd "$work/rollout" && "$cli" apply -no-color -auto-approve -invoke=action.twilio_ip_command_rollout.announce "$@" >"$work/apply.log" 2>&1) && {
			echo "The rollout did not see that a display is off." >&2
			exit 1
		}
		sed -n -e 's/^Action .*(triggered by CLI): //p' -e '/^Rollout did not end/,$p' "$work/apply.log"
	}
	(cd "$work/rollout" && "$cli" init -no-color >"$work/init.log" 2>&1) || { cat "$work/init.log"; exit 1; }
	roll_out
	heading "The rollout goes on, and one display may be off"
	roll_out -var max_failures=1
	heading "What reached the displays"
	grep -E '^delivered' "$work/simulator.log"
	stopped
	;;
*) printf '\nThe demo of a rollout needs Terraform 1.14 or later.\n' ;;
esac
heading "Done: sent, found again, rolled out, and cleaned up."
