//! The source as the engine can run it: denied imports, `%` formatting and `del` of items.
//!
//! The engine's own modules import without asking, so every import that is not allowed becomes a
//! call of `__import__`, which raises when it runs, as in CPython. `a % b` and `del a[i]`, which
//! the engine lacks, become calls of functions in `python_gaps.py` that do exactly what CPython
//! does. Each edit keeps line numbers.

use ruff_python_ast::{
    self as ast, Expr, ExprBinOp, Operator, Stmt, StmtImport, StmtImportFrom,
    token::{TokenKind, Tokens},
    visitor::{self, Visitor},
};
use ruff_python_parser::{ParseError, parse_module};
use ruff_text_size::Ranged;

use super::edits::Edits;

/// The names of the functions in `python_gaps.py`.
const PERCENT: &str = "__percent__";
const DEL_ITEM: &str = "__del_item__";
const DEL_SLICE: &str = "__del_slice__";

/// A source that is ready to run.
pub(super) struct Rewritten {
    pub(super) source: String,
    /// Whether it calls the functions in `python_gaps.py`.
    pub(super) needs_gaps: bool,
}

/// Rewrites what must be rewritten; the text stays as it is where nothing must.
pub(super) fn rewrite(source: &str, allowed: &[String]) -> Result<Rewritten, ParseError> {
    let parsed = parse_module(source)?;
    let mut pass = Pass {
        source,
        allowed,
        tokens: parsed.tokens(),
        edits: Edits::default(),
        needs_gaps: false,
    };
    pass.visit_body(parsed.suite());
    let Pass { edits, needs_gaps, .. } = pass;
    let source = if edits.is_empty() { source.to_owned() } else { edits.apply(source) };
    Ok(Rewritten { source, needs_gaps })
}

struct Pass<'a> {
    source: &'a str,
    allowed: &'a [String],
    tokens: &'a Tokens,
    edits: Edits,
    needs_gaps: bool,
}

impl Pass<'_> {
    fn is_allowed(&self, module: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == module)
    }

    fn text(&self, node: &impl Ranged) -> &str {
        self.source.get(node.start().to_usize()..node.end().to_usize()).unwrap_or_default()
    }

    fn replace(&mut self, node: &impl Ranged, text: String) {
        self.edits.replace(node.start().to_usize(), node.end().to_usize(), text);
    }

    /// One statement for each module, so that those before a denied one are imported.
    fn import(&mut self, import: &StmtImport) {
        if import.names.iter().all(|alias| self.is_allowed(&alias.name)) {
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
    fn percent(&mut self, operation: &ExprBinOp) {
        let between = ruff_text_size::TextRange::new(operation.left.end(), operation.right.start());
        let sign = self.tokens.in_range(between).iter().find(|t| t.kind() == TokenKind::Percent);
        let Some(sign) = sign else { return };
        self.edits.insert(operation.start().to_usize(), format!("{PERCENT}("));
        self.edits.replace(sign.start().to_usize(), sign.end().to_usize(), ",");
        self.edits.insert(operation.end().to_usize(), ")");
        self.needs_gaps = true;
    }

    fn delete(&mut self, delete: &ast::StmtDelete) {
        let calls: Option<Vec<String>> =
            delete.targets.iter().map(|target| self.delete_call(target)).collect();
        if let Some(calls) = calls {
            self.replace(delete, calls.join("; "));
            self.needs_gaps = true;
        }
    }

    /// Items can be deleted by a call; names and attributes cannot.
    fn delete_call(&self, target: &Expr) -> Option<String> {
        let Expr::Subscript(item) = target else { return None };
        let owner = self.text(&*item.value);
        let Expr::Slice(slice) = &*item.slice else {
            return Some(format!("{DEL_ITEM}({owner}, ({}))", self.text(&*item.slice)));
        };
        let bound = |bound: &Option<Box<Expr>>| {
            bound.as_deref().map_or("None", |bound| self.text(bound)).to_owned()
        };
        let (lower, upper, step) = (bound(&slice.lower), bound(&slice.upper), bound(&slice.step));
        Some(format!("{DEL_SLICE}({owner}, ({lower}), ({upper}), ({step}))"))
    }
}

impl<'a> Visitor<'a> for Pass<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Delete(delete) => self.delete(delete),
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::BinOp(operation) = expr
            && operation.op == Operator::Mod
            && may_be_text(&operation.left)
        {
            self.percent(operation);
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_interpolated_string_element(
        &mut self,
        element: &'a ast::InterpolatedStringElement,
    ) {
        // `f"{a % b=}"` shows its own source, which therefore must stay.
        let shows_itself = element.as_interpolation().is_some_and(|e| e.debug_text.is_some());
        if !shows_itself {
            visitor::walk_interpolated_string_element(self, element);
        }
    }
}

/// Numbers are never formatted; of anything else only the run can tell.
fn may_be_text(left: &Expr) -> bool {
    !matches!(left, Expr::NumberLiteral(_) | Expr::BytesLiteral(_) | Expr::BooleanLiteral(_))
}

fn denied(module: &str) -> String {
    format!("__import__('{module}')") // an identifier and dots: nothing to escape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(source: &str) -> String {
        rewrite(source, &["json".into(), "math".into()]).unwrap().source
    }

    #[test]
    fn imports_that_are_not_allowed_become_calls() {
        let cases = [
            ("import json", "import json"),
            ("import os", "__import__('os')"),
            ("import json as j, os.path as p, math", "import json as j; __import__('os.path'); import math"),
            ("from json import loads", "from json import loads"),
            ("from os import *", "__import__('os')"),
            ("from . import x", "__import__('')"),
            ("from .json import x", "__import__('json')"),
            ("if a:\n  def f():\n    import os\n", "if a:\n  def f():\n    __import__('os')\n"),
            ("try: import os\nexcept: pass", "try: __import__('os')\nexcept: pass"),
            ("from os import (\n  a,\n  b)\nx", "__import__('os')\nx"),
        ];
        for (source, expected) in cases {
            assert_eq!(rewritten(source), expected);
        }
    }

    #[test]
    fn percent_becomes_a_call_that_keeps_every_operand() {
        let cases = [
            ("x = 'a' % b", "x = __percent__('a' , b)"),
            ("x = ('a') % (b, c)", "x = __percent__(('a') , (b, c))"),
            ("x = a % b % c", "x = __percent__(__percent__(a , b) , c)"),
            ("x = 7 % b", "x = 7 % b"),
            ("x = f'{a % b=} {a % b}'", "x = f'{a % b=} {__percent__(a , b)}'"),
            ("x = 'a%s' % f('%')", "x = __percent__('a%s' , f('%'))"),
            ("x = ('a'\n  % # c %\n  b)", "x = (__percent__('a'\n  , # c %\n  b))"),
        ];
        for (source, expected) in cases {
            assert_eq!(rewritten(source), expected);
        }
    }

    #[test]
    fn items_are_deleted_by_a_call_and_names_are_left() {
        let cases = [
            ("del a[1]", "__del_item__(a, (1))"),
            ("del a[1], b['x']", "__del_item__(a, (1)); __del_item__(b, ('x'))"),
            ("del a.b[1:]", "__del_slice__(a.b, (1), (None), (None))"),
            ("del a[1, 2]", "__del_item__(a, (1, 2))"),
            ("del a", "del a"),
        ];
        for (source, expected) in cases {
            assert_eq!(rewritten(source), expected);
        }
    }
}
