#!/usr/bin/env bash
# The OpenTelemetry Collector, compiled from collector/ (its sources are generated: make collector-sources).
source "$(dirname "$0")/lib.sh"
stamp=collector/bin/.installed
inputs=(collector/*.go collector/go.mod collector/go.sum scripts/install/collector.sh)
if unchanged $stamp "${inputs[@]}"; then exit; fi

want=$(sed -n 's/^go //p' collector/go.mod)
need go "Go $want or newer, https://go.dev/doc/install"
have=$(go env GOVERSION)
[ "$(printf '%s\n' "$want" "${have#go}" | sort -V | head -n 1)" = "$want" ] || die "$have is too old; get Go $want or newer, https://go.dev/doc/install"
if only_checking; then exit; fi

say 'the collector, compiled: two minutes the first time'
# -v names each package on a line of its own; counted, they are the progress.
(cd collector && CGO_ENABLED=0 go build -v -trimpath -ldflags='-s -w' -o bin/otelcol . 2>&1) | awk '
  /^go: downloading/     { if (++modules % 50 == 0) { print "install:   " modules " modules fetched"; fflush() } next }
  /^[A-Za-z0-9._\/-]+$/  { if (++packages % 200 == 0) { print "install:   " packages " packages compiled"; fflush() } next }
  { print }'
collector/bin/otelcol --version > /dev/null
mark_done $stamp "${inputs[@]}"
