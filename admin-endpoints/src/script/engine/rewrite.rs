//! The source as the engine can run it.
//!
//! The engine's own modules import without asking, so every import that is not allowed becomes a
//! call of `__import__`, which raises when it runs, as in CPython. What the engine lacks and a
//! function can do exactly as CPython does becomes a call of one in `python_gaps.py`: `%` of a
//! string, `|` of dicts, `del` of items, assignment to slices, `__class__`. Assignment to an
//! attribute becomes one too: on a live object the engine would change only its own copy, and say
//! nothing. Each edit keeps the number of the line.

use ruff_python_ast::{
    self as ast, Expr, ExprBinOp, ExprContext, Operator, Stmt, StmtImport, StmtImportFrom,
    token::{TokenKind, Tokens},
    visitor::{self, Visitor},
};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextRange};

use super::{edits::Edits, syntax};

/// The names of the functions in `python_gaps.py`.
const PERCENT: &str = "__percent__";
const MERGE: &str = "__merge__";
const MERGE_INTO: &str = "__merge_into__";
const DEL_ITEM: &str = "__del_item__";
const DEL_SLICE: &str = "__del_slice__";
const SET_SLICE: &str = "__set_slice__";
const CLASS_OF: &str = "__class_of__";
const SET_ATTR: &str = "__set_attr__";

/// A source that is ready to run.
pub(in crate::script) struct Rewritten {
    pub(in crate::script) source: String,
    /// Whether it calls the functions in `python_gaps.py`.
    pub(super) needs_gaps: bool,
}

/// Rewrites what must be rewritten; the text stays as it is where nothing must.
///
/// The error is `str(e)` of the `SyntaxError`.
pub(in crate::script) fn rewrite(source: &str, allowed: &[String]) -> Result<Rewritten, String> {
    let parsed = parse_module(source).map_err(|error| syntax::message(&error, source))?;
    syntax::outside_function(parsed.suite(), source)?;
    let mut pass = Pass {
        source,
        allowed,
        tokens: parsed.tokens(),
        edits: Edits::default(),
        needs_gaps: false,
    };
    pass.visit_body(parsed.suite());
    let Pass {
        edits, needs_gaps, ..
    } = pass;
    let source = if edits.is_empty() {
        source.to_owned()
    } else {
        edits.apply(source)
    };
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
        self.source
            .get(node.start().to_usize()..node.end().to_usize())
            .unwrap_or_default()
    }

    fn replace(&mut self, node: &impl Ranged, text: String) {
        self.edits
            .replace(node.start().to_usize(), node.end().to_usize(), text);
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
        let sign = self
            .tokens
            .in_range(between)
            .iter()
            .find(|token| token.kind() == sign);
        let Some(sign) = sign else { return };
        self.edits
            .open(operation.start().to_usize(), format!("{function}("));
        self.replace(&sign.range(), ",".to_owned());
        self.edits.close(operation.end().to_usize(), ")");
        self.needs_gaps = true;
    }

    /// `x %= y` as `x = f(x, y)`, for names only: anything else must be evaluated once.
    fn in_place(&mut self, assignment: &ast::StmtAugAssign, function: &str) {
        let Expr::Name(name) = &*assignment.target else {
            return;
        };
        let between = TextRange::new(assignment.target.end(), assignment.value.start());
        let sign =
            self.tokens.in_range(between).iter().find(|token| {
                matches!(token.kind(), TokenKind::PercentEqual | TokenKind::VbarEqual)
            });
        let Some(sign) = sign else { return };
        self.replace(&sign.range(), format!("= {function}({}, (", name.id));
        self.edits.close(assignment.end().to_usize(), "))");
        self.needs_gaps = true;
    }

    /// `a[1:2] = v` as a call; the value is evaluated first, as in CPython.
    fn assign(&mut self, assignment: &ast::StmtAssign) {
        let Some((owner, slice)) = slice_target(assignment) else {
            return;
        };
        self.visit_expr(&assignment.value); // first, as all inner parts
        let owner = self.text(owner);
        let (lower, upper, step) = self.bounds(slice);
        let rest = format!("), {owner}, {lower}, {upper}, {step})");
        let (start, end) = (assignment.start().to_usize(), self.opening(assignment));
        self.edits.replace(start, end, format!("{SET_SLICE}(("));
        self.edits.close(assignment.end().to_usize(), rest);
        self.needs_gaps = true;
    }

    /// `x.y = v` as a call.
    fn assign_attribute(&mut self, assignment: &ast::StmtAssign) {
        let Some(target) = attribute_target(assignment) else {
            return;
        };
        self.visit_expr(&assignment.value);
        let rest = format!("), {}, '{}')", self.text(&*target.value), target.attr);
        let (start, end) = (assignment.start().to_usize(), self.opening(assignment));
        self.edits.replace(start, end, format!("{SET_ATTR}(("));
        self.edits.close(assignment.end().to_usize(), rest);
        self.needs_gaps = true;
    }

    /// `x.y += v` as a call; `x` is a chain of names, which can be read twice.
    fn attribute_in_place(&mut self, assignment: &ast::StmtAugAssign) {
        let Expr::Attribute(target) = &*assignment.target else {
            return;
        };
        if !is_chain_of_others(&target.value) {
            return;
        }
        let (whole, owner) = (self.text(&*assignment.target), self.text(&*target.value));
        let start = format!("{SET_ATTR}(({whole} {} (", assignment.op.as_str());
        let rest = format!(")), {owner}, '{}')", target.attr);
        let between = TextRange::new(assignment.target.end(), assignment.value.start());
        let sign = self
            .tokens
            .in_range(between)
            .iter()
            .find(|token| token.kind().as_augmented_assign_operator().is_some());
        let Some(sign) = sign else { return };
        self.edits
            .replace(assignment.start().to_usize(), sign.end().to_usize(), start);
        self.edits.close(assignment.end().to_usize(), rest);
        self.needs_gaps = true;
    }

    /// Where the value begins, any parentheses of its own included: behind the `=`.
    fn opening(&self, assignment: &ast::StmtAssign) -> usize {
        let value = assignment.value.start();
        let target = assignment.targets.last().map_or(value, Ranged::end);
        let between = self.tokens.in_range(TextRange::new(target, value));
        let sign = between
            .iter()
            .find(|token| token.kind() == TokenKind::Equal);
        sign.map_or(value, Ranged::end).to_usize()
    }

    /// `x.__class__` as a call.
    fn class_of(&mut self, attribute: &ast::ExprAttribute) {
        self.edits
            .open(attribute.start().to_usize(), format!("{CLASS_OF}("));
        let dot = self
            .tokens
            .in_range(TextRange::new(attribute.value.end(), attribute.end()));
        let Some(dot) = dot.iter().find(|token| token.kind() == TokenKind::Dot) else {
            return;
        };
        self.edits
            .replace(dot.start().to_usize(), attribute.end().to_usize(), ")");
        self.needs_gaps = true;
    }

    fn delete(&mut self, delete: &ast::StmtDelete) {
        let calls: Option<Vec<String>> = delete
            .targets
            .iter()
            .map(|target| self.delete_call(target))
            .collect();
        if let Some(calls) = calls {
            self.replace(delete, calls.join("; "));
            self.needs_gaps = true;
        }
    }

    /// Items can be deleted by a call; names and attributes cannot.
    fn delete_call(&self, target: &Expr) -> Option<String> {
        let Expr::Subscript(item) = target else {
            return None;
        };
        let owner = self.text(&*item.value);
        let Expr::Slice(slice) = &*item.slice else {
            return Some(format!(
                "{DEL_ITEM}({owner}, ({}))",
                self.text(&*item.slice)
            ));
        };
        let (lower, upper, step) = self.bounds(slice);
        Some(format!("{DEL_SLICE}({owner}, {lower}, {upper}, {step})"))
    }

    fn bounds(&self, slice: &ast::ExprSlice) -> (String, String, String) {
        let bound = |bound: &Option<Box<Expr>>| match bound.as_deref() {
            Some(bound) => format!("({})", self.text(bound)),
            None => "None".to_owned(),
        };
        (bound(&slice.lower), bound(&slice.upper), bound(&slice.step))
    }
}

impl<'a> Visitor<'a> for Pass<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Delete(delete) => self.delete(delete),
            // Not Python, which is for the engine to say: in parentheses it would be another error.
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
        visitor::walk_expr(self, expr); // first, as all inner parts
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
        // `f"{a % b=}"` shows its own source, which therefore must stay.
        let shows_itself = element
            .as_interpolation()
            .is_some_and(|e| e.debug_text.is_some());
        if !shows_itself {
            visitor::walk_interpolated_string_element(self, element);
        }
    }
}

/// The list and the slice of `a[1:2] = v`.
fn slice_target(assignment: &ast::StmtAssign) -> Option<(&Expr, &ast::ExprSlice)> {
    let [Expr::Subscript(item)] = assignment.targets.as_slice() else {
        return None;
    };
    let Expr::Slice(slice) = &*item.slice else {
        return None;
    };
    Some((&item.value, slice))
}

/// The attribute of `x.y = v`, unless `x` is the script's own for certain.
fn attribute_target(assignment: &ast::StmtAssign) -> Option<&ast::ExprAttribute> {
    let [Expr::Attribute(target)] = assignment.targets.as_slice() else {
        return None;
    };
    is_chain_of_others(&target.value).then_some(target)
}

/// `a.b.c`, where `a` is not `self`: methods set attributes of their own objects all the time.
fn is_chain_of_others(expr: &Expr) -> bool {
    match expr {
        Expr::Name(name) => name.id.as_str() != "self",
        Expr::Attribute(attribute) => is_chain_of_others(&attribute.value),
        _ => false,
    }
}

/// Numbers are never formatted; of anything else only the run can tell.
fn may_be_text(left: &Expr) -> bool {
    !matches!(
        left,
        Expr::NumberLiteral(_) | Expr::BytesLiteral(_) | Expr::BooleanLiteral(_)
    )
}

fn denied(module: &str) -> String {
    format!("__import__('{module}')") // an identifier and dots: nothing to escape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(source: &str) -> String {
        rewrite(source, &["json".into(), "math".into()])
            .unwrap()
            .source
    }

    #[test]
    fn imports_that_are_not_allowed_become_calls() {
        let cases = [
            ("import json", "import json"),
            ("import os", "__import__('os')"),
            (
                "import json as j, os.path as p, math",
                "import json as j; __import__('os.path'); import math",
            ),
            ("from json import loads", "from json import loads"),
            ("from os import *", "__import__('os')"),
            ("from . import x", "__import__('')"),
            ("from .json import x", "__import__('json')"),
            (
                "if a:\n  def f():\n    import os\n",
                "if a:\n  def f():\n    __import__('os')\n",
            ),
            (
                "try: import os\nexcept: pass",
                "try: __import__('os')\nexcept: pass",
            ),
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
            (
                "x = f'{a % b=} {a % b}'",
                "x = f'{a % b=} {__percent__(a , b)}'",
            ),
            ("x = a%b%c", "x = __percent__(__percent__(a,b),c)"),
            (
                "x = a%b|c%d",
                "x = __merge__(__percent__(a,b),__percent__(c,d))",
            ),
            (
                "x.y += a % b",
                "__set_attr__((x.y + ( __percent__(a , b))), x, 'y')",
            ),
            ("self.y += a%b", "self.y += __percent__(a,b)"),
            ("x = 'a%s' % f('%')", "x = __percent__('a%s' , f('%'))"),
            (
                "x = ('a'\n  % # c %\n  b)",
                "x = (__percent__('a'\n  , # c %\n  b))",
            ),
        ];
        for (source, expected) in cases {
            assert_eq!(rewritten(source), expected);
        }
    }

    #[test]
    fn the_other_gaps_become_calls_too() {
        let cases = [
            ("x |= {1: 2}", "x = __merge_into__(x, ( {1: 2}))"),
            ("x %= 1, 2", "x = __percent__(x, ( 1, 2))"),
            ("x = a | b", "x = __merge__(a , b)"),
            (
                "a[1:] = b % c",
                "__set_slice__(( __percent__(b , c)), a, (1), None, None)",
            ),
            ("a[:] = (b)", "__set_slice__(( (b)), a, None, None, None)"),
            ("a[1] = b", "a[1] = b"),
            ("a.b.c = (d)", "__set_attr__(( (d)), a.b, 'c')"),
            ("a.b += 1, 2", "__set_attr__((a.b + ( 1, 2)), a, 'b')"),
            ("self.x = 1", "self.x = 1"),
            ("a.b = *c", "a.b = *c"),
            ("a.b = *c, d", "__set_attr__(( *c, d), a, 'b')"),
            ("f().x = 1", "f().x = 1"),
            ("x = a.__class__.__name__", "x = __class_of__(a).__name__"),
            ("x = (a) . __class__", "x = __class_of__((a) )"),
        ];
        for (source, expected) in cases {
            assert_eq!(rewritten(source), expected);
        }
    }

    #[test]
    fn items_are_deleted_by_a_call_and_names_are_left() {
        let cases = [
            ("del a[1]", "__del_item__(a, (1))"),
            (
                "del a[1], b['x']",
                "__del_item__(a, (1)); __del_item__(b, ('x'))",
            ),
            ("del a.b[1:]", "__del_slice__(a.b, (1), None, None)"),
            ("del a[1, 2]", "__del_item__(a, (1, 2))"),
            ("del a", "del a"),
        ];
        for (source, expected) in cases {
            assert_eq!(rewritten(source), expected);
        }
    }
}
