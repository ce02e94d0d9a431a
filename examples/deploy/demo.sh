#!/usr/bin/env bash
# A controller, a scheduler, three workers, Prometheus and Alertmanager on this machine, with the files of this
# folder and short intervals. README.md says what to do with it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
state=${DEMO_STATE:-$root/target/demo}
programs=${DEMO_PROGRAMS:-$root/target/release}
# Of the controller, the scheduler, the workers, Prometheus and Alertmanager; 9090 and 9093 may be in use by those
# that the packages have started.
read -r -a ports <<<"${DEMO_PORTS:-9000 6999 7000 7001 7002 9190 9193}"
if ((${#ports[@]} != 7)); then echo "demo.sh: DEMO_PORTS has ${#ports[@]} ports, and seven are needed" >&2; exit 1; fi
receiver=${DEMO_RECEIVER:-http://127.0.0.1:5001/}
all=(controller scheduler worker-0 worker-1 worker-2 prometheus alertmanager)
controller=http://127.0.0.1:${ports[0]}
prometheus=http://127.0.0.1:${ports[5]}
alertmanager=http://127.0.0.1:${ports[6]}
timeout_seconds=60

usage() {
  cat <<'USAGE'
usage: demo.sh start|stop
       demo.sh kill|restart NAME

  start    start all programs and wait until Prometheus has scraped each
  kill     kill a program, without a chance to deregister, and wait for the alert
  restart  start it again, and wait until the alert is resolved
  stop     stop everything
USAGE
}

fail() {
  printf '%s\n' "demo.sh: $*" >&2
  exit 1
}

# Fails if a program has ended by itself: a port may be in use.
check_all() {
  local name
  for name in "${all[@]}"; do
    if [ -e "$state/$name.pid" ] && ! kill -0 "$(cat "$state/$name.pid")" 2>/dev/null; then
      tail -n 3 "$state/$name.log" >&2
      fail "$name has ended; DEMO_PORTS chooses other ports than ${ports[*]}"
    fi
  done
}

# Repeats a command until it succeeds.
wait_for() {
  local what=$1
  shift
  SECONDS=0
  until "$@"; do
    check_all
    ((SECONDS < timeout_seconds)) || fail "no $what within $timeout_seconds s; the logs are in $state"
    sleep 0.1
  done
}

# The files of this folder with short intervals and these ports.
write_configuration() {
  sed -e 's/: 15s/: 1s/; s/: 10s/: 1s/' \
    -e "s/127.0.0.1:9000/127.0.0.1:${ports[0]}/; s/127.0.0.1:9093/127.0.0.1:${ports[6]}/" \
    "$here/prometheus.yml" >"$state/prometheus.yml"
  sed -e 's/  for: .*/  for: 1s/' "$here/alerts.yml" >"$state/alerts.yml"
  sed -e 's/: 10s/: 1s/; s/: 1m/: 1s/' -e "s#http://127.0.0.1:5001/#$receiver#" \
    "$here/alertmanager.yml" >"$state/alertmanager.yml"
}

# Starts one program in the background.
run() {
  local name=$1 index announce
  announce=(--name "$name" --announce "$controller" --announce-interval 1)
  case "$name" in
    controller)
      set -- "$programs/controller" --port "${ports[0]}" --worker "127.0.0.1:${ports[2]}"
      ;;
    scheduler)
      set -- "$programs/scheduler" --port "${ports[1]}" "${announce[@]}" --label role=scheduler
      ;;
    worker-[0-2])
      index=${name#worker-}
      set -- "$programs/worker" --index "$index" --port "${ports[2 + index]}" "${announce[@]}" --label role=worker
      ;;
    prometheus)
      set -- prometheus --config.file="$state/prometheus.yml" --storage.tsdb.path="$state/prometheus" \
        --web.listen-address="127.0.0.1:${ports[5]}"
      ;;
    alertmanager)
      set -- prometheus-alertmanager --config.file="$state/alertmanager.yml" --storage.path="$state/alertmanager" \
        --web.listen-address="127.0.0.1:${ports[6]}" --cluster.listen-address=
      ;;
    *) fail "no program '$name'; there are ${all[*]}" ;;
  esac
  "$@" </dev/null >>"$state/$name.log" 2>&1 &
  echo $! >"$state/$name.pid"
  echo "$1" >"$state/$name.program"
}

# Whether Prometheus says this of a query.
is() {
  curl -fsS -G "$prometheus/api/v1/query" --data-urlencode "query=$1" 2>/dev/null | grep -q "\"$2\"]"
}

alerts() {
  amtool alert query --alertmanager.url="$alertmanager" "$@" 2>/dev/null
}

fires() { alerts "instance=$1" | grep -q AdminInstanceDown; }

is_resolved() { local found && found=$(alerts "instance=$1") && ! grep -q AdminInstanceDown <<<"$found"; }

# The label `instance`; the controller is scraped by its address.
instance_of() {
  if [ "$1" = controller ]; then echo "127.0.0.1:${ports[0]}"; else echo "$1"; fi
}

start() {
  local name
  for name in curl prometheus prometheus-alertmanager amtool; do
    command -v "$name" >/dev/null || fail "$name is missing: apt-get install curl prometheus prometheus-alertmanager"
  done
  [ -n "${DEMO_PROGRAMS:-}" ] || (cd "$root" && cargo build --release --locked -p admin-examples --bins)
  stop
  if [ -d "$state" ] && [ -n "$(ls -A "$state")" ]; then fail "$state is not empty; DEMO_STATE names an empty or a new folder"; fi
  mkdir -p "$state"
  touch "$state/demo"
  write_configuration
  for name in "${all[@]}"; do run "$name"; done
  wait_for "scrape of five programs" is 'sum(up) == 5' 5
  wait_for "Alertmanager" alerts >/dev/null
  echo "Prometheus scrapes 5 of 5 programs: $prometheus/targets"
}

# The process of a program, if it is still the one that was started here, with whatever settings.
pid_of() {
  local pid program
  pid=$(cat "$state/$1.pid" 2>/dev/null) && program=$(cat "$state/$1.program" 2>/dev/null) || return 1
  [ "$({ tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | head -n 1)" = "$program" ] || return 1
  echo "$pid"
}

end() {
  local pid
  pid=$(pid_of "$1") || return 1
  rm "$state/$1.pid"
  kill -KILL "$pid"
}

# Removes what was written here, and nothing else that the folder may have.
stop() {
  local name
  for name in "${all[@]}"; do
    end "$name" || true
    rm -f "$state/$name.pid" "$state/$name.program" "$state/$name.log"
  done
  [ -e "$state/demo" ] || return 0
  rm -rf "$state/prometheus" "$state/alertmanager"
  rm -f "$state/prometheus.yml" "$state/alerts.yml" "$state/alertmanager.yml" "$state/demo"
  rmdir "$state" 2>/dev/null || true
}

kill_program() {
  case "$1" in prometheus | alertmanager) fail "'$1' cannot be killed: nobody would fire its alert" ;; esac
  end "$1" || fail "'$1' does not run; there are ${all[*]}"
  wait_for "alert" fires "$(instance_of "$1")"
  alerts "instance=$(instance_of "$1")"
}

restart() {
  if pid_of "$1" >/dev/null; then fail "'$1' runs; kill it first"; fi
  run "$1"
  wait_for "resolved alert" is_resolved "$(instance_of "$1")"
  echo "resolved"
}

case "${1:-}/$#" in
  start/1) start ;;
  stop/1) stop ;;
  kill/2) kill_program "$2" ;;
  restart/2) restart "$2" ;;
  *)
    usage >&2
    exit 2
    ;;
esac
