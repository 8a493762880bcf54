#!/usr/bin/env bash
# The speech recogniser of the sandbox, in a Python environment of its own.
source "$(dirname "$0")/lib.sh"
stamp=.stack/python/.installed
inputs=(scripts/install/python.sh scripts/install/requirements.txt)
if unchanged $stamp "${inputs[@]}"; then exit; fi

need_package python3 python3
if ! python3 -c 'import ensurepip, venv' 2> /dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || die "Python's venv is missing; get it with: sudo apt-get install python3-venv"
  say "Python's venv is missing: apt-get install python3-venv"
  fresh_apt_lists python3-venv
  apt-get install -y -q --no-install-recommends python3-venv > /dev/null
fi
if only_checking; then exit; fi

say "Python packages: $(grep -v '^#' scripts/install/requirements.txt | tr '\n' ' ')"
rm -rf .stack/python
python3 -m venv .stack/python
# Not its dependencies: they serve a microphone, which the sandbox has no use for.
.stack/python/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: --no-deps \
  --requirement scripts/install/requirements.txt
.stack/python/bin/python -c 'from pocketsphinx import Decoder; Decoder()' 2> /dev/null || die 'pocketsphinx was installed but does not load its model'
mark_done $stamp "${inputs[@]}"
