#!/usr/bin/env bash
# The manifests of examples/deploy against the schemas of Kubernetes, and of the operator of Prometheus.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
manifests=examples/deploy/kubernetes

venv=target/deploy-venv
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/"
fi

"$venv/bin/kubernetes-validate" --strict "$manifests/worker.yaml"
"$venv/bin/python" "$here/pod_monitor.py" "$manifests/podmonitor.yaml"
