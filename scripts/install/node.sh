#!/usr/bin/env bash
# npm packages, Node 24 from the `node` package, and sqlite3 compiled for it.
source "$(dirname "$0")/lib.sh"
stamp=node_modules/.installed
inputs=(package-lock.json scripts/install/node.sh)
if unchanged $stamp "${inputs[@]}"; then exit; fi

need npm 'Node 20 or newer, https://nodejs.org/en/download'
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || die "Node $major is too old to install with; get Node 20 or newer, https://nodejs.org/en/download"
need_package g++ g++
need_package python3 python3
if only_checking; then exit; fi

say 'npm packages'
npm ci --ignore-scripts --loglevel=error
# The package holds no Node, only an install script that fetches the one for this machine, headers included.
say 'Node, from npm'
npm rebuild node --loglevel=error
headers=$(echo "$PWD"/node_modules/node/node_modules/node-linux-*)
[ -d "$headers/include/node" ] || die "$headers holds no headers: npm could not fetch Node for $(uname -m)"

# Its prebuilt binary lies outside the npm registry, so it is compiled, against the headers of the Node that runs it.
export PATH="$PWD/node_modules/.bin:$PATH"
say "sqlite3 for Node $(node --version), compiled: a minute"
npm_config_build_from_source=true npm_config_nodedir="$headers" npm rebuild sqlite3 --loglevel=error
node -e "
  const { Database } = require('sqlite3');
  new Database(':memory:').exec('CREATE VIRTUAL TABLE t USING fts5(x)', (error) => { if (error) throw error; });
" || die 'sqlite3 was compiled but does not work, see above'
mark_done $stamp "${inputs[@]}"
