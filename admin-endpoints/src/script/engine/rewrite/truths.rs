//! Expressions that are bools by their syntax.

use ruff_python_ast::{self as ast, Expr, Operator};

/// Whether a value is a bool by its syntax.
pub(super) fn is_truth(expr: &Expr) -> bool {
    match expr {
        Expr::Compare(_) | Expr::BooleanLiteral(_) => true,
        Expr::UnaryOp(operation) => operation.op == ast::UnaryOp::Not,
        Expr::BoolOp(operation) => operation.values.iter().any(is_truth),
        Expr::If(choice) => is_truth(&choice.body) || is_truth(&choice.orelse),
        Expr::BinOp(operation) => {
            matches!(
                operation.op,
                Operator::BitAnd | Operator::BitOr | Operator::BitXor
            ) && (is_truth(&operation.left) || is_truth(&operation.right))
        }
        Expr::Call(call) => {
            let name = match &*call.func {
                Expr::Name(name) => name.id.as_str(),
                Expr::Attribute(attribute) => attribute.attr.as_str(),
                _ => return false,
            };
            matches!(
                name,
                "bool"
                    | "any"
                    | "all"
                    | "isinstance"
                    | "callable"
                    | "hasattr"
                    | "startswith"
                    | "endswith"
                    | "issubset"
                    | "issuperset"
                    | "isdisjoint"
                    | "is_integer"
            ) || (name.starts_with("is") && expr.is_call_expr() && is_text_test(name))
        }
        Expr::Named(named) => is_truth(&named.value),
        _ => false,
    }
}

fn is_text_test(name: &str) -> bool {
    matches!(
        name,
        "isalnum"
            | "isalpha"
            | "isascii"
            | "isdecimal"
            | "isdigit"
            | "isidentifier"
            | "islower"
            | "isnumeric"
            | "isspace"
            | "istitle"
            | "isupper"
            | "isnan"
            | "isinf"
            | "isfinite"
            | "isclose"
    )
}
