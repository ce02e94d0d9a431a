#!/usr/bin/env bash
# What is checked before a change lands: format, clippy, tests, docs. Installs what the tests need.
set -euo pipefail
cd "$(dirname "$0")"

# Debian packages by the command that each brings.
declare -A packages=(
  [c++]=g++ [cc]=gcc [chromium]=chromium [curl]=curl [gdb]=gdb [gzip]=gzip [prometheus]=prometheus [promtool]=prometheus
  [ps]=procps [python3]=python3 [strip]=binutils
)
missing=()
for command in "${!packages[@]}"; do
  command -v "$command" >/dev/null || missing+=("${packages[$command]}")
done
if ((${#missing[@]})); then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# pip for the validators of /openapi.json.
if ! python3 -c 'import ensurepip' 2>/dev/null; then
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends python3-venv
fi

# The long forms of the tests whose length can be chosen.
export THREADS_STRESS_SECONDS="${THREADS_STRESS_SECONDS:-60}"

step() { printf '\n== %s\n' "$*"; "$@"; }
step cargo fmt --all --check
step cargo clippy --workspace --all-targets --locked -- -D warnings
step cargo test --workspace --locked --no-fail-fast
RUSTDOCFLAGS="-D warnings" step cargo doc --workspace --no-deps --locked
step tests/fuzz/run.sh run_script "${SCRIPT_FUZZ_SECONDS:-60}"
step tests/openapi/check.sh
step cargo package -p admin-macros -p admin-runtime -p admin-endpoints --no-verify --allow-dirty --quiet
