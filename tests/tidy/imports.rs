//! Which file of a crate imports from which: `use` declarations and inline paths, resolved.

use std::collections::{BTreeMap, BTreeSet};

use super::sources;

/// The files of one crate by module: `["request", "context"]` is `request/context.rs`.
pub(crate) struct Crate {
    /// The code of each file without comments, texts and what follows `#[cfg(test)]`.
    files: BTreeMap<Module, String>,
    /// The modules that have a folder.
    folders: BTreeSet<Module>,
    /// The names that a folder's `mod.rs` exports from its files.
    exports: BTreeMap<(Module, String), Module>,
}

type Module = Vec<String>;

impl Crate {
    /// Reads `folder`, the `src` of a crate or a folder below it.
    pub(crate) fn read(folder: &str) -> Self {
        let mut krate = Self {
            files: BTreeMap::new(),
            folders: BTreeSet::from([Module::new()]),
            exports: BTreeMap::new(),
        };
        for (path, text) in sources(folder) {
            let path = path
                .strip_prefix(folder)
                .expect("inside")
                .with_extension("");
            let mut module: Module = path
                .iter()
                .map(|part| part.to_string_lossy().into_owned())
                .collect();
            if module.iter().any(|part| part == "tests") {
                continue;
            }
            if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
                module.pop();
            }
            for length in 0..module.len() {
                krate.folders.insert(module[..length].to_vec());
            }
            krate.files.insert(module, code_of(&text));
        }
        let exports = krate.folders.iter().flat_map(|folder| {
            let code = krate.files.get(folder).map_or("", String::as_str);
            let exported = paths_in(code).into_iter().filter(|path| path.exported);
            exported.filter_map(|path| {
                let (name, file) = (path.renamed()?.to_owned(), krate.file_below(folder, &path)?);
                Some(((folder.clone(), name), file))
            })
        });
        krate.exports = exports.collect();
        krate
    }

    /// Every pair of a file and a file that it imports from, as paths without `.rs`.
    pub(crate) fn imports(&self) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        for (module, code) in &self.files {
            for path in paths_in(code) {
                let Some(target) = self.resolve(module, &path) else {
                    continue;
                };
                // A folder's own declarations of what is in it are not imports.
                if target != *module && !target.starts_with(module) {
                    found.insert((self.name(module), self.name(&target)));
                }
            }
        }
        found
    }

    /// Every file, as a path without `.rs`.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.files.keys().map(|module| self.name(module)).collect()
    }

    /// `request/mod` for a folder, `request/context` for a file, `lib` for the root.
    fn name(&self, module: &Module) -> String {
        match module.as_slice() {
            [] => "lib".to_owned(),
            parts if self.folders.contains(module) => format!("{}/mod", parts.join("/")),
            parts => parts.join("/"),
        }
    }

    fn file_below(&self, folder: &Module, path: &Found) -> Option<Module> {
        let inside = path.segments.strip_prefix(&["self".to_owned()]);
        let inside = inside.unwrap_or(&path.segments);
        let mut file = folder.clone();
        file.push(inside.first()?.clone());
        self.files.contains_key(&file).then_some(file)
    }

    /// The file in which a path of `module` ends.
    fn resolve(&self, module: &Module, path: &Found) -> Option<Module> {
        let mut at = module.clone();
        let mut segments = path.segments.iter().peekable();
        match segments.peek().map(|first| first.as_str()) {
            Some("crate") => {
                at.clear();
                segments.next();
            }
            Some("self") => {
                segments.next();
            }
            Some("super") => {}
            _ => return None,
        }
        let mut nested = path.nested;
        while segments.next_if(|segment| *segment == "super").is_some() {
            // The first ones lead out of `mod x { .. }` inside the file.
            match nested.checked_sub(1) {
                Some(left) => nested = left,
                None => drop(at.pop()),
            }
        }
        for segment in segments {
            let name = if segment == "__private" {
                "private"
            } else {
                segment
            };
            let mut child = at.clone();
            child.push(name.to_owned());
            if self.files.contains_key(&child) {
                at = child;
            } else {
                let export = self.exports.get(&(at.clone(), name.to_owned()));
                return Some(export.cloned().unwrap_or(at));
            }
        }
        Some(at)
    }
}

/// One path of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    segments: Vec<String>,
    alias: Option<String>,
    /// Whether it is part of a `pub use`.
    exported: bool,
    /// The number of `mod x { .. }` around it in the file.
    nested: usize,
}

impl Found {
    /// The name under which it is known where it is imported.
    fn renamed(&self) -> Option<&str> {
        self.alias
            .as_deref()
            .or(self.segments.last().map(String::as_str))
    }
}

/// The words and signs of a file: comments, texts and test code are left out.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let lines = text.lines().map(|line| {
        let line = line.trim_start();
        if line.starts_with("//") { "" } else { line }
    });
    let mut code = String::new();
    for line in lines {
        let mut in_text = false;
        let mut previous = ' ';
        for character in line.chars() {
            if character == '"' && previous != '\\' && previous != '\'' {
                in_text = !in_text;
            } else if !in_text {
                code.push(character);
            }
            previous = character;
        }
        code.push('\n');
    }
    code
}

/// Every path that begins with `crate`, `self` or `super`, and in `pub use` every path.
fn paths_in(code: &str) -> Vec<Found> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut depth = 0;
    let mut modules = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let exported = tokens[at] == "use" && is_public(&tokens[..at]);
        let starts = matches!(tokens[at], "crate" | "self" | "super")
            && tokens.get(at + 1) == Some(&"::")
            && (at == 0 || !matches!(tokens[at - 1], "::" | "$"));
        match tokens[at] {
            "mod" if tokens.get(at + 2) == Some(&"{") => modules.push(depth),
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                modules.pop_if(|outside| *outside == depth);
            }
            _ => {}
        }
        if exported || starts {
            let first = if exported { at + 1 } else { at };
            let mut tree = Tree {
                tokens: &tokens,
                at: first,
                exported,
                nested: modules.len(),
                found: Vec::new(),
            };
            tree.read(&[]);
            at = tree.at;
            found.append(&mut tree.found);
        } else {
            at += 1;
        }
    }
    found
}

fn is_public(before: &[&str]) -> bool {
    matches!(before, [.., "pub"] | [.., "pub", "(", _, ")"])
}

/// Words, `::`, and all other signs one by one.
fn tokens(code: &str) -> Vec<&str> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if is_word(first) {
            rest.find(|character| !is_word(character))
                .unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// Reads one tree of a `use`, or one path.
struct Tree<'a> {
    tokens: &'a [&'a str],
    at: usize,
    exported: bool,
    nested: usize,
    found: Vec<Found>,
}

impl Tree<'_> {
    fn read(&mut self, before: &[String]) {
        let mut segments = before.to_vec();
        loop {
            match self.tokens.get(self.at) {
                Some(&"{") => {
                    self.at += 1;
                    while self.tokens.get(self.at).is_some_and(|token| *token != "}") {
                        self.read(&segments);
                        if self.tokens.get(self.at) == Some(&",") {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                Some(&"*") => self.at += 1,
                Some(word) => {
                    segments.push((*word).to_owned());
                    self.at += 1;
                }
                None => return,
            }
            if self.tokens.get(self.at) == Some(&"::") {
                self.at += 1;
            } else {
                break;
            }
        }
        let mut alias = None;
        if self.tokens.get(self.at) == Some(&"as") {
            alias = self.tokens.get(self.at + 1).map(|name| (*name).to_owned());
            self.at += 2;
        }
        if segments.len() > 1 && segments.last().is_some_and(|last| last == "self") {
            segments.pop();
        }
        self.found.push(Found {
            segments,
            alias,
            exported: self.exported,
            nested: self.nested,
        });
    }
}

/// Whether the code of a file names a crate: a path into it, or `use` of the crate itself.
pub(crate) fn names_crate(text: &str, name: &str) -> bool {
    let code = code_of(text);
    let tokens = tokens(&code);
    tokens.windows(2).any(|pair| {
        let into = pair[0] == name && pair[1] == "::";
        let whole = pair[0] == "use" && pair[1] == name;
        into || whole
    })
}

#[test]
fn finds_imports_of_every_form() {
    let code = code_of(
        "use crate::a::{b::C, d::{self, E as F}, *};\n\
         // use crate::comment::X;\n\
         fn f(x: &crate::g::H) -> super::I { \"crate::text::Y\"; self::j() }\n\
         macro_rules! m { () => { $crate::k::L } }\n\
         mod inner { use super::M; }\n\
         pub(crate) use n::O;\n\
         #[cfg(test)]\nmod tests { use crate::p::Q; }\n",
    );
    let paths = paths_in(&code);
    let written = paths.iter().map(|path| path.segments.join("::"));
    let expected = [
        "crate::a::b::C",
        "crate::a::d",
        "crate::a::d::E",
        "crate::a",
        "crate::g::H",
        "super::I",
        "self::j",
        "super::M",
        "n::O",
    ];
    assert_eq!(written.collect::<Vec<_>>(), expected);
    assert_eq!((paths[2].renamed(), paths[7].nested), (Some("F"), 1));
    assert!(paths[8].exported && !paths[0].exported);
}

#[test]
fn finds_a_crate_that_is_imported_whole() {
    let names = |text| names_crate(text, "warp");
    assert!(names("use warp;") && names("use warp::Filter;") && names("let x = warp::any();"));
    assert!(!names("// warp::any()") && !names("let warp = 1;") && !names("\"warp::any\""));
}
