#!/usr/bin/env bash
# Puts the clients that tests/e2e runs into build/clients: Debian's kubectl and promtool, unpacked there and not
# installed, since their packages would replace a kubectl of yours and start services; and client-node, by npm, as
# tests/e2e/client_node/package-lock.json says. Quick when all is there. Usage: scripts/test-clients.sh
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
place=$root/build/clients
fail() { echo "test-clients: $*" >&2; exit 1; }

"$root/scripts/setup.sh" --clients
mkdir -p "$place"
exec 9>"$place/.lock"
flock 9
log=$place/install.log
: >"$log"

# unpacked PACKAGE FILE: the package's files are under build/clients/debian, FILE of it as bin/ of the clients.
unpacked() {
  local package=$1 file=$2 work
  [ -x "$place/bin/${file##*/}" ] && return 0
  echo "test-clients: fetching Debian's $package" >&2
  work=$(mktemp -d)
  # The package lists may be absent or old: fetch them only when the download fails without them.
  if ! (cd "$work" && apt-get download -q "$package") >>"$log" 2>&1; then
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update >>"$log" 2>&1 || true
    (cd "$work" && apt-get download -q "$package") >>"$log" 2>&1 || { tail -n 5 "$log" >&2; fail "cannot download $package"; }
  fi
  dpkg -x "$work"/*.deb "$place/debian" >>"$log" 2>&1 || { tail -n 5 "$log" >&2; fail "cannot unpack $package"; }
  rm -rf "$work"
  mkdir -p "$place/bin"
  ln -sfn "../debian/$file" "$place/bin/${file##*/}"
}

unpacked kubernetes-client usr/bin/kubectl
unpacked prometheus usr/bin/promtool

wanted=$root/tests/e2e/client_node
if ! cmp -s "$wanted/package-lock.json" "$place/node/installed-lock.json"; then
  echo "test-clients: installing client-node for node $(node --version)" >&2
  mkdir -p "$place/node"
  cp "$wanted/package.json" "$wanted/package-lock.json" "$place/node/"
  (cd "$place/node" && npm ci --no-audit --no-fund) >>"$log" 2>&1 || { tail -n 20 "$log" >&2; fail "npm ci failed"; }
  cp "$wanted/package-lock.json" "$place/node/installed-lock.json"
fi
