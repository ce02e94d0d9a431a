#!/usr/bin/env bash
# Fuzzes targets for some seconds each: tests/fuzz/run.sh 60 run_script, or all of them: tests/fuzz/run.sh 60.
# Installs cargo-fuzz where it is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds="$1"
shift
(($#)) || set -- request_heads multipart token_files run_script

cargo fuzz --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-fuzz@0.13.2

# A sanitizer needs an unstable compiler, and the targets have no unsafe code to watch over.
# Optimised little: the build takes longer than what it would save. Without a target all are built, once.
export CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_OPT_LEVEL=1
triple=$(rustc -vV | sed -n 's/^host: //p')
cargo fuzz build --fuzz-dir tests/fuzz --target-dir target/fuzz --target "$triple" --sanitizer none --codegen-units 16

for target in "$@"; do
  # Mutations start from these.
  seeds=target/fuzz/seeds/$target
  rm -rf "$seeds" && mkdir -p "$seeds" target/fuzz/artifacts "target/fuzz/corpus/$target"
  if [ "$target" = run_script ]; then
    # The scripts that are compared with CPython.
    awk -v seeds="$seeds" '/^#: /{file = seeds "/" $2; next} {print > file}' tests/data/script/corpus.py.txt
  else
    cp tests/fuzz/seeds/"$target"/* "$seeds"
  fi
  printf '+ fuzz %s for %s s\n' "$target" "$seconds"
  "target/fuzz/$triple/release/$target" "target/fuzz/corpus/$target" "$seeds" -dict=tests/fuzz/words.dict \
    -max_total_time="$seconds" -timeout=20 -max_len=4096 "-artifact_prefix=target/fuzz/artifacts/$target-" \
    -print_final_stats=1 -print_funcs=0 -verbosity=0
done
