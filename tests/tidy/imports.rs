//! Which file of a crate imports from which: `use` declarations and inline paths, resolved.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::sources;

/// The files of one crate by module: `["request", "context"]` is `request/context.rs`.
pub(crate) struct Crate {
    /// The words and signs of each file without comments, texts and test code.
    files: BTreeMap<Module, Vec<String>>,
    /// The modules that have a folder.
    folders: BTreeSet<Module>,
    /// The names that a folder's `mod.rs` exports from its files.
    exports: BTreeMap<(Module, String), Module>,
}

type Module = Vec<String>;

impl Crate {
    /// Reads `folder`, the `src` of a crate or a folder below it.
    pub(crate) fn read(folder: &str) -> Self {
        let own = folder
            .split('/')
            .next()
            .unwrap_or_default()
            .replace('-', "_");
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
            krate.files.insert(module, tokens_of(&text, &own));
        }
        let exports = krate.folders.iter().flat_map(|folder| {
            let code = krate.files.get(folder).map_or(&[][..], Vec::as_slice);
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
                if target != *module {
                    found.insert((self.name(module), self.name(&target)));
                }
            }
        }
        found
    }

    /// What hides imports, with its file.
    pub(crate) fn hidden(&self) -> Vec<String> {
        let files = self.files.iter();
        let found = files.flat_map(|(module, tokens)| {
            let file = self.name(module);
            hidden(tokens)
                .into_iter()
                .map(move |what| format!("{file}.rs has {what}"))
        });
        found.collect()
    }

    /// Every folder with more than one file.
    pub(crate) fn folders(&self) -> BTreeSet<String> {
        let names = self.names();
        let folders = self.folders.iter().map(|folder| folder.join("/"));
        folders
            .filter(|folder| {
                let below = format!("{folder}/");
                let files = names.iter().filter_map(|name| name.strip_prefix(&below));
                let files: BTreeSet<_> = files.filter_map(|file| file.split('/').next()).collect();
                files.len() > 1
            })
            .collect()
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
                while let Some(file) = self.exports.get(&(at.clone(), name.to_owned())) {
                    at.clone_from(file);
                }
                return Some(at);
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

/// The words and signs of a file in order: comments, texts and test code are left out.
///
/// `own` is the name of the crate: a path that begins with it, or with `$crate`, begins with `crate`.
fn tokens_of(text: &str, own: &str) -> Vec<String> {
    let stream: TokenStream = text.parse().expect("a file of Rust");
    let mut all = Vec::new();
    flatten(stream, &mut all);
    let mut tokens: Vec<String> = Vec::new();
    for (at, token) in all.iter().enumerate() {
        let begins_path = all.get(at + 1).is_some_and(|next| next == "::");
        if token == own && begins_path {
            let is_word = |word: &String| word.starts_with(|first: char| first.is_alphanumeric());
            match tokens.as_slice() {
                // `a::own::b` is a module of that name.
                [.., before, sign]
                    if sign == "::" && is_word(before) && !ends_before_path(before) =>
                {
                    tokens.push(token.clone());
                    continue;
                }
                [.., sign] if sign == "::" => drop(tokens.pop()),
                _ => {}
            }
            tokens.push("crate".to_owned());
        } else if token == "crate" && tokens.pop_if(|last| last == "$").is_some() {
            // Macros may name `__private` and macros of the root from every module.
            let is_private = all.get(at + 2).is_some_and(|next| next == "__private");
            let is_macro = all.get(at + 3).is_some_and(|next| next == "!");
            let word = if is_private || is_macro {
                "$crate"
            } else {
                "crate"
            };
            tokens.push(word.to_owned());
        } else {
            tokens.push(token.clone());
        }
    }
    tokens
}

/// The path in the value of an attribute such as `serialize_with = "crate::clock::write"`.
fn path_in(literal: &str) -> Option<TokenStream> {
    let text = literal.strip_prefix('"')?.strip_suffix('"')?;
    let is_path = text.starts_with("crate::") || text.starts_with("super::");
    text.parse().ok().filter(|_| is_path)
}

/// Whether a path that begins with `::` may follow this word.
fn ends_before_path(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "as", "const", "dyn", "else", "for", "if", "impl", "in", "match", "mut", "return", "use",
        "where", "while",
    ];
    WORDS.contains(&word)
}

fn flatten(stream: TokenStream, tokens: &mut Vec<String>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        if is_punct(trees.get(at), '#') {
            let is_inner = is_punct(trees.get(at + 1), '!');
            if is_test_only(trees.get(at + 1 + usize::from(is_inner))) {
                if is_inner {
                    return;
                }
                at += 2 + length_of_item(&trees[at + 2..]);
                continue;
            }
        }
        match &trees[at] {
            TokenTree::Ident(word) => {
                tokens.push(word.to_string().trim_start_matches("r#").to_owned());
            }
            TokenTree::Literal(literal) => {
                let is_value = tokens.last().is_some_and(|last| last == "=");
                match path_in(&literal.to_string()).filter(|_| is_value) {
                    Some(path) => flatten(path, tokens),
                    None => tokens.push("\"\"".to_owned()),
                }
            }
            TokenTree::Punct(sign) if sign.as_char() == ':' && is_punct(trees.get(at + 1), ':') => {
                tokens.push("::".to_owned());
                at += 1;
            }
            TokenTree::Punct(sign) => tokens.push(sign.to_string()),
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                tokens.push(open.to_owned());
                flatten(group.stream(), tokens);
                tokens.push(close.to_owned());
            }
        }
        at += 1;
    }
}

fn is_punct(tree: Option<&TokenTree>, sign: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// Whether the brackets of an attribute are `[cfg(test)]` or a `cfg(all(..))` with `test`.
fn is_test_only(attribute: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = attribute else {
        return false;
    };
    let mut words = Vec::new();
    flatten(group.stream(), &mut words);
    let has = |word: &str| words.iter().any(|other| other == word);
    words.first().is_some_and(|first| first == "cfg") && has("test") && !has("not") && !has("any")
}

/// The number of trees up to the end of an item, a field or a statement.
fn length_of_item(trees: &[TokenTree]) -> usize {
    let mut is_use = false;
    let mut is_item = false;
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                is_use |= word == "use";
                let items = [
                    "const", "enum", "fn", "impl", "let", "static", "struct", "trait", "type",
                ];
                is_item |= items.contains(&word.as_str());
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !is_use => {
                return at + 1;
            }
            TokenTree::Punct(sign) if sign.as_char() == ';' => return at + 1,
            TokenTree::Punct(sign) if sign.as_char() == ',' && !is_item && !is_use => {
                return at + 1;
            }
            _ => {}
        }
    }
    trees.len()
}

/// What makes imports invisible to this file: other names of `crate`, `self` and `super`, and code
/// that is in another file than its module.
fn hidden(tokens: &[String]) -> Vec<String> {
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        match &tokens[at..] {
            ["include", "!", ..] => found.push("include!".to_owned()),
            ["#", "[", "path", "=", ..] if !tokens[at..].starts_with(PRIVATE) => {
                found.push("#[path]".to_owned());
            }
            ["extern", "crate", "self", "as", name, ..] if *name != "admin_runtime" => {
                found.push(format!("extern crate self as {name}"));
            }
            ["use", next, ..] if *next != "<" => {
                let tree = Tree::read_at(&tokens, at + 1, false, 0);
                let is_root = |word: &String| matches!(word.as_str(), "crate" | "self" | "super");
                let renames = tree
                    .found
                    .into_iter()
                    .filter(|path| path.alias.is_some() && path.segments.iter().all(is_root));
                found.extend(renames.map(|path| format!("use {} as", path.segments.join("::"))));
            }
            _ => {}
        }
    }
    found
}

/// The module of what generated code may name has another name than its file.
const PRIVATE: &[&str] = &[
    "#",
    "[",
    "path",
    "=",
    "\"\"",
    "]",
    "pub",
    "mod",
    "__private",
];

/// Every path that begins with `crate`, `self` or `super`, and in `pub use` every path.
fn paths_in(tokens: &[String]) -> Vec<Found> {
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
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
            let mut tree = Tree::read_at(&tokens, first, exported, modules.len());
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

/// Reads one tree of a `use`, or one path.
struct Tree<'a> {
    tokens: &'a [&'a str],
    at: usize,
    exported: bool,
    nested: usize,
    found: Vec<Found>,
}

impl<'a> Tree<'a> {
    fn read_at(tokens: &'a [&'a str], at: usize, exported: bool, nested: usize) -> Self {
        let mut tree = Self {
            tokens,
            at,
            exported,
            nested,
            found: Vec::new(),
        };
        tree.read(&[]);
        tree
    }

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
    let tokens = tokens_of(text, "");
    tokens.windows(2).any(|pair| {
        let into = pair[0] == name && pair[1] == "::";
        let whole = pair[0] == "use" && pair[1] == name;
        into || whole
    })
}

#[test]
fn finds_imports_of_every_form() {
    let tokens = tokens_of(
        "use crate::a::{b::C, d::{self, E as F}, *};\n\
         // use crate::comment::X;\n\
         fn f(x: &crate::g::H) -> super::I { \"crate::text::Y\"; self::j() }\n\
         macro_rules! m { () => { $crate::k::L } }\n\
         mod inner { use super::M; }\n\
         pub(crate) use n::O;\n\
         #[cfg(test)]\nmod tests { use crate::p::Q; }\n",
        "own",
    );
    let paths = paths_in(&tokens);
    let written = paths.iter().map(|path| path.segments.join("::"));
    let expected = [
        "crate::a::b::C",
        "crate::a::d",
        "crate::a::d::E",
        "crate::a",
        "crate::g::H",
        "super::I",
        "self::j",
        "crate::k::L",
        "super::M",
        "n::O",
    ];
    assert_eq!(written.collect::<Vec<_>>(), expected);
    assert_eq!((paths[2].renamed(), paths[8].nested), (Some("F"), 1));
    assert!(paths[9].exported && !paths[0].exported);
}

#[test]
fn finds_a_crate_that_is_imported_whole() {
    let names = |text| names_crate(text, "warp");
    assert!(names("use warp;") && names("use warp::Filter;") && names("let x = warp::any();"));
    assert!(!names("// warp::any()") && !names("let warp = 1;") && !names("\"warp::any\""));
}

#[test]
fn finds_imports_in_every_notation() {
    for code in [
        "use admin_runtime::a::B;",
        "use ::admin_runtime::a::B;",
        "fn f() -> ::admin_runtime::a::B {}",
        "impl T for ::admin_runtime::a::B {}",
        "fn f(x: &dyn ::admin_runtime::a::B) {}",
        "fn f(x: &mut ::admin_runtime::a::B) {}",
        "#[serde(with = \"crate::a::B\")] struct S;",
        "macro_rules! m { () => { $crate::a::B } }",
        "fn f() { println!(\"{}\", crate::a::B) }",
        "const T: &str = \"\\\\\"; use crate::a::B;",
        "const T: &str = r#\"a \"quoted\"\"#; use crate::a::B;",
        "// an open \"\nuse crate::a::B;",
        "/* \" */ use crate::a::B;",
        "#[cfg(test)]\nmod tests { use crate::p::Q; }\nuse crate::a::B;",
        "#[cfg(test)]\nuse crate::p::{Q};\nuse crate::a::B;",
        "struct S { #[cfg(test)] p: crate::p::Q, a: crate::a::B }",
        "#[cfg(not(test))]\nuse crate::a::B;",
    ] {
        let paths = paths_in(&tokens_of(code, "admin_runtime"));
        let written: Vec<_> = paths.iter().map(|path| path.segments.join("::")).collect();
        assert_eq!(written, ["crate::a::B"], "{code}");
    }
    let private = "macro_rules! m { () => { $crate::__private::f() } }";
    assert_eq!(paths_in(&tokens_of(private, "admin_runtime")), []);
}

#[test]
fn finds_what_hides_imports() {
    let hidden = |code| hidden(&tokens_of(code, "admin_runtime")).len();
    for code in [
        "use crate as root;",
        "use super as up;",
        "use super::super as top;",
        "use crate::{self as root};",
        "use admin_runtime::{self as root};",
        "use self as here;",
        "extern crate self as root;",
        "include!(\"a.rs\");",
        "#[path = \"a.rs\"] mod b;",
    ] {
        assert_eq!(hidden(code), 1, "{code}");
    }
    for code in [
        "use crate::a as b;",
        "use crate::a::{self as b};",
        "extern crate self as admin_runtime;",
        "include_str!(\"a.css\");",
        "#[doc(hidden)] #[path = \"private.rs\"] pub mod __private;",
        "fn f(self) -> usize { self as usize }",
        "fn f<'a>() -> impl Fn() + use<'a> {}",
    ] {
        assert_eq!(hidden(code), 0, "{code}");
    }
}
