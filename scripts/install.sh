#!/usr/bin/env bash
# Brings all that the stack and the tests need into node_modules, .stack and collector/bin; what is there is skipped.
# install.sh stack: only what the stack needs.
set -euo pipefail
here=$(dirname "$0")/install
steps=(node debian python collector)
[ "${1:-}" = stack ] || steps+=(compose kubernetes chromium)

missing=0
for step in "${steps[@]}"; do step_round=check bash "$here/$step.sh" || missing=1; done
[ $missing = 0 ] || exit 1

for step in "${steps[@]}"; do
  SECONDS=0
  bash "$here/$step.sh"
  printf 'install: %-10s ready (%d s)\n' "$step" "$SECONDS"
done
