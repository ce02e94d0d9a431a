//! Prometheus scrapes a server; its query API returns what it stored.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use admin_runtime::AdminServer;
use admin_tests::{Case, cases, curl};
use metrics::{counter, gauge, histogram};
use serde_json::Value;

pub(crate) fn cases() -> Vec<Case> {
    cases![prometheus_stores_every_series_and_one_reset]
}

/// A Prometheus process that scrapes one target every second; killed on drop.
struct Prometheus {
    process: Child,
    address: String,
    home: PathBuf,
}

impl Prometheus {
    fn start(target: &str) -> Self {
        let home = std::env::temp_dir().join(format!("admin-prometheus-{}", std::process::id()));
        std::fs::create_dir_all(&home).expect("the directory is writable");
        let config = home.join("prometheus.yml");
        let text = format!(
            "global: {{scrape_interval: 1s}}\n\
             scrape_configs: [{{job_name: admin, static_configs: [{{targets: ['{target}']}}]}}]\n"
        );
        std::fs::write(&config, text).expect("the directory is writable");
        let mut process = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                home.join("data").display()
            ))
            .arg("--web.listen-address=127.0.0.1:0")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Prometheus is installed: apt-get install prometheus");
        let log = BufReader::new(process.stderr.take().expect("stderr is a pipe"));
        let mut log = log.lines().map_while(Result::ok);
        let address = log
            .find_map(|line| {
                let (_, address) = line.split_once("msg=\"Listening on\" address=")?;
                Some(address.trim().to_owned())
            })
            .expect("Prometheus logs its address");
        // Prometheus blocks if its log is not read.
        let reader = std::thread::Builder::new().name("prometheus-log".into());
        reader
            .spawn(move || log.for_each(drop))
            .expect("a thread can be started");
        Self {
            process,
            address,
            home,
        }
    }

    /// The result of a query: values by labels.
    fn query(&self, expression: &str) -> BTreeMap<BTreeMap<String, String>, String> {
        let url = format!("http://{}/api/v1/query", self.address);
        let reply = ureq::get(&url).query("query", expression).call();
        // The status is 503 until Prometheus is ready.
        let Ok(mut reply) = reply else {
            return BTreeMap::new();
        };
        let text = reply
            .body_mut()
            .read_to_string()
            .expect("the API returns UTF-8");
        let reply: Value = serde_json::from_str(&text).expect("the API returns JSON");
        let samples = reply["data"]["result"].as_array().expect("a vector").iter();
        samples
            .map(|sample| {
                let labels: BTreeMap<String, String> =
                    serde_json::from_value(sample["metric"].clone()).expect("labels");
                (
                    labels,
                    sample["value"][1].as_str().expect("a value").to_owned(),
                )
            })
            .collect()
    }

    /// Waits until an expression has a single value, `expected`.
    fn wait_for(&self, expression: &str, expected: &str) {
        let values = || self.query(expression).into_values().collect::<Vec<_>>();
        wait(
            &format!("{expression} to be {expected}"),
            values,
            |values| values == &[expected],
        );
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// Polls until `done`; Prometheus has no event to wait for.
#[expect(clippy::disallowed_methods, reason = "polls another process")]
fn wait<T: std::fmt::Debug>(what: &str, look: impl Fn() -> T, done: impl Fn(&T) -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let seen = look();
        if done(&seen) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "waited a minute for {what}, got {seen:?}"
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn prometheus_stores_every_series_and_one_reset() {
    admin_endpoints::metrics::install().expect("no recorder is installed");
    let admin = AdminServer::builder()
        .bind("127.0.0.1:0")
        .start()
        .expect("a port is free");
    let target = admin.local_addr().to_string();

    let held = counter!("t_held", "tier" => "l1");
    held.increment(41);
    let controls: String = (0..32u8).map(char::from).collect();
    let odd = [
        "\\",
        "\"",
        "\n",
        "\\n",
        "a\\\"b\n",
        "}",
        ",",
        "é\u{2028}\u{7f}",
        &controls,
    ];
    for (i, value) in odd.iter().enumerate() {
        gauge!("t_odd", "value" => (*value).to_owned()).set(i as f64);
    }
    let numbers = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        5e-324,
        1e300,
        -2.5,
    ];
    for (i, number) in numbers.into_iter().enumerate() {
        gauge!("t_number", "i" => i.to_string()).set(number);
    }
    gauge!("t_labels", "a.b" => "1", "a-b" => "2", "__name__" => "3", "le" => "4").set(7);
    histogram!("t_wait_seconds", "le" => "mine").record(0.3);
    histogram!("t_account").record(5.0);
    gauge!("t_account_count").set(9);
    for name in ["t_one_total", "t_one.total", "t-one-total"] {
        counter!(name).increment(1);
    }
    for i in 0..2_000 {
        counter!("t_many", "i" => i.to_string()).increment(i);
    }

    let prometheus = Prometheus::start(&target);
    prometheus.wait_for("up{job=\"admin\"}", "1");
    prometheus.wait_for("t_held_total", "41");
    let series = |expression: &str| {
        let drop_target = |mut labels: BTreeMap<String, String>| {
            labels.retain(|name, _| name != "job" && name != "instance");
            labels
        };
        let samples = prometheus.query(expression).into_iter();
        samples
            .map(|(labels, value)| (drop_target(labels), value))
            .collect::<Vec<_>>()
    };

    for (labels, value) in series("t_odd") {
        assert_eq!(
            labels["value"],
            odd[value.parse::<usize>().expect("its index")]
        );
    }
    assert_eq!(series("t_odd").len(), odd.len());
    let values: Vec<_> = series("t_number")
        .into_iter()
        .map(|(_, value)| value)
        .collect();
    assert_eq!(values, ["NaN", "+Inf", "-Inf", "5e-324", "1e+300", "-2.5"]);
    let names: Vec<_> = series("t_labels")[0].0.keys().cloned().collect();
    assert_eq!(
        names,
        ["__name__", "a_b", "exported___name__", "exported_a_b", "le"]
    );
    assert_eq!(
        series("t_wait_seconds_bucket{exported_le=\"mine\",le=\"0.5\"}")[0].1,
        "1"
    );
    assert_eq!(series("t_account_count")[0].1, "1");
    assert_eq!(series("t_one_total")[0].1, "3");
    assert_eq!(
        series("sum(t_many_total)")[0].1,
        (0..2000).sum::<i32>().to_string()
    );
    assert_eq!(series("process_threads > 0").len(), 1);
    assert_eq!(series("build_info")[0].1, "1");

    // Every sample line of the exposition is one series.
    let lines = curl(&[], &format!("http://{target}/metrics")).body;
    let shown = lines.lines().filter(|line| line.starts_with("t_")).count();
    assert_eq!(series("{__name__=~\"t_.+\"}").len(), shown);

    // The server's own request metrics.
    prometheus.wait_for(
        "admin_requests_total{path=\"/metrics\",status=\"200\"} > bool 2",
        "1",
    );
    assert!(
        !series("admin_request_duration_seconds_bucket{path=\"/metrics\",le=\"0.25\"}").is_empty()
    );

    assert_eq!(
        curl(&["-X", "POST"], &format!("http://{target}/metrics/reset")).body,
        "ok"
    );
    prometheus.wait_for("t_held_total", "0");
    prometheus.wait_for("resets(t_held_total[5m])", "1");
    prometheus.wait_for("increase(t_held_total[5m])", "0");
    prometheus.wait_for("admin_requests_total{path=\"/metrics/reset\"}", "1");
    assert_eq!(series("{__name__=~\"t_.+\"}").len(), shown);

    held.increment(2);
    prometheus.wait_for("t_held_total", "2");
    prometheus.wait_for("resets(t_held_total[5m])", "1");
}
