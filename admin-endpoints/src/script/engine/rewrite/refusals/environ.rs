//! Uses of `os.environ` that are refused.

use ruff_python_ast::{CmpOp, Expr, ExprContext};
use ruff_text_size::Ranged as _;

use super::RefusalSearch;

impl<'a> RefusalSearch<'a> {
    /// `os.environ`: the engine has a new dict each time.
    fn is_environ(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Name(name) => self.names.imported(&name.id) == Some("environ"),
            Expr::Attribute(attribute) => {
                let owner = attribute.value.as_name_expr();
                let module = owner.and_then(|owner| self.names.module(&owner.id));
                attribute.attr.as_str() == "environ" && module == Some("os")
            }
            _ => false,
        }
    }

    pub(super) fn reads(&mut self, expr: &Expr) {
        if self.is_environ(expr) {
            self.environ_reads.insert(expr.start());
        }
    }

    pub(super) fn environ(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Attribute(attribute)
                if matches!(
                    attribute.attr.as_str(),
                    "copy" | "get" | "items" | "keys" | "values"
                ) =>
            {
                self.reads(&attribute.value);
            }
            Expr::Subscript(item) if item.ctx == ExprContext::Load => self.reads(&item.value),
            Expr::Compare(comparison) if matches!(*comparison.ops, [CmpOp::In | CmpOp::NotIn]) => {
                self.reads(&comparison.comparators[0]);
            }
            Expr::Call(call) => {
                let name = call.func.as_name_expr().map_or("", |name| name.id.as_str());
                if matches!(name, "dict" | "len" | "list" | "sorted") {
                    call.arguments.args.iter().for_each(|read| self.reads(read));
                }
            }
            _ => {}
        }
        if self.is_environ(expr) && !self.environ_reads.contains(&expr.start()) {
            self.refuse(expr, "os.environ as a value");
        }
    }
}
