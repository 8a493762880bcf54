#!/usr/bin/env bash
# Prometheus 3 and its promtool, compiled into .stack/prometheus3/bin: the line that containers run. Debian's is 2.42.
source "$(dirname "$0")/lib.sh"
# Prometheus 3.16.0: as a Go module, version 3.x.y is v0.3xx.y.
version=v0.316.0
stamp=.stack/prometheus3/.installed
inputs=(scripts/install/prometheus3.sh)
if unchanged $stamp "${inputs[@]}"; then exit; fi

need_go 1.26.7
if only_checking; then exit; fi

say 'Prometheus 3, compiled: five minutes on two cores, once'
mkdir -p .stack/prometheus3/bin
GOBIN="$PWD/.stack/prometheus3/bin" go_counted install github.com/prometheus/prometheus/cmd/{prometheus,promtool}@$version
.stack/prometheus3/bin/promtool --version > /dev/null 2>&1 || die 'Prometheus 3 was compiled but does not run, see above'
mark_done $stamp "${inputs[@]}"
