//! The levels in force, compiled for lookup: what every thread reads and every change replaces.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::HashMap;
use tracing::level_filters::LevelFilter;

use super::name::{ROOT, segments};

/// One level that somebody set, and the logger or family it was set for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) level: LevelFilter,
    /// The name as it is listed.
    pub(super) name: Arc<str>,
}

/// A tree over the segments of names: a logger's level is that of the last rule on its way down.
///
/// So the nearest parent wins, a longer family over a shorter one, and a logger over a family that
/// spells the same letters.
#[derive(Debug)]
pub(super) struct Rules {
    root: Rule,
    tree: Node,
    most_verbose: LevelFilter,
}

#[derive(Debug, Default)]
struct Node {
    rule: Option<Rule>,
    /// Families that end inside the next segment, by the length of what they spell of it.
    families: BTreeMap<usize, HashMap<Box<str>, Rule>>,
    children: HashMap<Box<str>, Node>,
}

impl Rules {
    /// Rules under which every logger has the root's level.
    pub(super) fn new(root: LevelFilter) -> Self {
        let rule = Rule {
            level: root,
            name: ROOT.into(),
        };
        Rules {
            root: rule,
            tree: Node::default(),
            most_verbose: root,
        }
    }

    /// Adds the rule of a logger or, with a trailing `*`, of a family.
    pub(super) fn add(&mut self, canonical: &str, rule: Rule) {
        self.most_verbose = self.most_verbose.max(rule.level);
        let family = canonical.strip_suffix('*');
        let mut node = &mut self.tree;
        let mut parts = segments(family.unwrap_or(canonical));
        while let Some(part) = parts.next() {
            if family.is_some() && parts.is_done() {
                node.families
                    .entry(part.len())
                    .or_default()
                    .insert(part.into(), rule);
                return;
            }
            node = node.children.entry(part.into()).or_default();
        }
        node.rule = Some(rule);
    }

    /// The most verbose level that any logger may have.
    pub(super) fn most_verbose(&self) -> LevelFilter {
        self.most_verbose
    }

    /// The level of a target, in either spelling; allocates nothing.
    pub(super) fn level(&self, target: &str) -> LevelFilter {
        let mut level = self.root.level;
        if target != ROOT {
            self.walk(target, |rule, _| level = rule.level);
        }
        level
    }

    /// The rule that a logger or family would obey without one of its own; the root's own for the root.
    pub(super) fn inherited(&self, canonical: &str) -> &Rule {
        let mut nearest = &self.root;
        self.walk(canonical, |rule, own| {
            if !own {
                nearest = rule;
            }
        });
        nearest
    }

    /// Calls `meet` with every rule that holds for `name`, the most particular last.
    fn walk<'r>(&'r self, name: &str, mut meet: impl FnMut(&'r Rule, bool)) {
        let family = name.strip_suffix('*');
        let mut node = &self.tree;
        let mut parts = segments(family.unwrap_or(name));
        while let Some(part) = parts.next() {
            let ends_family = family.is_some() && parts.is_done();
            for (&length, spelled) in &node.families {
                let Some(rule) = part.get(..length).and_then(|start| spelled.get(start)) else {
                    continue;
                };
                meet(rule, ends_family && length == part.len());
            }
            if ends_family {
                return;
            }
            let Some(child) = node.children.get(part) else {
                return;
            };
            node = child;
            if let Some(rule) = &node.rule {
                meet(rule, parts.is_done());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loglevel::name::canonical;
    use proptest::prelude::*;

    fn rules(root: LevelFilter, set: &[(String, LevelFilter)]) -> Rules {
        let mut rules = Rules::new(root);
        for (name, level) in set {
            rules.add(
                &canonical(name),
                Rule {
                    level: *level,
                    name: name.as_str().into(),
                },
            );
        }
        rules
    }

    /// What the tree must agree with: of all names that cover the target the longest, at a tie the
    /// logger rather than the family, and of one name set twice the later.
    fn naive(root: LevelFilter, set: &[(String, LevelFilter)], target: &str) -> LevelFilter {
        let target = canonical(target);
        set.iter()
            .filter_map(|(name, level)| {
                let name = canonical(name);
                match name.strip_suffix('*') {
                    Some(start) => {
                        target
                            .starts_with(start)
                            .then_some((start.len(), false, *level))
                    }
                    None => (target == name || target.starts_with(&format!("{name}.")))
                        .then_some((name.len(), true, *level)),
                }
            })
            .max_by_key(|(length, logger, _)| (*length, *logger))
            .map_or(root, |(_, _, level)| level)
    }

    fn level() -> impl Strategy<Value = LevelFilter> {
        prop::sample::select(vec![
            LevelFilter::OFF,
            LevelFilter::ERROR,
            LevelFilter::WARN,
            LevelFilter::INFO,
            LevelFilter::DEBUG,
            LevelFilter::TRACE,
        ])
    }

    fn set() -> impl Strategy<Value = Vec<(String, LevelFilter)>> {
        prop::collection::vec(("[ab]{1,2}((\\.|::)[ab]{0,2}){0,3}[*]?", level()), 0..12)
    }

    proptest! {
        #[test]
        fn inheritance_agrees_with_the_naive_model(
            root in level(),
            set in set(),
            targets in prop::collection::vec("[ab]{1,3}((\\.|::)[ab]{0,3}){0,4}", 1..20),
        ) {
            let rules = rules(root, &set);
            for target in targets {
                prop_assert_eq!(rules.level(&target), naive(root, &set, &target), "{}", target);
            }
        }

        #[test]
        fn nothing_is_more_verbose_than_the_most_verbose(
            root in level(), set in set(), target in "[ab.:]{0,9}",
        ) {
            let rules = rules(root, &set);
            prop_assert!(rules.level(&target) <= rules.most_verbose());
        }

        #[test]
        fn what_is_inherited_is_what_holds_without_the_own_rule(
            root in level(), set in set(), own in level(),
            name in "[ab]{1,2}((\\.|::)[ab]{1,2}){0,3}",
        ) {
            let others: Vec<_> =
                set.into_iter().filter(|(set, _)| canonical(set) != canonical(&name)).collect();
            let expected = rules(root, &others).level(&name);
            let mut all = others;
            all.push((name.clone(), own));
            let all = rules(root, &all);
            prop_assert_eq!(all.inherited(&canonical(&name)).level, expected);
            prop_assert_eq!(all.level(&name), own);
        }
    }

    #[test]
    fn a_family_reaches_into_a_segment_and_a_logger_does_not() {
        let set = [
            ("a.b*".to_owned(), LevelFilter::DEBUG),
            ("a.b".to_owned(), LevelFilter::WARN),
        ];
        let rules = rules(LevelFilter::INFO, &set);
        assert_eq!(rules.level("a::bc::d"), LevelFilter::DEBUG);
        assert_eq!(rules.level("a::b"), LevelFilter::WARN);
        assert_eq!(rules.level("a::b::c"), LevelFilter::WARN);
        assert_eq!(rules.level("a"), LevelFilter::INFO);
        assert_eq!(&*rules.inherited("a.b").name, "a.b*");
        assert_eq!(&*rules.inherited("a.b*").name, "root");
        assert_eq!(&*rules.inherited("a.bc*").name, "a.b*");
    }
}
