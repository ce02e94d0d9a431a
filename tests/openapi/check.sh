#!/usr/bin/env bash
# /openapi.json of the live worker: valid, accepted by a linter and by generators of clients, and
# true: replies are as described, to a generated client and to requests made from the document.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
out=target/openapi
mkdir -p "$out"

venv=target/openapi-venv
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/"
fi
if ! cmp -s "$here/package-lock.json" "$out/installed.json"; then
  cp "$here/package.json" "$here/package-lock.json" "$out/"
  npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$out"
  cp "$here/package-lock.json" "$out/installed.json"
fi
node_bin=$out/node_modules/.bin

cargo build --quiet --locked -p admin-examples --bin worker
exec {log}< <(exec target/debug/worker --port 0 2>&1)
worker=$!
trap 'kill "$worker" 2>/dev/null || true' EXIT
address=
while [[ -z $address ]] && read -r -u "$log" line; do
  if [[ $line =~ 127\.0\.0\.1:[0-9]+ ]]; then address=${BASH_REMATCH[0]}; fi
done
[[ -n $address ]] || { echo "the worker does not listen" >&2; exit 1; }
cat <&"$log" >"$out/worker.log" &

document=$out/openapi.json
curl --fail --silent --show-error "http://$address/openapi.json" >"$document"
"$venv/bin/openapi-spec-validator" "$document"

export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
"$node_bin/redocly" lint --config "$here/redocly.yaml" --max-problems 20 "$document"

"$node_bin/openapi-typescript" "$document" --output "$out/client.ts"
"$node_bin/tsc" --strict --noEmit "$out/client.ts"

rm -rf "$out/admin_client"
PATH=$PWD/$venv/bin:$PATH "$venv/bin/openapi-python-client" generate \
  --path "$document" --output-path "$out/admin_client" --meta none --fail-on-warning
PYTHONPATH=$out "$venv/bin/python" "$here/client.py" "http://$address"

timeout 600 "$venv/bin/schemathesis" --config-file "$here/schemathesis.toml" run "http://$address/openapi.json"
kill -0 "$worker" || { echo "the worker did not live through it" >&2; exit 1; }
