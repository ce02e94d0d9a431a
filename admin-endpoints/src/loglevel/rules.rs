//! The effective levels, compiled for lookup. Every thread reads them, every change replaces them.

use std::collections::BTreeMap;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;

use super::name::{ROOT_LOGGER, Segments, segments};
use super::shared_map::SharedMap;

/// The level of one logger or family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LevelRule {
    pub(super) level: LevelFilter,
    /// The name as it is listed.
    pub(super) name: Arc<str>,
}

/// A tree over the segments of names: the level of a logger is that of the last rule on its path.
///
/// The nearest parent applies, a longer family precedes a shorter one, and a logger precedes a
/// family with the same letters.
///
/// A copy shares its parts with the original, so that a change costs the same however many rules
/// there are.
#[derive(Clone, Debug)]
pub(super) struct LevelRules {
    root: LevelRule,
    tree: RuleNode,
    /// How many rules have each level, from `OFF` to `TRACE`, the root's included.
    rules_by_level: [usize; LEVELS.len()],
}

#[derive(Clone, Debug, Default)]
struct RuleNode {
    rule: Option<LevelRule>,
    /// Families that end inside the next segment, by the number of its bytes that they have.
    families: BTreeMap<usize, SharedMap<LevelRule>>,
    children: SharedMap<Arc<RuleNode>>,
}

/// All levels, from the least verbose to the most verbose.
const LEVELS: [LevelFilter; 6] = [
    LevelFilter::OFF,
    LevelFilter::ERROR,
    LevelFilter::WARN,
    LevelFilter::INFO,
    LevelFilter::DEBUG,
    LevelFilter::TRACE,
];

impl LevelRules {
    /// LevelRules under which every logger has the root's level.
    pub(super) fn new(root: LevelFilter) -> Self {
        let rule = LevelRule {
            level: root,
            name: ROOT_LOGGER.into(),
        };
        let mut rules = LevelRules {
            root: rule,
            tree: RuleNode::default(),
            rules_by_level: [0; LEVELS.len()],
        };
        *rules.count(root) += 1;
        rules
    }

    /// Sets the level of the root.
    pub(super) fn set_root(&mut self, level: LevelFilter) {
        *self.count(self.root.level) -= 1;
        *self.count(level) += 1;
        self.root.level = level;
    }

    /// Sets the rule of a logger or, with a trailing `*`, of a family; `None` removes it.
    pub(super) fn set(&mut self, canonical: &str, rule: Option<LevelRule>) {
        let family = canonical.strip_suffix('*');
        let parts = segments(family.unwrap_or(canonical));
        if let Some(rule) = &rule {
            *self.count(rule.level) += 1;
        }
        if let Some(before) = self.tree.set(parts, family.is_some(), rule) {
            *self.count(before.level) -= 1;
        }
    }

    fn count(&mut self, level: LevelFilter) -> &mut usize {
        let at = LEVELS.iter().position(|known| *known == level);
        &mut self.rules_by_level[at.unwrap_or(0)]
    }

    /// The most verbose level of any logger.
    pub(super) fn most_verbose(&self) -> LevelFilter {
        let levels = LEVELS.iter().zip(&self.rules_by_level).rev();
        let mut used = levels.filter(|(_, rules)| **rules > 0);
        used.next().map_or(LevelFilter::OFF, |(level, _)| *level)
    }

    /// The least verbose level of any logger.
    pub(super) fn least_verbose(&self) -> LevelFilter {
        let levels = LEVELS.iter().zip(&self.rules_by_level);
        let mut used = levels.filter(|(_, rules)| **rules > 0);
        used.next().map_or(LevelFilter::OFF, |(level, _)| *level)
    }

    /// The level of a target, in either spelling; allocates nothing.
    pub(super) fn level(&self, target: &str) -> LevelFilter {
        let mut level = self.root.level;
        if target != ROOT_LOGGER {
            self.walk(target, |rule, _| level = rule.level);
        }
        level
    }

    /// The rule that a logger or family has without its own; for the root its own.
    pub(super) fn inherited(&self, canonical: &str) -> &LevelRule {
        let mut nearest = &self.root;
        self.walk(canonical, |rule, own| {
            if !own {
                nearest = rule;
            }
        });
        nearest
    }

    /// Calls `visit` with every rule that applies to `name`, the most specific last, and whether it
    /// is the rule of `name` itself.
    fn walk<'r>(&'r self, name: &str, mut visit: impl FnMut(&'r LevelRule, bool)) {
        let family = name.strip_suffix('*');
        let mut node = &self.tree;
        let mut parts = segments(family.unwrap_or(name));
        while let Some(part) = parts.next() {
            let ends_family = family.is_some() && parts.is_done();
            for (&length, prefixes) in &node.families {
                let Some(rule) = part.get(..length).and_then(|start| prefixes.get(start)) else {
                    continue;
                };
                visit(rule, ends_family && length == part.len());
            }
            if ends_family {
                return;
            }
            let Some(child) = node.children.get(part) else {
                return;
            };
            node = child;
            if let Some(rule) = &node.rule {
                visit(rule, parts.is_done());
            }
        }
    }
}

impl RuleNode {
    /// Replaces the rule at the end of `parts`; returns the one before. Nodes without a rule in or
    /// below them are removed.
    fn set(
        &mut self,
        mut parts: Segments<'_>,
        is_family: bool,
        rule: Option<LevelRule>,
    ) -> Option<LevelRule> {
        let Some(part) = parts.next() else {
            return std::mem::replace(&mut self.rule, rule);
        };
        if is_family && parts.is_done() {
            return self.set_family(part, rule);
        }
        let child = if rule.is_some() {
            self.children.get_or_default(part)
        } else {
            self.children.get_mut(part)?
        };
        let before = Arc::make_mut(child).set(parts, is_family, rule);
        if child.is_empty() {
            self.children.remove(part);
        }
        before
    }

    fn set_family(&mut self, start: &str, rule: Option<LevelRule>) -> Option<LevelRule> {
        let families = self.families.entry(start.len()).or_default();
        let before = match rule {
            Some(rule) => families.insert(start, rule),
            None => families.remove(start),
        };
        if families.is_empty() {
            self.families.remove(&start.len());
        }
        before
    }

    fn is_empty(&self) -> bool {
        self.rule.is_none() && self.families.is_empty() && self.children.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::loglevel::name::canonical;

    fn rules(root: LevelFilter, set: &[(String, LevelFilter)]) -> LevelRules {
        let mut rules = LevelRules::new(root);
        for (name, level) in set {
            let rule = LevelRule {
                level: *level,
                name: name.as_str().into(),
            };
            rules.set(&canonical(name), Some(rule));
        }
        rules
    }

    /// The model: of all names that cover the target the longest, at a tie the logger rather than
    /// the family, and of one name set twice the later one.
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
        fn removed_rules_leave_nothing(root in level(), set in set(), kept in 0..12_usize) {
            let mut removed = rules(root, &set);
            let kept = &set[..kept.min(set.len())];
            for (name, _) in &set {
                let is_kept = kept.iter().any(|(kept, _)| canonical(kept) == canonical(name));
                if !is_kept {
                    removed.set(&canonical(name), None);
                }
            }
            for (name, level) in kept {
                let rule = LevelRule { level: *level, name: name.as_str().into() };
                removed.set(&canonical(name), Some(rule));
            }
            let expected = rules(root, kept);
            prop_assert_eq!(removed.most_verbose(), expected.most_verbose());
            for (name, _) in &set {
                prop_assert_eq!(removed.level(name), expected.level(name), "{}", name);
            }
            for (name, _) in kept {
                removed.set(&canonical(name), None);
            }
            prop_assert!(removed.tree.is_empty());
        }

        #[test]
        fn no_logger_exceeds_the_most_verbose_level(
            root in level(), set in set(), target in "[ab.:]{0,9}",
        ) {
            let rules = rules(root, &set);
            prop_assert!(rules.level(&target) <= rules.most_verbose());
        }

        #[test]
        fn inherited_rule_ignores_the_own_rule(
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
    fn family_matches_inside_a_segment_logger_does_not() {
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
