#!/usr/bin/env bash
# Fuzzes a target for some seconds: tests/fuzz/run.sh run_script 60. Installs cargo-fuzz where it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
target="$1" seconds="$2"

cargo fuzz --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-fuzz@0.13.2

# The scripts that are compared with CPython are where mutations start from.
seeds=target/fuzz/seeds
rm -rf "$seeds" && mkdir -p "$seeds" target/fuzz/artifacts target/fuzz/corpus
awk -v seeds="$seeds" '/^#: /{file = seeds "/" $2; next} {print > file}' tests/data/script/corpus.py.txt

# A sanitizer needs an unstable compiler, and the target has no unsafe code to watch over.
# Optimised little: the build takes longer than what it would save.
export CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_OPT_LEVEL=1
cargo fuzz run "$target" target/fuzz/corpus "$seeds" --fuzz-dir tests/fuzz --target-dir target/fuzz \
  --sanitizer none --codegen-units 16 -- \
  -max_total_time="$seconds" -timeout=20 -max_len=4096 -artifact_prefix=target/fuzz/artifacts/ -print_final_stats=1 \
  -print_funcs=0 -verbosity=0
