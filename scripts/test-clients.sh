#!/usr/bin/env bash
# Puts the programs that tests/e2e runs into build/clients: Debian's kubectl, promtool and Slurm, unpacked there and not
# installed, since their packages would replace a kubectl of yours and start services; and client-node and playwright,
# by npm, as tests/e2e/client_node/package-lock.json says. Quick when all is there. Usage: scripts/test-clients.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$root/build/clients
. "$root/scripts/unpack.sh"
fail() { echo "test-clients: $*" >&2; exit 1; }

"$root/scripts/setup.sh" --clients
mkdir -p "$place"
exec 9>"$place/.lock"
flock 9
log=$place/install.log
: >"$log"

# fetched PACKAGE FILE: the package's files are under build/clients/debian, FILE among them.
fetched() {
  unpacked "$place/debian" "$1" "$2" "$log" || { tail -n 5 "$log" >&2; fail "cannot fetch Debian's $1"; }
}

# client PACKAGE FILE: the same, and FILE is in bin/ of the clients.
client() {
  fetched "$1" "$2"
  mkdir -p "$place/bin"
  ln -sfn "../debian/$2" "$place/bin/${2##*/}"
}

client kubernetes-client usr/bin/kubectl
client prometheus usr/bin/promtool

libraries=usr/lib/$(uname -m)-linux-gnu
fetched slurmctld usr/sbin/slurmctld-wlm
fetched slurmd usr/sbin/slurmd-wlm
fetched slurm-client usr/bin/sbatch
fetched slurm-wlm-basic-plugins "$libraries/slurm-wlm/auth_munge.so"
fetched munge usr/sbin/munged
fetched libmunge2 "$libraries/libmunge.so.2"
fetched libhwloc15 "$libraries/libhwloc.so.15"
fetched libnuma1 "$libraries/libnuma.so.1"
fetched liblua5.1-0 "$libraries/liblua5.1.so.0"

wanted=$root/tests/e2e/client_node
if ! cmp -s "$wanted/package-lock.json" "$place/node/installed-lock.json"; then
  echo "test-clients: installing client-node and playwright for node $(node --version)" >&2
  mkdir -p "$place/node"
  cp "$wanted/package.json" "$wanted/package-lock.json" "$place/node/"
  (cd "$place/node" && npm ci --no-audit --no-fund) >>"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "npm ci failed"; }
  cp "$wanted/package-lock.json" "$place/node/installed-lock.json"
fi
