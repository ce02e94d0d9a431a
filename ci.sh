#!/usr/bin/env bash
# What is checked before a change lands: format, clippy, tests, docs. Installs what the tests need.
set -euo pipefail
cd "$(dirname "$0")"

# Debian packages by the command that each brings.
declare -A packages=(
  [cc]=gcc [curl]=curl [gdb]=gdb [gzip]=gzip [prometheus]=prometheus [promtool]=prometheus
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

step() { printf '\n== %s\n' "$*"; "$@"; }
step cargo fmt --all --check
step cargo clippy --workspace --all-targets --locked -- -D warnings
step cargo test --workspace --locked --no-fail-fast
RUSTDOCFLAGS="-D warnings" step cargo doc --workspace --no-deps --locked
