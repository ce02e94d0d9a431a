#!/usr/bin/env bash
# /openapi.json of the live worker: valid, and every answer as described, for requests made from it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."

venv=target/openapi-venv
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/"
fi

cargo build --quiet --locked -p admin-examples --bin worker
exec {log}< <(exec target/debug/worker --port 0 2>&1)
worker=$!
trap 'kill "$worker" 2>/dev/null || true' EXIT
address=
while [[ -z $address ]] && read -r -u "$log" line; do
  if [[ $line =~ 127\.0\.0\.1:[0-9]+ ]]; then address=${BASH_REMATCH[0]}; fi
done
[[ -n $address ]] || { echo "the worker does not listen" >&2; exit 1; }
cat <&"$log" >target/openapi-worker.log &

curl --fail --silent --show-error "http://$address/openapi.json" >target/openapi.json
"$venv/bin/openapi-spec-validator" target/openapi.json
timeout 60 "$venv/bin/schemathesis" --config-file "$here/schemathesis.toml" run "http://$address/openapi.json"
kill -0 "$worker" || { echo "the worker did not live through it" >&2; exit 1; }
