#!/usr/bin/env bash
# Brings everything that the stack and the tests need into node_modules, .stack and collector/bin; what is there already is skipped.
set -euo pipefail
here=$(dirname "$0")/install
for step in node debian python collector; do
  SECONDS=0
  bash "$here/$step.sh"
  printf 'install: %-9s ready (%d s)\n' "$step" "$SECONDS"
done
