//! Exceptions that the engine raises and shows as CPython does, and what their handlers are.

use ruff_python_ast::{Expr, Stmt};

/// Exceptions whose text is that of their arguments.
pub(super) fn is_exception(name: &str) -> bool {
    matches!(
        name,
        "ArithmeticError"
            | "AssertionError"
            | "AttributeError"
            | "Exception"
            | "ImportError"
            | "IndexError"
            | "LookupError"
            | "NameError"
            | "NotImplementedError"
            | "OverflowError"
            | "RecursionError"
            | "RuntimeError"
            | "StopIteration"
            | "TypeError"
            | "ValueError"
            | "ZeroDivisionError"
    )
}

/// Exceptions that the engine raises only where CPython does.
pub(super) fn is_never_a_lack(caught: &Expr) -> bool {
    match caught {
        Expr::Name(name) => matches!(
            name.id.as_str(),
            "ImportError"
                | "KeyError"
                | "ModuleNotFoundError"
                | "StopIteration"
                | "ZeroDivisionError"
        ),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_never_a_lack),
        _ => false,
    }
}

/// A statement before which nothing can be evaluated, and which shows nothing by itself.
pub(super) fn is_definition(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_))
}
