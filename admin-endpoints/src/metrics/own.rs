//! What the recorder shows of itself and of the build.

use super::catalog::Conflict;
use super::labels::{label_text, push_label};
use super::naming::Kind;

/// Appends `admin_build_info` with these labels and the value 1.
pub(crate) fn push_build_info(text: &mut String, labels: &[(String, String)]) {
    let labels = labels
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let line = label_text(Kind::Gauge, labels, &[]);
    text.push_str(
        "# HELP admin_build_info What was built, as labels.\n# TYPE admin_build_info gauge\n",
    );
    text.extend(["admin_build_info{", &line, "} 1\n"]);
}

/// Appends `admin_metrics_conflicts`, one sample per metric that is not shown, if there is any.
pub(crate) fn push_conflicts(text: &mut String, conflicts: &[Conflict]) {
    if conflicts.is_empty() {
        return;
    }
    text.push_str(
        "# HELP admin_metrics_conflicts Metrics that are not shown because their name is taken.\n\
         # TYPE admin_metrics_conflicts gauge\n",
    );
    // Two raw names can end in the same conflict.
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

/// Appends `admin_metrics_refused_total`.
pub(crate) fn push_refused(text: &mut String, refused: u64) {
    text.push_str(
        "# HELP admin_metrics_refused_total Uses of metrics beyond the limit, not recorded.\n\
         # TYPE admin_metrics_refused_total counter\nadmin_metrics_refused_total ",
    );
    text.extend([refused.to_string().as_str(), "\n"]);
}
