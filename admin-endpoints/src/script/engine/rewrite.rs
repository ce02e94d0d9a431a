//! Rewrites a source so that the engine can run it.
//!
//! The engine imports its own modules without a check, so every import that is not allowed becomes
//! a call of `__import__`, which raises when it runs, as in CPython. Features that the engine lacks
//! and a function can provide become calls of functions in `polyfills.py`: `%` of a string, `|` of
//! dicts, `del` of items, assignment to slices, `__class__`. Assignment to an attribute becomes a
//! call too: on a live object the engine would only change its own copy, without an error. Edits
//! keep line numbers.

mod statements;

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{
    self as ast, Expr, ExprBinOp, ExprContext, Operator, Stmt, StmtImport, StmtImportFrom,
};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextRange};

use self::statements::{attribute_target, slice_target};
use super::edits::Edits;
use super::syntax;

/// The names of the functions in `polyfills.py`.
const PERCENT: &str = "__percent__";
const MERGE: &str = "__merge__";
const MERGE_INTO: &str = "__merge_into__";
const CLASS_OF: &str = "__class_of__";

/// A source that is ready to run.
pub(crate) struct Rewritten {
    pub(crate) source: String,
    /// Whether it calls the functions in `polyfills.py`.
    pub(super) needs_polyfills: bool,
}

/// Rewrites what the engine cannot run; other text stays as it is.
///
/// # Errors
///
/// Returns `str(e)` of the `SyntaxError`.
pub(crate) fn rewrite(source: &str, allowed: &[String]) -> Result<Rewritten, String> {
    let parsed = parse_module(source).map_err(|error| syntax::message(&error, source))?;
    syntax::outside_function(parsed.suite(), source)?;
    let mut pass = RewritePass {
        source,
        allowed,
        tokens: parsed.tokens(),
        edits: Edits::default(),
        needs_polyfills: false,
    };
    pass.visit_body(parsed.suite());
    let RewritePass {
        edits,
        needs_polyfills,
        ..
    } = pass;
    let source = if edits.is_empty() {
        source.to_owned()
    } else {
        edits.apply(source)
    };
    Ok(Rewritten {
        source,
        needs_polyfills,
    })
}

struct RewritePass<'a> {
    source: &'a str,
    allowed: &'a [String],
    tokens: &'a Tokens,
    edits: Edits,
    needs_polyfills: bool,
}

impl RewritePass<'_> {
    fn is_allowed(&self, module: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == module)
    }

    fn text(&self, node: &impl Ranged) -> &str {
        self.source
            .get(node.start().to_usize()..node.end().to_usize())
            .unwrap_or_default()
    }

    fn replace(&mut self, node: &impl Ranged, text: String) {
        self.edits
            .replace(node.start().to_usize(), node.end().to_usize(), text);
    }

    /// The first token of a kind in a range.
    fn token(&self, range: TextRange, is: impl Fn(TokenKind) -> bool) -> Option<TextRange> {
        let mut tokens = self.tokens.in_range(range).iter();
        tokens
            .find(|token| is(token.kind()))
            .map(|token| token.range())
    }

    /// One statement for each module, so that those before a denied one are imported.
    fn import(&mut self, import: &StmtImport) {
        if import
            .names
            .iter()
            .all(|alias| self.is_allowed(&alias.name))
        {
            return;
        }
        let each = import.names.iter().map(|alias| {
            if self.is_allowed(&alias.name) {
                format!("import {}", self.text(alias))
            } else {
                denied(&alias.name)
            }
        });
        let statements = each.collect::<Vec<_>>().join("; ");
        self.replace(import, statements);
    }

    fn import_from(&mut self, import: &StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |name| name.as_str());
        if import.level > 0 || !self.is_allowed(module) {
            self.replace(import, denied(module));
        }
    }

    /// `a % b` as a call: two insertions and a comma for the sign, which nest by themselves.
    fn operation(&mut self, operation: &ExprBinOp, sign: TokenKind, function: &str) {
        let between = TextRange::new(operation.left.end(), operation.right.start());
        let Some(sign) = self.token(between, |kind| kind == sign) else {
            return;
        };
        self.edits
            .open(operation.start().to_usize(), format!("{function}("));
        self.replace(&sign, ",".to_owned());
        self.edits.close(operation.end().to_usize(), ")");
        self.needs_polyfills = true;
    }

    /// `x.__class__` as a call.
    fn class_of(&mut self, attribute: &ast::ExprAttribute) {
        self.edits
            .open(attribute.start().to_usize(), format!("{CLASS_OF}("));
        let behind = TextRange::new(attribute.value.end(), attribute.end());
        let Some(dot) = self.token(behind, |kind| kind == TokenKind::Dot) else {
            return;
        };
        self.edits
            .replace(dot.start().to_usize(), attribute.end().to_usize(), ")");
        self.needs_polyfills = true;
    }
}

impl<'a> Visitor<'a> for RewritePass<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Delete(delete) => self.delete(delete),
            // Not valid Python: in parentheses the error would differ from the engine's.
            Stmt::Assign(ast::StmtAssign { value, .. })
            | Stmt::AugAssign(ast::StmtAugAssign { value, .. })
                if value.is_starred_expr() => {}
            Stmt::Assign(assignment) if slice_target(assignment).is_some() => {
                self.assign(assignment);
            }
            Stmt::Assign(assignment) if attribute_target(assignment).is_some() => {
                self.assign_attribute(assignment);
            }
            Stmt::AugAssign(assignment) => {
                self.visit_expr(&assignment.value);
                match assignment.op {
                    _ if assignment.target.is_attribute_expr() => {
                        self.attribute_in_place(assignment);
                    }
                    Operator::Mod => self.in_place(assignment, PERCENT),
                    Operator::BitOr => self.in_place(assignment, MERGE_INTO),
                    _ => {}
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        visitor::walk_expr(self, expr); // first: inner parts are edited before outer ones
        match expr {
            Expr::BinOp(operation)
                if operation.op == Operator::Mod && may_be_text(&operation.left) =>
            {
                self.operation(operation, TokenKind::Percent, PERCENT);
            }
            Expr::BinOp(operation) if operation.op == Operator::BitOr => {
                self.operation(operation, TokenKind::Vbar, MERGE);
            }
            Expr::Attribute(attribute)
                if attribute.attr.as_str() == "__class__" && attribute.ctx == ExprContext::Load =>
            {
                self.class_of(attribute);
            }
            _ => {}
        }
    }

    fn visit_interpolated_string_element(&mut self, element: &'a ast::InterpolatedStringElement) {
        // `f"{a % b=}"` prints its own source, which must not change.
        let shows_itself = element
            .as_interpolation()
            .is_some_and(|e| e.debug_text.is_some());
        if !shows_itself {
            visitor::walk_interpolated_string_element(self, element);
        }
    }
}

/// Whether `%` may format text. Except for literals, this is only known at run time.
fn may_be_text(left: &Expr) -> bool {
    !matches!(
        left,
        Expr::NumberLiteral(_) | Expr::BytesLiteral(_) | Expr::BooleanLiteral(_)
    )
}

fn denied(module: &str) -> String {
    format!("__import__('{module}')") // an identifier and dots need no escapes
}

#[cfg(test)]
mod tests;
