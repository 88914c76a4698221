# Sourced by scripts that want a file of a Debian package without installing the package, whose dependencies or
# services would be in the way. unpacked PLACE PACKAGE FILE LOG: the package's files are under PLACE, FILE among them;
# quick when it is there. What goes wrong is in LOG.

unpacked() {
  local place=$1 package=$2 file=$3 log=$4 work as_root=()
  [ -e "$place/$file" ] && return 0
  echo "setup: fetching Debian's $package" >&2
  mkdir -p "$place"
  work=$(mktemp -d)
  # The package lists may be absent or old: fetch them only when the download fails without them.
  if ! (cd "$work" && apt-get download -q "$package") >>"$log" 2>&1; then
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=300 update >>"$log" 2>&1 || true
    (cd "$work" && apt-get download -q "$package") >>"$log" 2>&1 || { rm -rf "$work"; return 1; }
  fi
  dpkg -x "$work"/*.deb "$place" >>"$log" 2>&1 || { rm -rf "$work"; return 1; }
  rm -rf "$work"
  [ -e "$place/$file" ]
}
