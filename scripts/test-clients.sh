#!/usr/bin/env bash
# Puts the clients that tests/e2e runs into build/clients: Debian's kubectl and promtool, unpacked there and not
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

# fetched PACKAGE FILE: the package's files are under build/clients/debian, FILE of it as bin/ of the clients.
fetched() {
  unpacked "$place/debian" "$1" "$2" "$log" || { tail -n 5 "$log" >&2; fail "cannot fetch Debian's $1"; }
  mkdir -p "$place/bin"
  ln -sfn "../debian/$2" "$place/bin/${2##*/}"
}

fetched kubernetes-client usr/bin/kubectl
fetched prometheus usr/bin/promtool

wanted=$root/tests/e2e/client_node
if ! cmp -s "$wanted/package-lock.json" "$place/node/installed-lock.json"; then
  echo "test-clients: installing client-node and playwright for node $(node --version)" >&2
  mkdir -p "$place/node"
  cp "$wanted/package.json" "$wanted/package-lock.json" "$place/node/"
  (cd "$place/node" && npm ci --no-audit --no-fund) >>"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "npm ci failed"; }
  cp "$wanted/package-lock.json" "$place/node/installed-lock.json"
fi
