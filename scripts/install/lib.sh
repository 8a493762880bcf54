# Sourced by every install step: one way to speak, to demand a tool and to skip what is done.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf 'install: %s\n' "$*"; }
die() {
  printf 'install: %s\n' "$@" >&2
  exit 1
}

# need COMMAND WHERE: stops with where to get it when the command is not there.
need() {
  command -v "$1" > /dev/null || die "$1 is missing; get $2"
}

# need_package COMMAND PACKAGE: the same for what Debian ships and root may install (nothing here is a service).
need_package() {
  command -v "$1" > /dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    say "$1 is missing: apt-get install $2"
    fresh_apt_lists "$2"
    apt-get install -y -q --no-install-recommends "$2" > /dev/null
  fi
  need "$1" "it with: sudo apt-get install $2"
}

# fresh_apt_lists PACKAGE: fetches apt's lists when they know no such package.
apt_knows() { [[ "$(apt-cache policy "$1" 2> /dev/null)" == *'Candidate: '[!\(]* ]]; }
fresh_apt_lists() {
  if apt_knows "$1"; then return; fi
  [ "$(id -u)" = 0 ] || die "apt knows no package $1; refresh its lists with: sudo apt-get update"
  say 'apt-get update'
  apt-get update -q > /dev/null
  apt_knows "$1" || die "apt knows no package $1, even after apt-get update; see /etc/apt/sources.list.d"
}

# only_checking: true in the first round, in which every step says what it lacks and none works.
only_checking() { [ "${step_round:-}" = check ]; }

# need_go VERSION: stops when Go is missing or older; go_of MODULE_FILE is the version that a go.mod asks for.
go_of() { sed -n 's/^go //p' "$1"; }
need_go() {
  local want=$1 have
  need go "Go $want or newer, https://go.dev/doc/install"
  have=$(go env GOVERSION)
  [ "$(printf '%s\n' "$want" "${have#go}" | sort -V | head -n 1)" = "$want" ] || die "$have is too old; get Go $want or newer, https://go.dev/doc/install"
}

# go_counted build|install ARGUMENTS…: small static programs. -v names each package on a line of its own; counted, they
# are the progress.
go_counted() {
  CGO_ENABLED=0 go "$1" -v -trimpath -ldflags='-s -w' "${@:2}" 2>&1 | awk '
    /^go: downloading/     { if (++modules % 50 == 0) { print "install:   " modules " modules fetched"; fflush() } next }
    /^[A-Za-z0-9._\/-]+$/  { if (++packages % 200 == 0) { print "install:   " packages " packages compiled"; fflush() } next }
    { print }'
}

# unchanged STAMP FILES…: true when STAMP holds the hash of these files; mark_done writes it.
fingerprint() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }
unchanged() { [ "$(cat "$1" 2> /dev/null)" = "$(fingerprint "${@:2}")" ]; }
mark_done() { fingerprint "${@:2}" > "$1"; }
