# Sourced by the other scripts: `build PRESET [TARGET...]` installs what is missing, configures when needed and
# builds. Everything it says goes to standard error: progress on a terminal, one line elsewhere, the compiler's
# complaints whole; the full log stays in build/PRESET/build.log. RACEBED_JOBS limits parallel compiles.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

configure() {
  local preset=$1 stamp=$root/build/$1/.configured
  if [ -e "$root/build/$preset/build.ninja" ] && [ "$stamp" -nt "$root/CMakePresets.json" ]; then return 0; fi
  local log=$root/build/$preset/configure.log
  if ! (cd "$root" && cmake --preset "$preset") >"$log" 2>&1; then
    cat "$log" >&2
    echo "racebed: configuring (preset $preset) failed, see above" >&2
    return 1
  fi
  touch "$stamp"
}

# Reads ninja's output. NINJA_STATUS is "@[%f/%t] ", so that its own lines can be told from the compiler's.
show_progress() {
  local preset=$1 log=$2 line announced='' terminal=''
  [ -t 2 ] && terminal=1
  : >"$log"
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    case "$line" in
      '@['*'Re-checking globbed'* | '@['*'Re-running CMake'* | '-- '* | 'ninja: no work to do.' | 'ninja: Entering'*) ;;
      '@['*)
        if [ -n "$terminal" ]; then
          printf '\r\033[K%.100s' "${line#@}" >&2
        elif [ -z "$announced" ]; then
          echo "racebed: building (preset $preset)" >&2
        fi
        announced=1
        ;;
      *)
        [ -n "$terminal" ] && [ -n "$announced" ] && printf '\r\033[K' >&2
        printf '%s\n' "$line" >&2
        ;;
    esac
  done
  if [ -n "$terminal" ] && [ -n "$announced" ]; then printf '\r\033[K' >&2; fi
}

build() {
  local preset=$1 options=()
  shift
  case "$preset" in clang* | fuzz) options=(--clang) ;; esac
  "$root/scripts/setup.sh" "${options[@]}" >&2 || return 1
  mkdir -p "$root/build/$preset"
  (
    flock 9  # two builds of one folder would trip over each other
    configure "$preset" || exit 1
    NINJA_STATUS='@[%f/%t] ' ninja -C "$root/build/$preset" ${RACEBED_JOBS:+-j "$RACEBED_JOBS"} "$@" 2>&1 </dev/null |
      show_progress "$preset" "$root/build/$preset/build.log"
    exit "${PIPESTATUS[0]}"
  ) 9>"$root/build/$preset/.lock"
}
