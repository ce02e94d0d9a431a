//! Which instances a request is for.

use admin_runtime::Param;
use admin_runtime::text::excerpt;

use super::instance::Instance;
use super::instance_labels::check_label_name;
use super::limits::MAX_QUOTED_CHARS;

/// What an instance must be to be selected: `label=value` pairs, which all must hold. `name=` is the
/// name of the instance; `\\,` is a comma within a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct InstanceSelector(Vec<(String, String)>);

impl InstanceSelector {
    pub(super) fn matches(&self, instance: &Instance) -> bool {
        self.0.iter().all(|(label, value)| {
            let found = match label.as_str() {
                "name" => Some(instance.name.as_str()),
                label => instance.labels.get(label),
            };
            found == Some(value)
        })
    }
}

impl Param for InstanceSelector {
    const EXPECTED: &'static str = "label=value, such as role=worker, or several of them with commas (\\, is a comma of a value)";

    fn parse(text: &str) -> Option<Self> {
        let pairs = split_pairs(text).into_iter().map(|pair| {
            let (label, value) = pair.split_once('=')?;
            let label = label.trim();
            check_label_name(label).ok()?;
            // As it is: a value may begin or end with a blank.
            Some((label.to_owned(), value.to_owned()))
        });
        pairs.collect::<Option<_>>().map(Self)
    }
}

/// The parts between commas, but for commas behind a backslash.
fn split_pairs(text: &str) -> Vec<String> {
    let (mut pairs, mut pair) = (Vec::new(), String::new());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            ',' => pairs.push(std::mem::take(&mut pair)),
            '\\' => pair.push(rest.next_if(|next| ",\\".contains(*next)).unwrap_or('\\')),
            _ => pair.push(character),
        }
    }
    pairs.push(pair);
    pairs
}

/// For the message that nothing matches.
pub(super) fn shown(selectors: &[InstanceSelector]) -> String {
    let pairs = selectors.iter().flat_map(|selector| &selector.0);
    let pairs: Vec<_> = pairs
        .map(|(label, value)| format!("{label}={value}"))
        .collect();
    excerpt(&pairs.join(","), MAX_QUOTED_CHARS).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::fleet::announcement::InstanceScheme;
    use crate::fleet::instance_labels::InstanceLabels;

    #[test]
    fn all_pairs_must_hold() {
        let labels = [
            ("role", "worker"),
            ("zone", "a"),
            ("disks", r"a,b\c"),
            ("rack", " 7 "),
        ];
        let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let instance = Instance {
            name: "w1".parse().unwrap(),
            address: ([127, 0, 0, 1], 1).into(),
            scheme: InstanceScheme::Http,
            labels: Arc::new(InstanceLabels::new(BTreeMap::from(labels)).unwrap()),
            registered: UNIX_EPOCH,
            renewed: UNIX_EPOCH,
            expires: UNIX_EPOCH,
        };
        for (text, expected) in [
            ("role=worker", true),
            ("role=worker,zone=a", true),
            ("role=worker, name=w1", true),
            ("role=worker,zone=b", false),
            ("name=w2", false),
            ("rack=1", false),
            ("rack=7", false),
            ("rack= 7 , zone=a", true),
            ("room=1", false),
            (r"disks=a\,b\c,zone=a", true),
            (r"disks=a\,b\\c", true),
            (r"disks=a\,b", false),
        ] {
            let selector = InstanceSelector::parse(text).unwrap();
            assert_eq!(selector.matches(&instance), expected, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "worker",
            "=worker",
            "a-b=c",
            "role=a,",
            "role!=a",
            "disks=a,b",
        ] {
            assert_eq!(InstanceSelector::parse(text), None, "{text}");
        }
    }
}
