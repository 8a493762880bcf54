#!/usr/bin/env bash
# Docker's compose, compiled from deploy/tools/compose, as the judge of docker-compose.yml where there is no Docker.
source "$(dirname "$0")/lib.sh"
stamp=.stack/compose/.installed
inputs=(deploy/tools/compose/go.mod deploy/tools/compose/go.sum scripts/install/compose.sh)
if unchanged $stamp "${inputs[@]}"; then exit; fi

need_go "$(go_of deploy/tools/compose/go.mod)"
if only_checking; then exit; fi

say 'docker compose, compiled: a minute the first time'
mkdir -p .stack/compose .stack/bin
(cd deploy/tools/compose && go_counted build -o ../../../.stack/compose/docker-compose github.com/docker/compose/v5/cmd)
.stack/compose/docker-compose version > /dev/null || die 'docker compose was compiled but does not run, see above'
ln -sf ../compose/docker-compose .stack/bin/docker-compose
mark_done $stamp "${inputs[@]}"
