//! What the recorder reports about itself and the build, in the text format.

use super::catalog::Conflict;
use super::labels::{label_text, push_label};
use super::naming::MetricType;

/// The labels that `build_info` always has.
const BUILD_LABELS: [&str; 3] = ["name", "version", "revision"];

/// Appends `build_info` with these labels and the value 1.
pub(super) fn push_build_info(text: &mut String, labels: &[(String, String)]) {
    let labels = labels
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let mut line = label_text(MetricType::Gauge, labels.clone(), &[]);
    // An unknown one is there too, with an empty value, so that queries may name it.
    for (name, _) in labels.filter(|(name, value)| BUILD_LABELS.contains(name) && value.is_empty())
    {
        push_label(&mut line, name, "");
    }
    text.push_str(
        "# HELP build_info Name, version and revision of the program as labels; the value is 1.\n\
         # TYPE build_info gauge\n",
    );
    text.extend(["build_info{", &line, "} 1\n"]);
}

/// Appends `admin_log_level_leases`.
#[cfg(feature = "loglevel")]
pub(super) fn push_log_level_leases(text: &mut String, leases: usize) {
    text.push_str(
        "# HELP admin_log_level_leases Log levels with a time limit that are in effect.\n\
         # TYPE admin_log_level_leases gauge\nadmin_log_level_leases ",
    );
    text.extend([leases.to_string().as_str(), "\n"]);
}

/// Appends `admin_metrics_not_shown`, and `admin_metrics_conflicts` with one sample for each metric
/// that is not shown, if there is any.
pub(super) fn push_conflicts(text: &mut String, conflicts: &[Conflict]) {
    text.push_str(
        "# HELP admin_metrics_not_shown Number of metrics not shown because their name is in use by a \
         metric of another type; admin_metrics_conflicts names them.\n\
         # TYPE admin_metrics_not_shown gauge\nadmin_metrics_not_shown ",
    );
    let not_shown = conflicts.chunk_by(|a, b| a == b).count();
    text.extend([not_shown.to_string().as_str(), "\n"]);
    if conflicts.is_empty() {
        return;
    }
    text.push_str(
        "# HELP admin_metrics_conflicts Metrics not shown because their name is in use by a \
         metric of another type.\n\
         # TYPE admin_metrics_conflicts gauge\n",
    );
    // Several raw names can lead to the same conflict.
    for same in conflicts.chunk_by(|a, b| a == b) {
        let Some(conflict) = same.first() else {
            continue;
        };
        let mut labels = String::new();
        push_label(&mut labels, "kind", conflict.kind.as_str());
        push_label(&mut labels, "metric", &conflict.name);
        push_label(&mut labels, "taken_by", &conflict.taken_by);
        text.extend([
            "admin_metrics_conflicts{",
            &labels,
            "} ",
            &same.len().to_string(),
            "\n",
        ]);
    }
}

/// Appends `admin_metrics_nan_samples_total`, one sample for each `(family, count)`, if there is
/// any.
pub(super) fn push_nan_samples(text: &mut String, counts: &[(String, u64)]) {
    if counts.is_empty() {
        return;
    }
    text.push_str(
        "# HELP admin_metrics_nan_samples_total NaN samples of histograms and summaries: included \
         in _count, excluded from _sum and quantiles.\n\
         # TYPE admin_metrics_nan_samples_total counter\n",
    );
    for (family, count) in counts {
        let mut labels = String::new();
        push_label(&mut labels, "metric", family);
        text.extend([
            "admin_metrics_nan_samples_total{",
            &labels,
            "} ",
            &count.to_string(),
            "\n",
        ]);
    }
}

/// Appends `admin_metrics_rejected_total`.
pub(super) fn push_rejected(text: &mut String, rejected: u64) {
    text.push_str(
        "# HELP admin_metrics_rejected_total Metric registrations rejected by the series limit.\n\
         # TYPE admin_metrics_rejected_total counter\nadmin_metrics_rejected_total ",
    );
    text.extend([rejected.to_string().as_str(), "\n"]);
}
