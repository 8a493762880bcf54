#!/usr/bin/env bash
# The OpenTelemetry Collector, compiled from collector/ (its sources are generated: make collector-sources).
source "$(dirname "$0")/lib.sh"
stamp=collector/bin/.installed
inputs=(collector/*.go collector/go.mod collector/go.sum scripts/install/collector.sh)
if unchanged $stamp "${inputs[@]}"; then exit; fi

need_go "$(go_of collector/go.mod)"
if only_checking; then exit; fi

say 'the collector, compiled: two minutes the first time'
(cd collector && go_counted build -o bin/otelcol .)
collector/bin/otelcol --version > /dev/null
mark_done $stamp "${inputs[@]}"
