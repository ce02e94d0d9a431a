//! Expressions that become calls.

use ruff_python_ast::visitor::{self, Visitor as _};
use ruff_python_ast::{self as ast, Expr, ExprContext, Operator};
use ruff_text_size::Ranged as _;

use super::RewritePass;

impl<'a> RewritePass<'a> {
    pub(super) fn expression(&mut self, expr: &'a Expr) {
        self.expression_itself(expr);
        if self.names.reads_texts && shows_values(expr) {
            self.wrap(expr, "__engine_text__");
        }
    }

    fn expression_itself(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.id.as_str() == "divmod" => self.with_dates(),
            Expr::Name(name) if name.ctx == ExprContext::Load && self.is_caught(expr) => {
                self.wrap(name, "__engine_kept__");
            }
            Expr::BinOp(operation) => {
                visitor::walk_expr(self, expr);
                self.operation(operation);
            }
            Expr::Compare(comparison) => {
                visitor::walk_expr(self, expr);
                self.comparison(comparison);
            }
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Load => {
                self.attribute(attribute);
            }
            Expr::Call(call) => self.call(call),
            Expr::Dict(dict) => {
                visitor::walk_expr(self, expr);
                self.equal_keys(dict);
                for key in dict.items.iter().filter_map(|item| item.key.as_ref()) {
                    self.key(key);
                }
            }
            Expr::DictComp(made) => {
                visitor::walk_expr(self, expr);
                if let Some(key) = made.key.as_deref() {
                    self.key(key);
                }
            }
            Expr::Generator(generator) => self.generator_value(generator),
            Expr::Starred(starred) if starred.ctx == ExprContext::Load => {
                self.visit_iterable(&starred.value);
            }
            Expr::UnaryOp(operation)
                if operation.op == ast::UnaryOp::USub && self.names.defines("__neg__") =>
            {
                visitor::walk_expr(self, expr);
                let start = operation.start().to_usize();
                self.edits.replace(start, start + 1, "__engine_op_neg__((");
                self.edits.close(operation.end().to_usize(), "))");
                self.polyfills.add_for("__engine_op_neg__");
            }
            Expr::Subscript(item)
                if item.ctx == ExprContext::Load
                    && self.names.defines("__getitem__")
                    && !item.slice.is_slice_expr()
                    && !has_slice_or_star(&item.slice) =>
            {
                let owner = self.rendered(&item.value);
                let index = self.rendered(&item.slice);
                self.polyfills.add_for("__engine_get_item__");
                self.replace_keeping_lines(
                    item,
                    format!("__engine_get_item__(({owner}), ({index}))"),
                );
            }
            Expr::Subscript(item) if item.ctx == ExprContext::Store => {
                self.visit_expr(&item.value);
                self.visit_expr(&item.slice);
                self.key(&item.slice);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    /// What is iterated: the order of a set is that of CPython or refused.
    pub(super) fn visit_iterable(&mut self, expr: &'a Expr) {
        self.visit_expr(expr);
        if self.names.has_sets && may_be_set(expr) {
            self.wrap(expr, "__engine_ordered__");
        }
    }

    pub(super) fn is_caught(&self, expr: &Expr) -> bool {
        let name = expr.as_name_expr();
        name.is_some_and(|name| self.names.may_be_caught(&name.id))
    }
}

fn has_slice_or_star(index: &Expr) -> bool {
    index.as_tuple_expr().is_some_and(|tuple| {
        tuple
            .elts
            .iter()
            .any(|part| part.is_slice_expr() || part.is_starred_expr())
    })
}

/// Whether an iterated expression may be a set.
pub(super) fn may_be_set(expr: &Expr) -> bool {
    match expr {
        Expr::List(_)
        | Expr::Tuple(_)
        | Expr::Dict(_)
        | Expr::ListComp(_)
        | Expr::DictComp(_)
        | Expr::Generator(_)
        | Expr::StringLiteral(_)
        | Expr::FString(_)
        | Expr::Starred(_) => false,
        Expr::Call(call) => !call.func.as_name_expr().is_some_and(|name| {
            matches!(
                name.id.as_str(),
                "range"
                    | "sorted"
                    | "enumerate"
                    | "zip"
                    | "map"
                    | "filter"
                    | "list"
                    | "tuple"
                    | "dict"
                    | "str"
            )
        }),
        _ => true,
    }
}

/// Whether an expression is the text of values.
fn shows_values(expr: &Expr) -> bool {
    match expr {
        Expr::FString(_) => true,
        Expr::BinOp(operation) => {
            operation.op == Operator::Mod && operation.left.is_string_literal_expr()
        }
        Expr::Call(call) => match &*call.func {
            Expr::Name(name) => matches!(name.id.as_str(), "str" | "repr" | "ascii" | "format"),
            Expr::Attribute(attribute) => {
                matches!(attribute.attr.as_str(), "format" | "join" | "dumps")
            }
            _ => false,
        },
        _ => false,
    }
}
