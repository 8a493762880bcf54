#!/usr/bin/env bash
# Every check and test, each phase with its time; the first failure ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

phase() {
  local name=$1 begin=$SECONDS
  printf '\n== %s\n' "$name"
  "${@:2}" || { printf '== %s failed after %d s\n' "$name" $((SECONDS - begin)) >&2; exit 1; }
  printf '== %s: %d s\n' "$name" $((SECONDS - begin))
}

# What is generated from the catalog must be what is in the tree.
drift() {
  local before after
  before=$(generated)
  npm run --silent generate
  after=$(generated)
  diff <(printf '%s\n' "$before") <(printf '%s\n' "$after") ||
    { echo 'Generated files were out of date and are now written anew; commit them.' >&2; return 1; }
}
generated() { find docs alerts grafana deploy -type f -exec sha256sum {} + 2> /dev/null | sort -k 2; }

run() {
  case $1 in
    install) phase install bash scripts/install.sh ;;
    lint) phase lint biome check . ;;
    types) phase types npm run --silent typecheck ;;
    drift) phase 'generated files' drift ;;
    stack)
      phase 'collector configuration' collector/bin/otelcol validate --config otel-collector.yaml
      phase 'Prometheus configuration and rules' .stack/bin/promtool check config prometheus.yml
      phase 'Alertmanager configuration' .stack/bin/amtool check-config alertmanager.yml
      ;;
    test) phase tests npm run --silent test ;;
    *) echo "There is no phase $1" >&2; exit 1 ;;
  esac
}

[ $# -gt 0 ] || set -- install lint types drift stack test
for name in "$@"; do run "$name"; done
printf '\nAll passed in %d s.\n' "$SECONDS"
