#!/usr/bin/env bash
# What is checked before a change is merged. `./ci.sh` runs every step, `./ci.sh lint test` those two.
# Each step installs the Debian packages that it needs and that are missing.
set -euo pipefail
cd "$(dirname "$0")"

# A clean checkout is built once: files for incremental builds would only fill the disk.
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"

steps=(fmt lint test features doc openapi deploy fuzz package deny)

usage() {
  cat <<'USAGE'
usage: ./ci.sh [step...]

  fmt       formatting of every crate
  lint      clippy on every target, warnings denied
  test      all tests; installs clients such as curl, gdb, Chromium, Prometheus and Alertmanager
  features  each feature of admin-endpoints alone, the default features of admin-runtime, other targets
  doc       rustdoc, warnings denied
  openapi   /openapi.json of the worker: validators, and requests generated from it
  deploy    the manifests of examples/deploy against the schemas of Kubernetes and of the operator of Prometheus
  fuzz      15 seconds each of heads of requests, uploads, files of tokens and scripts, guided by coverage
  package   what would be published
  deny      licences, bans and sources, with cargo-deny where it is installed
USAGE
}

# The Debian package of a command.
package_of() {
  case "$1" in
    amtool) echo prometheus-alertmanager ;;
    c++) echo g++ ;;
    cc) echo gcc ;;
    go) echo golang-go ;;
    nc) echo netcat-openbsd ;;
    promtool) echo prometheus ;;
    ps) echo procps ;;
    setpriv) echo util-linux ;;
    strip) echo binutils ;;
    systemd-analyze | systemd-socket-activate) echo systemd ;;
    *) echo "$1" ;;
  esac
}

apt_install() {
  local sudo
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "$@"
}

# Installs what is missing of these commands.
need() {
  local command missing=()
  for command in "$@"; do
    command -v "$command" >/dev/null || missing+=("$(package_of "$command")")
  done
  if ((${#missing[@]})); then apt_install "${missing[@]}"; fi
}

run() {
  printf '+ %s\n' "$*"
  "$@"
}

step_fmt() {
  run cargo fmt --all --check
}

step_lint() {
  need cc c++
  run cargo clippy --workspace --all-targets --locked -- -D warnings
}

step_test() {
  need amtool cc c++ chromium curl gdb go gzip nc openssl prometheus promtool ps python3 strip systemd-analyze systemd-socket-activate
  # The long forms of the tests whose length can be chosen.
  PROFILE_STRESS_SECONDS="${PROFILE_STRESS_SECONDS:-15}" SOAK_SECONDS="${SOAK_SECONDS:-15}" THREADS_STRESS_SECONDS="${THREADS_STRESS_SECONDS:-15}" run cargo test --workspace --locked --no-fail-fast
}

step_features() {
  need cc go make
  local features feature
  features=$(sed -n 's/^default = \[\(.*\)\]$/\1/p' admin-endpoints/Cargo.toml | tr -d '",')
  [ -n "$features" ] || { echo "no default features in admin-endpoints/Cargo.toml" >&2; return 1; }
  for feature in $features fleet; do
    run cargo clippy -p admin-endpoints --no-default-features --features "$feature" --locked -- -D warnings
  done
  # The code for the absence of another feature is only compiled here.
  run cargo test -p admin-endpoints --no-default-features --features env --lib --locked
  run cargo test -p admin-endpoints --no-default-features --features run-script --lib --locked
  run cargo test -p admin-examples --features heap-profile --test heap_profile --locked
  # Tests enable `schemars` for the whole workspace.
  run cargo clippy -p admin-runtime --locked -- -D warnings
  for feature in systemd tls; do
    run cargo clippy -p admin-runtime --features "$feature" --locked -- -D warnings
  done
  local target sysroot
  sysroot=$(rustc --print sysroot)
  for target in aarch64-unknown-linux-gnu; do
    if [ -d "$sysroot/lib/rustlib/$target" ]; then
      run cargo check -p admin-endpoints --target "$target" --locked
    else
      echo "$target is not installed: not checked"
    fi
  done
}

step_doc() {
  need cc
  RUSTDOCFLAGS="-D warnings" run cargo doc --workspace --no-deps --locked
}

step_openapi() {
  need cc curl python3
  python3 -c 'import ensurepip' 2>/dev/null || apt_install python3-venv
  command -v npm >/dev/null || apt_install nodejs npm
  run tests/openapi/check.sh
}

step_deploy() {
  need python3
  python3 -c 'import ensurepip' 2>/dev/null || apt_install python3-venv
  run tests/deploy/check.sh
}

step_fuzz() {
  need cc c++
  run tests/fuzz/run.sh "${FUZZ_SECONDS:-15}"
}

step_package() {
  run cargo package -p admin-macros -p admin-runtime -p admin-endpoints --no-verify --allow-dirty --quiet
}

step_deny() {
  if cargo deny --version >/dev/null 2>&1; then
    run cargo deny --locked check
  else
    echo "cargo-deny is not installed: the test tidy::licences alone checks licences and sources"
  fi
}

(($#)) || set -- "${steps[@]}"
for step in "$@"; do
  case "$step" in
    -h | --help)
      usage
      exit
      ;;
  esac
  [[ " ${steps[*]} " == *" $step "* ]] || { echo "ci.sh: no step '$step'" >&2; usage >&2; exit 2; }
done
for step in "$@"; do
  printf '\n== %s\n' "$step"
  "step_$step"
done
