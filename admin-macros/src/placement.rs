//! Tells whether an attribute is inside an `impl` or `trait` block, where nothing can be registered.
//!
//! The tokens of the function do not say it, so the source file is read.

use std::fs;

use proc_macro2::{TokenStream, TokenTree};

/// A name that no source has, put where the attribute is.
const MARKER: &str = "__admin_attribute_is_here";

/// Whether the attribute that is expanded is inside such a block; `false` if that cannot be known.
pub(crate) fn is_in_impl_block() -> bool {
    if !proc_macro::is_available() {
        return false; // a unit test
    }
    let attribute = proc_macro::Span::call_site();
    let (line, column) = (attribute.line(), attribute.column());
    if column <= 1 {
        return false; // the usual case, without reading the file
    }
    let source = attribute
        .local_file()
        .and_then(|path| fs::read_to_string(path).ok());
    source.is_some_and(|source| is_in_impl_block_of(&source, line, column))
}

/// Whether the character at this line and column, both from 1, is directly in such a block.
fn is_in_impl_block_of(source: &str, line: usize, column: usize) -> bool {
    let mut marked = String::new();
    for (number, text) in (1..).zip(source.split_inclusive('\n')) {
        let at = text.char_indices().nth(column - 1);
        match at {
            Some((at, _)) if number == line => {
                marked.extend([&text[..at], MARKER, " ", &text[at..]]);
            }
            _ => marked.push_str(text),
        }
    }
    let tokens: Result<TokenStream, _> = marked.parse();
    tokens.is_ok_and(|tokens| block_of_marker(tokens) == Some(SurroundingBlock::Impl))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SurroundingBlock {
    Impl,
    Other,
}

/// The kind of the innermost block that has the marker.
fn block_of_marker(tokens: TokenStream) -> Option<SurroundingBlock> {
    let mut header = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                if is_marked(group.stream()) {
                    let has = |word: &str| header.iter().any(|known| known == word);
                    let is_impl = (has("impl") || has("trait")) && !has("fn");
                    return Some(if is_impl {
                        SurroundingBlock::Impl
                    } else {
                        SurroundingBlock::Other
                    });
                }
                if let Some(block) = block_of_marker(group.stream()) {
                    return Some(block);
                }
                if group.delimiter() == proc_macro2::Delimiter::Brace {
                    header.clear();
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => header.clear(),
            TokenTree::Ident(ident) => header.push(ident.to_string()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    None
}

/// Whether the marker is among the tokens, not inside a group of them.
fn is_marked(tokens: TokenStream) -> bool {
    tokens
        .into_iter()
        .any(|token| matches!(token, TokenTree::Ident(ident) if ident == MARKER))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The attribute is at `@`.
    fn is_in_impl(source: &str) -> bool {
        let (before, _) = source.split_once('@').expect("a place");
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        is_in_impl_block_of(&source.replacen('@', "#[x] ", 1), line, column)
    }

    #[test]
    fn impl_and_trait_blocks_are_found() {
        assert!(is_in_impl("struct S;\nimpl S {\n    @fn f() {}\n}\n"));
        assert!(is_in_impl(
            "impl<T> A for B<T> where T: C {\n    fn g() {}\n    @fn f() {}\n}"
        ));
        assert!(is_in_impl(
            "mod m {\n    trait T {\n        const N: u8 = 1; @fn f() {}\n    }\n}"
        ));
    }

    #[test]
    fn other_blocks_are_not_impl_blocks() {
        assert!(!is_in_impl("impl S { fn g() {} }\n@fn f() {}\n"));
        assert!(!is_in_impl("impl S {}\nmod m {\n    @fn f() {}\n}\n"));
        assert!(!is_in_impl(
            "fn g() -> impl Iterator {\n    @fn f() {}\n}\n"
        ));
        assert!(!is_in_impl("impl S { fn g() {\n    @fn f() {}\n} }\n"));
        assert!(!is_in_impl("// impl {\nmod m { @fn f() {}\n}\n"));
    }
}
