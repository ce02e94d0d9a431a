//! Comparisons that are refused, or that may read nan.

use ruff_python_ast::{self as ast, CmpOp, Expr};
use ruff_text_size::Ranged as _;

use super::RefusalSearch;

impl<'a> RefusalSearch<'a> {
    /// `None`, a bool or a built-in type.
    fn has_one_identity(&self, expr: &Expr) -> bool {
        match expr {
            Expr::NoneLiteral(_) | Expr::BooleanLiteral(_) | Expr::EllipsisLiteral(_) => true,
            Expr::Name(name) => self.names.is_builtin(&name.id),
            Expr::Call(call) => call
                .func
                .as_name_expr()
                .is_some_and(|name| name.id.as_str() == "type"),
            _ => false,
        }
    }

    pub(super) fn comparison(&mut self, comparison: &'a ast::ExprCompare) {
        let is_identity = matches!(*comparison.ops, [CmpOp::Is | CmpOp::IsNot]);
        if is_identity
            && self.names.has_live_objects
            && !self.has_one_identity(&comparison.left)
            && !self.has_one_identity(&comparison.comparators[0])
        {
            self.refuse(comparison, "identity of live objects");
        }
        let is_same = |expr: &Expr| -> Option<String> {
            let name = expr.as_name_expr()?;
            Some(name.id.to_string())
        };
        let reads_nan = comparison
            .ops
            .iter()
            .any(|op| matches!(op, CmpOp::In | CmpOp::NotIn | CmpOp::Eq | CmpOp::NotEq));
        let sides = [&*comparison.left]
            .into_iter()
            .chain(&*comparison.comparators);
        let is_containment = comparison
            .ops
            .iter()
            .any(|op| matches!(op, CmpOp::In | CmpOp::NotIn));
        let is_float = |side: &Expr| {
            let name = side
                .as_call_expr()
                .and_then(|call| call.func.as_name_expr());
            name.is_some_and(|name| name.id.as_str() == "float")
        };
        let is_scalar =
            !is_containment && (sides.clone().all(is_float) || sides.clone().any(is_literal));
        let names: Vec<_> = sides.map(is_same).collect();
        let is_self_test = names.first().is_some_and(Option::is_some)
            && names.windows(2).all(|pair| pair[0] == pair[1]);
        if reads_nan && !is_scalar && !is_self_test {
            self.compares.get_or_insert(comparison.start().to_u32());
        }
    }
}

/// Whether an operand is a number or a str by its syntax.
fn is_literal(side: &Expr) -> bool {
    match side {
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::FString(_)
        | Expr::NoneLiteral(_) => true,
        Expr::BinOp(operation) => is_literal(&operation.left),
        _ => false,
    }
}
