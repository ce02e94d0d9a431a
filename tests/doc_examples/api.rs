//! The public API of a crate as text: one line for each item, with its declaration.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::json::{Crate, Item, id, ids};
use crate::signature::Signatures;

/// Every public item of a crate, sorted by its path.
pub(crate) fn lines(krate: &Crate) -> BTreeSet<String> {
    let mut api = Api {
        krate,
        signatures: Signatures::new(krate),
        lines: BTreeSet::new(),
    };
    api.visit(krate.root, "", None);
    api.lines
}

struct Api<'a> {
    krate: &'a Crate,
    signatures: Signatures<'a>,
    lines: BTreeSet<String>,
}

impl Api<'_> {
    /// An item below `module`, under its own name or that of a re-export.
    fn visit(&mut self, id: u32, module: &str, renamed: Option<&str>) {
        let Some(item) = self.krate.index.get(&id) else {
            return;
        };
        let (kind, inner) = item.inner();
        if kind == "use" {
            return self.follow(inner, module);
        }
        let name = renamed.or(item.name.as_deref()).unwrap_or_default();
        let path = match module {
            "" => name.to_owned(),
            module => format!("{module}::{name}"),
        };
        if kind != "module" {
            let declaration = self.signatures.declaration(item, name);
            self.lines.insert(format!("{path}: {declaration}"));
        }
        self.members(kind, inner, &path);
    }

    fn follow(&mut self, inner: &Value, module: &str) {
        let name = inner["name"].as_str();
        match id(&inner["id"]) {
            Some(target) if self.krate.index.contains_key(&target) => {
                self.visit(target, module, name);
            }
            _ => {
                let (name, source) = (name.unwrap_or("*"), &inner["source"]);
                self.lines
                    .insert(format!("{module}::{name}: use {source}").replace('"', ""));
            }
        }
    }

    fn members(&mut self, kind: &str, inner: &Value, path: &str) {
        let fields = &inner["kind"];
        let lists = match kind {
            "module" | "trait" => vec![&inner["items"]],
            "struct" => vec![&fields["plain"]["fields"], &fields["tuple"]],
            "enum" => vec![&inner["variants"]],
            "variant" => vec![&fields["struct"]["fields"]],
            _ => vec![],
        };
        for member in lists.into_iter().flat_map(ids) {
            self.visit(member, path, None);
        }
        for block in ids(&inner["impls"]) {
            self.implementation(block, path);
        }
    }

    /// The methods of the type itself, or the trait that it implements.
    fn implementation(&mut self, block: u32, path: &str) {
        let Some(item) = self.krate.index.get(&block) else {
            return;
        };
        let (_, inner) = item.inner();
        // `derive(PartialEq)` implements a marker that no code can name.
        let is_marker = inner["trait"]["path"] == "StructuralPartialEq";
        if is_marker || inner["is_synthetic"] == true || !inner["blanket_impl"].is_null() {
            return;
        }
        let header = self.signatures.implementation(inner);
        if !inner["trait"].is_null() {
            self.lines.insert(format!("{path}: {header}"));
            return;
        }
        if self.signatures.has_conditions(inner) {
            self.lines.insert(format!("{path}: {header}"));
        }
        for member in ids(&inner["items"]) {
            let is_public = self.krate.index.get(&member).is_some_and(Item::is_public);
            if is_public {
                self.visit(member, path, None);
            }
        }
    }
}
