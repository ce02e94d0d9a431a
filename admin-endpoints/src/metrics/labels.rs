//! A series' labels as text: legal names, no name twice, sorted, escaped. Equal text means the same
//! series.

use super::escape::push_label_value;
use super::naming::{Kind, exported, label_name};

/// Writes the labels of one series as `a="1",b="2"`.
///
/// `own` labels win over `global` ones of the same name, and of two with the same raw name the last
/// counts. Two raw names that become one legal name are kept apart: the one that was legal already,
/// otherwise the first in byte order, keeps the name and the others get `exported_` in front until
/// they are alone. The label that the kind needs for itself (`le`, `quantile`) is never left to a
/// user's. A label without a value is left out, because to Prometheus it is the same as none.
pub(crate) fn label_text<'a>(
    kind: Kind,
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
    // Names that keep what they have come first, so that nobody is pushed aside by one that was
    // renamed.
    let (kept, moved): (Vec<_>, Vec<_>) = {
        let mut previous: Option<String> = None;
        named.into_iter().partition(|(name, ..)| {
            let alone = previous.as_ref() != Some(name) && kind.reserved_label() != Some(name);
            previous = Some(name.clone());
            alone
        })
    };
    labels.extend(kept.into_iter().map(|(name, _, value)| (name, value)));
    for (name, _, value) in moved {
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

/// Appends `name="value"`, after a comma unless it is the first.
pub(crate) fn push_label(text: &mut String, name: &str, value: &str) {
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

    fn text(kind: Kind, own: &[(&str, &str)]) -> String {
        label_text(kind, own.iter().copied(), &[])
    }

    #[test]
    fn sorted_and_own_over_global() {
        let global = [
            ("zone".to_owned(), "eu".to_owned()),
            ("env".to_owned(), "prod".to_owned()),
        ];
        let own = [("tier", "l1"), ("env", "test")];
        assert_eq!(
            label_text(Kind::Counter, own.into_iter(), &global),
            r#"env="test",tier="l1",zone="eu""#
        );
    }

    #[test]
    fn names_that_become_one_are_kept_apart() {
        assert_eq!(
            text(
                Kind::Gauge,
                &[("a.b", "dot"), ("a-b", "dash"), ("a_b", "plain")]
            ),
            r#"a_b="plain",exported_a_b="dash",exported_exported_a_b="dot""#
        );
        assert_eq!(text(Kind::Gauge, &[("a", "1"), ("a", "2")]), r#"a="2""#);
        assert_eq!(
            text(
                Kind::Gauge,
                &[("exported_a_b", "x"), ("a.b", "dot"), ("a-b", "dash")]
            ),
            r#"a_b="dash",exported_a_b="x",exported_exported_a_b="dot""#
        );
    }

    #[test]
    fn le_and_quantile_are_the_kinds_own() {
        assert_eq!(text(Kind::Histogram, &[("le", "5")]), r#"exported_le="5""#);
        assert_eq!(
            text(Kind::Summary, &[("quantile", "5")]),
            r#"exported_quantile="5""#
        );
        assert_eq!(text(Kind::Counter, &[("le", "5")]), r#"le="5""#);
        assert_eq!(
            text(Kind::Histogram, &[("le", "5"), ("exported_le", "6")]),
            r#"exported_exported_le="5",exported_le="6""#
        );
    }

    #[test]
    fn an_empty_value_is_no_label() {
        assert_eq!(text(Kind::Counter, &[("a", ""), ("b", "1")]), r#"b="1""#);
        let global = [("env".to_owned(), "prod".to_owned())];
        assert_eq!(
            label_text(Kind::Counter, [("env", "")].into_iter(), &global),
            ""
        );
    }

    proptest! {
        #[test]
        fn no_name_twice_and_none_of_the_kinds_own(
            own in proptest::collection::vec(("(a|b|[.]|_|le|exported_){0,3}", "[ab]"), 0..6),
        ) {
            let text = label_text(
                Kind::Histogram,
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
