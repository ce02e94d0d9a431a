//! The labels of a series as text: valid unique names, sorted and escaped. Equal text means the
//! same series.

use super::escape::push_label_value;
use super::naming::{MetricType, exported, label_name};

/// Writes the labels of one series as `a="1",b="2"`.
///
/// `own` labels override `global` ones of the same name, and the last of two with the same raw name
/// is used. If two raw names become the same valid name, the one that was valid before, otherwise
/// the first in byte order, keeps it; the others get the prefix `exported_` until they are unique.
/// So does a user's label with the name that the type itself uses (`le`, `quantile`). A label with
/// an empty value is left out, because Prometheus treats it as absent.
pub(super) fn label_text<'a>(
    kind: MetricType,
    own: impl Iterator<Item = (&'a str, &'a str)>,
    global: &'a [(String, String)],
) -> String {
    let mut raw: Vec<(&str, &str)> = Vec::new();
    for (name, value) in global
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .chain(own)
    {
        match raw.iter_mut().find(|(known, _)| *known == name) {
            Some(label) => label.1 = value,
            None => raw.push((name, value)),
        }
    }
    raw.retain(|(_, value)| !value.is_empty());
    let mut named: Vec<(String, &str, &str)> = raw
        .into_iter()
        .map(|(name, value)| (label_name(name), name, value))
        .collect();
    named.sort_by(|(a, raw_a, _), (b, raw_b, _)| {
        (a, a != raw_a, raw_a).cmp(&(b, b != raw_b, raw_b))
    });

    let mut labels: Vec<(String, &str)> = Vec::with_capacity(named.len());
    // Labels that keep their name are added first, so that a renamed one cannot displace them.
    let (kept, renamed): (Vec<_>, Vec<_>) = {
        let mut previous: Option<String> = None;
        named.into_iter().partition(|(name, ..)| {
            let keeps_name = previous.as_ref() != Some(name) && kind.reserved_label() != Some(name);
            previous = Some(name.clone());
            keeps_name
        })
    };
    labels.extend(kept.into_iter().map(|(name, _, value)| (name, value)));
    for (name, _, value) in renamed {
        let mut name = exported(&name);
        while labels.iter().any(|(taken, _)| *taken == name) {
            name = exported(&name);
        }
        labels.push((name, value));
    }
    labels.sort();
    let mut text = String::new();
    for (name, value) in &labels {
        push_label(&mut text, name, value);
    }
    text
}

/// Appends `name="value"`, preceded by a comma unless it is the first.
pub(super) fn push_label(text: &mut String, name: &str, value: &str) {
    if !text.is_empty() {
        text.push(',');
    }
    text.push_str(name);
    text.push_str("=\"");
    push_label_value(text, value);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(kind: MetricType, own: &[(&str, &str)]) -> String {
        label_text(kind, own.iter().copied(), &[])
    }

    #[test]
    fn own_labels_override_global_ones() {
        let global = [
            ("zone".to_owned(), "eu".to_owned()),
            ("env".to_owned(), "prod".to_owned()),
        ];
        let own = [("tier", "l1"), ("env", "test")];
        assert_eq!(
            label_text(MetricType::Counter, own.into_iter(), &global),
            r#"env="test",tier="l1",zone="eu""#
        );
    }

    #[test]
    fn colliding_names_get_a_prefix() {
        assert_eq!(
            text(
                MetricType::Gauge,
                &[("a.b", "dot"), ("a-b", "dash"), ("a_b", "plain")]
            ),
            r#"a_b="plain",exported_a_b="dash",exported_exported_a_b="dot""#
        );
        assert_eq!(
            text(MetricType::Gauge, &[("a", "1"), ("a", "2")]),
            r#"a="2""#
        );
        assert_eq!(
            text(
                MetricType::Gauge,
                &[("exported_a_b", "x"), ("a.b", "dot"), ("a-b", "dash")]
            ),
            r#"a_b="dash",exported_a_b="x",exported_exported_a_b="dot""#
        );
    }

    #[test]
    fn reserved_labels_get_a_prefix() {
        assert_eq!(
            text(MetricType::Histogram, &[("le", "5")]),
            r#"exported_le="5""#
        );
        assert_eq!(
            text(MetricType::Summary, &[("quantile", "5")]),
            r#"exported_quantile="5""#
        );
        assert_eq!(text(MetricType::Counter, &[("le", "5")]), r#"le="5""#);
        assert_eq!(
            text(MetricType::Histogram, &[("le", "5"), ("exported_le", "6")]),
            r#"exported_exported_le="5",exported_le="6""#
        );
    }

    #[test]
    fn empty_values_are_left_out() {
        assert_eq!(
            text(MetricType::Counter, &[("a", ""), ("b", "1")]),
            r#"b="1""#
        );
        let global = [("env".to_owned(), "prod".to_owned())];
        assert_eq!(
            label_text(MetricType::Counter, [("env", "")].into_iter(), &global),
            ""
        );
    }

    proptest! {
        #[test]
        fn label_names_are_unique_and_not_reserved(
            own in proptest::collection::vec(("(a|b|[.]|_|le|exported_){0,3}", "[ab]"), 0..6),
        ) {
            let text = label_text(
                MetricType::Histogram,
                own.iter().map(|(name, value)| (name.as_str(), value.as_str())),
                &[],
            );
            let names: Vec<&str> =
                text.split_terminator(',').map(|l| l.split('=').next().unwrap()).collect();
            let mut unique = names.clone();
            unique.sort_unstable();
            unique.dedup();
            prop_assert_eq!(&names, &unique);
            prop_assert!(!names.contains(&"le"));
            let raw: std::collections::BTreeSet<_> = own.iter().map(|(name, _)| name).collect();
            prop_assert_eq!(names.len(), raw.len());
        }
    }
}
