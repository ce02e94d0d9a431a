//! The dashboard: the rules of Grafana's dashboard linter, and every query.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{accepted_by, text};
use crate::folder::Folder;

/// What each data source of the dashboard must be.
const DATASOURCE: &str = "${datasource}";

/// The units that the dashboard uses, of those that Grafana knows.
const UNITS: [&str; 6] = ["none", "s", "bytes", "percentunit", "reqps", "ops"];

/// The variables of Grafana in a query, with what they may be replaced by.
const VARIABLES: [(&str, &str); 3] = [
    ("$__rate_interval", "5m"),
    ("$job", "admin.*"),
    ("$instance", ".+"),
];

fn dashboard() -> Value {
    serde_json::from_str(&text("grafana.json")).expect("JSON")
}

/// The panels that show something: not rows.
fn panels(dashboard: &Value) -> Vec<&Value> {
    let panels = dashboard["panels"].as_array().expect("a list").iter();
    panels.filter(|panel| panel["type"] != "row").collect()
}

fn targets(panel: &Value) -> &[Value] {
    panel["targets"].as_array().expect("a list")
}

/// Every query of the dashboard, as Prometheus receives it.
pub(super) fn queries() -> Vec<String> {
    let dashboard = dashboard();
    let targets = panels(&dashboard).into_iter().flat_map(targets);
    let queries = targets.map(|target| {
        let mut query = target["expr"].as_str().expect("a query").to_owned();
        for (name, value) in VARIABLES {
            query = query.replace(name, value);
        }
        query
    });
    queries.collect()
}

#[test]
fn variables_are_those_that_the_linter_expects() {
    let dashboard = dashboard();
    let variables = dashboard["templating"]["list"].as_array().expect("a list");
    let named = |name: &str| {
        let found = variables.iter().find(|variable| variable["name"] == name);
        found.unwrap_or_else(|| panic!("no variable {name}"))
    };
    let datasource = named("datasource");
    assert_eq!(datasource["type"], "datasource");
    assert_eq!(datasource["label"], "Data source");
    assert_eq!(datasource["query"], "prometheus");
    for (name, label) in [("job", "Job"), ("instance", "Instance")] {
        let variable = named(name);
        assert_eq!(variable["type"], "query", "{name}");
        assert_eq!(variable["label"], label);
        assert_eq!(variable["datasource"]["uid"], DATASOURCE, "{name}");
        assert_eq!(variable["multi"], true, "{name}");
        assert_eq!(variable["allValue"], ".+", "{name}");
        assert_eq!(
            variable["refresh"], 2,
            "{name}: not on each change of the time range"
        );
    }
    // Both are lists of the labels of metrics; the instances are those of the jobs that are chosen.
    let queries = ["job", "instance"].map(|name| named(name)["definition"].as_str());
    let expected = [
        "label_values(admin_log_events_dropped_total, job)",
        r#"label_values(up{job=~"$job"}, instance)"#,
    ];
    assert_eq!(queries, expected.map(Some));
    assert_eq!(dashboard["editable"], false);
}

#[test]
fn panels_have_title_description_unit_and_source() {
    let dashboard = dashboard();
    let panels = panels(&dashboard);
    assert!(panels.len() >= 20);
    let titles: BTreeSet<_> = panels.iter().map(|panel| panel["title"].as_str()).collect();
    assert_eq!(titles.len(), panels.len(), "titles are unique");
    let ids: BTreeSet<_> = panels.iter().map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), panels.len(), "ids are unique");
    for panel in panels {
        let title = panel["title"].as_str().expect("a title");
        let is_sentence = |text: &str| text.ends_with('.') && text.len() > 20;
        assert!(
            panel["description"].as_str().is_some_and(is_sentence),
            "{title}"
        );
        let unit = panel["fieldConfig"]["defaults"]["unit"].as_str();
        assert!(
            unit.is_some_and(|unit| UNITS.contains(&unit)),
            "{title}: {unit:?}"
        );
        assert_eq!(panel["datasource"]["uid"], DATASOURCE, "{title}");
        assert!(!targets(panel).is_empty(), "{title}");
        for target in targets(panel) {
            assert_eq!(target["datasource"]["uid"], DATASOURCE, "{title}");
        }
    }
}

#[test]
fn queries_select_job_and_instance_and_rate_interval() {
    let dashboard = dashboard();
    for panel in panels(&dashboard) {
        for target in targets(panel) {
            let query = target["expr"].as_str().expect("a query");
            let selectors = query.matches('{').count();
            for selector in [r#"job=~"$job""#, r#"instance=~"$instance""#] {
                assert_eq!(query.matches(selector).count(), selectors, "{query}");
            }
            let ranges = query.matches('[').count();
            assert_eq!(
                query.matches("[$__rate_interval]").count(),
                ranges,
                "{query}"
            );
            // A counter is only read by a function of rates.
            for counter in query.split("_total{").skip(1) {
                let (_, after) = counter.split_once('}').expect("it ends");
                assert!(after.starts_with("[$__rate_interval]"), "{query}");
            }
        }
    }
}

#[test]
fn prometheus_parses_every_query() {
    let rules = queries().into_iter().enumerate();
    let rules =
        rules.map(|(i, query)| json!({"record": format!("dashboard:query:{i}"), "expr": query}));
    let rules = json!({"groups": [{"name": "dashboard", "rules": rules.collect::<Vec<_>>()}]});
    let folder = Folder::new("dashboard");
    let file = folder.write("dashboard.yml", rules.to_string());
    accepted_by("promtool", &["check", "rules", &file]);
}
