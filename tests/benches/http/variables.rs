//! An environment of thirty variables, so that `GET /env` is measured with the same anywhere.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// The first one tells a process that was started again from one that was not.
const RESTARTED: (&str, &str) = ("BENCHMARK_ENVIRONMENT", "30");

/// What a service in a container may have.
const VARIABLES: [(&str, &str); 30] = [
    RESTARTED,
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_REGION", "eu-central-1"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    ("CUDA_VISIBLE_DEVICES", "0,1,2,3"),
    (
        "DATABASE_URL",
        "postgres://app:correct-horse@db.internal:5432/cache?sslmode=require",
    ),
    ("DB_PASSWORD", "correct-horse"),
    ("HF_HOME", "/var/cache/huggingface"),
    ("HF_TOKEN", "hf_abcdefghijklmnopqrstuvwxyzABCDEF"),
    ("HOME", "/home/app"),
    ("HOSTNAME", "cache-7d4b9c6f5-x2x9k"),
    (
        "JAVA_TOOL_OPTIONS",
        "-XX:MaxRAMPercentage=75 -Dfile.encoding=UTF-8",
    ),
    ("KUBERNETES_PORT", "tcp://10.96.0.1:443"),
    ("KUBERNETES_PORT_443_TCP_ADDR", "10.96.0.1"),
    ("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
    ("KUBERNETES_SERVICE_PORT", "443"),
    ("LANG", "C.UTF-8"),
    (
        "LD_LIBRARY_PATH",
        "/usr/local/cuda/lib64:/usr/local/nvidia/lib64",
    ),
    ("LMCACHE_CONFIG_FILE", "/etc/lmcache/config.yaml"),
    ("NVIDIA_DRIVER_CAPABILITIES", "compute,utility"),
    (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://otel-collector.monitoring:4317",
    ),
    (
        "OTEL_RESOURCE_ATTRIBUTES",
        "service.name=cache,deployment.environment=production",
    ),
    (
        "PATH",
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ),
    ("POD_NAME", "cache-7d4b9c6f5-x2x9k"),
    ("REDIS_URL", "redis://:battery-staple@redis.internal:6379/0"),
    ("RUST_BACKTRACE", "1"),
    ("RUST_LOG", "info,hyper=warn"),
    (
        "SENTRY_DSN",
        "https://0123456789abcdef@o1.ingest.sentry.io/42",
    ),
    ("TERM", "xterm"),
    ("TZ", "UTC"),
];

/// Replaces this process by itself with these variables and no others, if it has others.
pub(crate) fn restart_with_fixed_environment() {
    let (marker, value) = RESTARTED;
    if std::env::var(marker).is_ok_and(|found| found == value) {
        return;
    }
    let error = Command::new(std::env::current_exe().unwrap())
        .args(std::env::args_os().skip(1))
        .env_clear()
        .envs(VARIABLES)
        .exec();
    panic!("cannot start again: {error}");
}
