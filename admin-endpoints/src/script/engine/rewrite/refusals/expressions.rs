//! Texts, slices and generator expressions that are refused.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged as _;

use super::RefusalSearch;
use crate::script::engine::rewrite::names::SourceNames;

impl<'a> RefusalSearch<'a> {
    pub(super) fn text(&mut self, text: &'a ast::ExprStringLiteral) {
        let is_surrogate = |part: &ast::StringLiteral| {
            let written = self
                .source
                .get(part.start().to_usize()..part.end().to_usize());
            !part.flags.prefix().is_raw() && written.is_some_and(has_surrogate)
        };
        if text.value.iter().any(is_surrogate) {
            self.refuse(text, "surrogates");
        }
    }

    /// `range(10)[::3]`, which the engine shows with another end.
    pub(super) fn slice(&mut self, item: &'a ast::ExprSubscript) {
        let is_range = match &*item.value {
            Expr::Call(call) => is_range(call, self.names),
            Expr::Name(name) => self.names.is_range(&name.id),
            _ => false,
        };
        let has_step = item
            .slice
            .as_slice_expr()
            .is_some_and(|slice| slice.step.is_some());
        if is_range && has_step {
            self.refuse(item, "slices of ranges with a step");
        }
    }

    pub(super) fn generator(&mut self, generator: &'a ast::ExprGenerator) {
        for clause in &generator.generators {
            let is_flat = match &clause.target {
                Expr::Name(_) => true,
                Expr::Tuple(tuple) => {
                    !tuple.elts.is_empty() && tuple.elts.iter().all(Expr::is_name_expr)
                }
                _ => false,
            };
            if !is_flat {
                self.refuse(generator, "generator expressions with nested targets");
            }
        }
        if makes_function(&generator.elt) {
            self.refuse(
                generator,
                "generator expressions that make functions or generators",
            );
        }
    }
}

/// `range(...)`
fn is_range(call: &ast::ExprCall, names: &SourceNames<'_>) -> bool {
    let name = call.func.as_name_expr();
    name.is_some_and(|name| name.id.as_str() == "range" && names.is_builtin("range"))
}

/// Whether a literal has an escape such as `\ud800`.
fn has_surrogate(written: &str) -> bool {
    written.match_indices("\\u").any(|(at, _)| {
        let before = &written.as_bytes()[..at];
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
        let digits = written.get(at + 2..at + 6).unwrap_or_default();
        let code = u16::from_str_radix(digits, 16).unwrap_or_default();
        backslashes.count() % 2 == 0 && (0xd800..0xe000).contains(&code)
    })
}

fn makes_function(element: &Expr) -> bool {
    match element {
        Expr::Lambda(_) | Expr::Generator(_) => true,
        Expr::Tuple(tuple) => tuple.elts.iter().any(makes_function),
        Expr::List(list) => list.elts.iter().any(makes_function),
        _ => false,
    }
}
