//! The public API of a crate as text: one line for each item, with its declaration as written.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::json::{Crate, Item, Span, id, ids};

/// Every public item of a crate, sorted by its path.
pub(crate) fn lines(krate: &Crate) -> BTreeSet<String> {
    let mut api = Api {
        krate,
        lines: BTreeSet::new(),
    };
    api.visit(krate.root, "", None);
    api.lines
}

struct Api<'a> {
    krate: &'a Crate,
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
            self.note(&path, item);
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
        if inner["trait"].is_null() {
            for member in ids(&inner["items"]) {
                let is_public = self.krate.index.get(&member).is_some_and(Item::is_public);
                if is_public {
                    self.visit(member, path, None);
                }
            }
            return;
        }
        let written = item.span.as_ref().and_then(source).unwrap_or_default();
        let header = match declaration(&written, "impl") {
            header if header.starts_with("impl") => header,
            // A derive, or a macro.
            _ => format!("impl {}", inner["trait"]["path"].as_str().unwrap_or("?")),
        };
        self.lines.insert(format!("{path}: {header}"));
    }

    fn note(&mut self, path: &str, item: &Item) {
        let (kind, _) = item.inner();
        let written = item.span.as_ref().and_then(source).unwrap_or_default();
        let open = item
            .attrs
            .iter()
            .any(|attribute| attribute == "non_exhaustive");
        let open = if open { "#[non_exhaustive] " } else { "" };
        let declaration = declaration(&written, kind);
        self.lines.insert(format!("{path}: {open}{declaration}"));
    }
}

/// The text of a span.
fn source(span: &Span) -> Option<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let text = fs::read_to_string(root.join(&span.filename)).ok()?;
    let (first, last) = (span.begin.0.checked_sub(1)?, span.end.0);
    let lines: Vec<_> = text.lines().take(last).skip(first).collect();
    let (head, tail) = lines.split_first()?;
    let head: String = head.chars().skip(span.begin.1.saturating_sub(1)).collect();
    let tail = tail.iter().map(|line| line.trim());
    let code = tail.filter(|line| !line.starts_with("//") && !line.starts_with("#["));
    let joined = code.fold(head, |joined, line| joined + " " + line);
    Some(joined.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A declaration without its body, its fields and its value.
fn declaration(written: &str, kind: &str) -> String {
    if kind == "macro" {
        return "macro".to_owned();
    }
    let mut depth = 0_usize;
    for (at, character) in written.char_indices() {
        let ends = match character {
            '{' | ';' => true,
            '(' => kind == "struct",
            '=' => matches!(kind, "constant" | "assoc_const" | "assoc_type"),
            ',' => matches!(kind, "struct_field" | "variant"),
            _ => false,
        };
        if ends && depth == 0 {
            return written[..at].trim_end().to_owned();
        }
        match character {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '>' if !written[..at].ends_with(['-', '=']) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    written.trim_end().to_owned()
}

#[test]
fn a_declaration_ends_before_its_body() {
    for (written, kind, expected) in [
        (
            "pub fn f<T>(x: [u8; 2]) -> T { x }",
            "function",
            "pub fn f<T>(x: [u8; 2]) -> T",
        ),
        ("pub struct Json<T>(pub T);", "struct", "pub struct Json<T>"),
        (
            "pub struct Index { pub a: u8 }",
            "struct",
            "pub struct Index",
        ),
        (
            "const ALL: [Self; 7] = [Self::Get];",
            "assoc_const",
            "const ALL: [Self; 7]",
        ),
        (
            "pub params: Vec<(u8, u8)>",
            "struct_field",
            "pub params: Vec<(u8, u8)>",
        ),
        ("Path(usize)", "variant", "Path(usize)"),
        (
            "impl<T: Fn() -> u8> X for T { }",
            "impl",
            "impl<T: Fn() -> u8> X for T",
        ),
    ] {
        assert_eq!(declaration(written, kind), expected);
    }
}
