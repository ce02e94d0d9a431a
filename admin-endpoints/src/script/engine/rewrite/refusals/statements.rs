//! Statements that are refused.

use ruff_python_ast::{self as ast, Expr, Stmt};

use super::RefusalSearch;
use crate::script::engine::rewrite::exceptions::{is_definition, is_never_a_lack};

impl<'a> RefusalSearch<'a> {
    /// Nothing can be evaluated before a definition, on its line.
    pub(super) fn handlers(&mut self, attempt: &ast::StmtTry) {
        if attempt.finalbody.iter().any(|stmt| leaves(stmt, false)) {
            self.refuse(attempt, "finally clauses that end an exception");
        }
        for handler in &attempt.handlers {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            let is_checked = !handler.type_.as_deref().is_some_and(is_never_a_lack);
            if is_checked && handler.body.iter().all(is_definition) {
                self.refuse(handler, "except clauses that only define functions");
            }
        }
    }

    /// Targets of loops and `with`, which cannot become calls.
    pub(super) fn loop_target(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(_) => {}
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                elts.iter().for_each(|part| self.loop_target(part));
            }
            Expr::Starred(starred) => self.loop_target(&starred.value),
            other => self.refuse(other, "loop and with targets other than names"),
        }
    }
}

/// Whether a statement of a `finally` clause may end the exception: `break` and `continue` of its own
/// loops do not.
fn leaves(stmt: &Stmt, in_loop: bool) -> bool {
    let any = |body: &[Stmt], in_loop| body.iter().any(|stmt| leaves(stmt, in_loop));
    match stmt {
        Stmt::Return(_) => true,
        Stmt::Break(_) | Stmt::Continue(_) => !in_loop,
        Stmt::For(ast::StmtFor { body, orelse, .. })
        | Stmt::While(ast::StmtWhile { body, orelse, .. }) => {
            any(body, true) || any(orelse, in_loop)
        }
        Stmt::If(choice) => {
            let mut clauses = choice.elif_else_clauses.iter();
            any(&choice.body, in_loop) || clauses.any(|clause| any(&clause.body, in_loop))
        }
        Stmt::With(with) => any(&with.body, in_loop),
        Stmt::Try(attempt) => {
            let mut handlers = attempt.handlers.iter();
            let ast::StmtTry {
                body,
                orelse,
                finalbody,
                ..
            } = attempt;
            [body, orelse, finalbody]
                .iter()
                .any(|body| any(body, in_loop))
                || handlers
                    .any(|ast::ExceptHandler::ExceptHandler(handler)| any(&handler.body, in_loop))
        }
        _ => false,
    }
}
