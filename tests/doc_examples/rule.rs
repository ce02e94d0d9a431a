//! The rule: what is public and has no example.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::example::{calls, examples};
use crate::json::{Crate, Item, id, ids};

/// The kinds of items that need an example of their own.
const KINDS: [&str; 11] = [
    "constant",
    "enum",
    "function",
    "macro",
    "proc_macro",
    "static",
    "struct",
    "trait",
    "trait_alias",
    "type_alias",
    "union",
];

/// `file:line: kind path` of each public item of the crates that has no example, and of each method
/// that has none and is not called in those of its type.
pub(crate) fn lacking(crates: &[Crate]) -> Vec<String> {
    let re_exports = re_exports(crates);
    let mut lacking: Vec<_> = crates
        .iter()
        .flat_map(|one| Walk::through(one, &re_exports).lacking)
        .collect();
    lacking.sort();
    let line = |(file, line, what)| format!("  {file}:{line}: {what}");
    lacking.into_iter().map(line).collect()
}

/// What re-exports say of the items that they re-export, by where these are defined.
type ReExports<'a> = HashMap<&'a [String], String>;

fn re_exports(crates: &[Crate]) -> ReExports<'_> {
    let mut said = ReExports::new();
    for one in crates {
        for item in one.index.values() {
            let ("use", inner) = item.inner() else {
                continue;
            };
            let target = id(&inner["id"]).and_then(|id| one.paths.get(&id));
            if let (Some(target), Some(docs)) = (target, &item.docs) {
                let said = said.entry(&target.path).or_default();
                said.push_str(docs);
                said.push('\n');
            }
        }
    }
    said
}

/// A walk from the root of one crate through what can be named from outside.
struct Walk<'a> {
    documented: &'a Crate,
    re_exports: &'a ReExports<'a>,
    seen: HashSet<u32>,
    /// File, line, kind and path.
    lacking: Vec<(String, usize, String)>,
}

impl<'a> Walk<'a> {
    fn through(documented: &'a Crate, re_exports: &'a ReExports<'a>) -> Self {
        let mut walk = Self {
            documented,
            re_exports,
            seen: HashSet::new(),
            lacking: Vec::new(),
        };
        walk.visit(documented.root, "", None);
        walk
    }

    /// Visits an item under the path of its module, by another name where it is re-exported.
    ///
    /// What is not in the index is another crate's, or hidden.
    fn visit(&mut self, id_of_item: u32, module: &str, renamed: Option<&str>) {
        let Some(item) = self.documented.index.get(&id_of_item) else {
            return;
        };
        let (kind, inner) = item.inner();
        if kind == "use" {
            return self.follow(inner, module);
        }
        if !self.seen.insert(id_of_item) {
            return;
        }
        let name = renamed.or(item.name.as_deref()).unwrap_or_default();
        let path = match module {
            "" => name.to_owned(),
            _ => format!("{module}::{name}"),
        };
        if kind == "module" {
            self.visit_all(&inner["items"], &path);
        } else if KINDS.contains(&kind) {
            self.judge(id_of_item, item, &path);
        }
    }

    fn visit_all(&mut self, items: &Value, module: &str) {
        for item in ids(items) {
            self.visit(item, module, None);
        }
    }

    /// Follows a `pub use`.
    fn follow(&mut self, inner: &Value, module: &str) {
        let Some(target) = id(&inner["id"]) else {
            return;
        };
        if inner["is_glob"] == false {
            return self.visit(target, module, inner["name"].as_str());
        }
        if let Some(("module", of_module)) = self.documented.index.get(&target).map(Item::inner) {
            self.visit_all(&of_module["items"], module);
        }
    }

    /// Notes whether an item and its methods have examples.
    fn judge(&mut self, id_of_item: u32, item: &Item, path: &str) {
        let defined = self.documented.paths.get(&id_of_item);
        let said_elsewhere = defined.and_then(|defined| self.re_exports.get(&*defined.path));
        let docs = [item.docs.as_ref(), said_elsewhere].into_iter().flatten();
        let code: String = docs.map(|docs| examples(docs)).collect();
        if code.is_empty() {
            self.note(item, &format!("{} {path}", item.inner().0));
        }
        for method in self.methods(item) {
            let name = method.name.as_deref().unwrap_or_default();
            let own = examples(method.docs.as_deref().unwrap_or_default());
            if own.is_empty() && !calls(&code, name) {
                self.note(method, &format!("method {path}::{name}"));
            }
        }
    }

    /// The functions of a trait, and the public ones of a type's own `impl` blocks.
    fn methods(&self, item: &Item) -> Vec<&'a Item> {
        let index = &self.documented.index;
        let (kind, inner) = item.inner();
        let is_function = |item: &&Item| item.inner().0 == "function";
        if kind == "trait" {
            let items = ids(&inner["items"]).into_iter();
            return items
                .filter_map(|id| index.get(&id))
                .filter(is_function)
                .collect();
        }
        let blocks = ids(&inner["impls"]).into_iter();
        blocks
            .filter_map(|id| index.get(&id)?.inner().1.as_object())
            .filter(|block| block["trait"].is_null())
            .flat_map(|block| ids(&block["items"]))
            .filter_map(|id| index.get(&id))
            .filter(|item| is_function(item) && item.is_public())
            .collect()
    }

    fn note(&mut self, item: &Item, what: &str) {
        let place = item.span.as_ref();
        let (file, line) = place.map_or_else(Default::default, |span| {
            (span.filename.clone(), span.begin.0)
        });
        self.lacking.push((file, line, what.to_owned()));
    }
}
