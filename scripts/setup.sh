#!/usr/bin/env bash
# Installs what racebed is built with, by package name, on Debian 12. Quick when nothing is missing: then it
# only asks dpkg. Usage: scripts/setup.sh [--clang] [--lint] [--clients]
#   --clang  also clang 19 (preset `clang`, scripts/check-determinism)
#   --lint   also clang-format 19 and clang-tidy 19 (scripts/format, scripts/lint)
#   --clients  also curl, openssl, chromium, protoc and, where there is no node, nodejs and npm (scripts/test-clients.sh)
set -euo pipefail

packages=(
  g++-12 cmake ninja-build ccache
  libboost1.81-dev libboost-program-options1.81-dev libssl-dev
  nlohmann-json3-dev libyaml-cpp-dev libfmt-dev libspdlog-dev prometheus-cpp-dev zlib1g-dev libre2-dev
  libsqlitecpp-dev libsqlite3-dev
  gnuplot-nox fonts-dejavu-core libboost-iostreams1.81-dev libboost-filesystem1.81-dev
  catch2 librapidcheck-dev libbenchmark-dev
)
for option in "$@"; do
  case "$option" in
    --clang) packages+=(clang-19 libclang-rt-19-dev) ;;
    --lint) packages+=(clang-19 clang-format-19 clang-tidy-19) ;;
    --clients)
      packages+=(curl openssl chromium protobuf-compiler)
      # Another node than Debian's brings its own npm, and Debian's npm would replace it.
      command -v node >/dev/null && command -v npm >/dev/null || packages+=(nodejs npm)
      ;;
    *) echo "setup: unknown option $option (known: --clang, --lint, --clients)" >&2; exit 2 ;;
  esac
done

# One header of a package that asks for another Boost than ours: unpacked beside the builds, not installed.
debian=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/debian
gnuplot_iostream=usr/include/gnuplot-iostream.h
. "$(dirname "${BASH_SOURCE[0]}")/unpack.sh"

fail() { echo "setup: $*" >&2; exit 1; }

# Prints those of "$@" that are not installed.
missing_of() {
  comm -13 <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii  *//p' | sort -u) \
    <(printf '%s\n' "$@" | sort -u)
}

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || fail "needs Debian 12 (no apt-get here)"
mapfile -t missing < <(missing_of "${packages[@]}")
if [ ${#missing[@]} -eq 0 ] && [ -e "$debian/$gnuplot_iostream" ]; then exit 0; fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT

install_missing() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "cannot install ${missing[*]}: not root, and no sudo; run it once as root"
    as_root=(sudo)
  fi
  apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1
  }

  echo "setup: installing ${missing[*]}" >&2
  # The package lists may be absent or old: fetch them only when an install without them fails.
  if ! apt install --no-install-recommends "${missing[@]}"; then
    apt update || { tail -n 20 "$log" >&2; fail "apt-get update failed, see above"; }
    apt install --no-install-recommends "${missing[@]}" || {
      tail -n 20 "$log" >&2
      fail "apt-get could not install ${missing[*]}, see above"
    }
  fi
  mapfile -t missing < <(missing_of "${missing[@]}")
  [ ${#missing[@]} -eq 0 ] || fail "still missing after apt-get install: ${missing[*]}"
}
[ ${#missing[@]} -eq 0 ] || install_missing

mkdir -p "$debian"
exec 9>"$debian/.lock"
flock 9
unpacked "$debian" libgnuplot-iostream-dev "$gnuplot_iostream" "$log" || {
  tail -n 5 "$log" >&2
  fail "cannot fetch Debian's libgnuplot-iostream-dev, see above"
}
