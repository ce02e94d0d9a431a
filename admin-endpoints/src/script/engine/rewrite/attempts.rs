//! `try` statements: each `except` clause first asks whether the exception is one of CPython, and so
//! does `__exit__`.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::RewritePass;
use super::exceptions::{is_definition, is_never_a_lack};
use crate::script::engine::lacks::CAUGHT;
use crate::script::engine::syntax::line;

impl<'a> RewritePass<'a> {
    pub(super) fn attempt(&mut self, attempt: &'a ast::StmtTry) {
        let at = line(attempt.start(), self.source);
        for handler in &attempt.handlers {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            if handler.type_.as_deref().is_some_and(is_never_a_lack) {
                continue;
            }
            let Some(first) = handler.body.iter().find(|stmt| !is_definition(stmt)) else {
                continue; // refused
            };
            let name = match &handler.name {
                Some(name) => name.as_str(),
                None => self.name_exception(handler, first),
            };
            self.polyfills.add_for(CAUGHT);
            self.call_first(first, &format!("{CAUGHT}({name}, {at})"));
        }
    }

    /// `__exit__` may end an exception as an `except` clause does.
    pub(super) fn exit_method(&mut self, method: &'a ast::StmtFunctionDef) {
        /// Of the exception, behind the object and the class.
        const PLACE: usize = 2;
        let parameters = &*method.parameters;
        let mut positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let named = positional.nth(PLACE).map(|known| known.name().to_string());
        let count = parameters.posonlyargs.len() + parameters.args.len();
        let name = named.or_else(|| {
            let rest = parameters.vararg.as_ref()?;
            Some(format!("{}[{}]", rest.name, PLACE.checked_sub(count)?))
        });
        let first = method.body.iter().find(|stmt| !is_definition(stmt));
        if let (Some(name), Some(first)) = (name, first) {
            let at = line(method.start(), self.source);
            self.polyfills.add_for(CAUGHT);
            self.call_first(first, &format!("{CAUGHT}({name}, {at})"));
        }
    }

    /// Adds `as` to a clause that has none.
    fn name_exception(
        &mut self,
        handler: &ast::ExceptHandlerExceptHandler,
        first: &Stmt,
    ) -> &'static str {
        let (behind, kind) = match &handler.type_ {
            Some(caught) => (caught.end(), ""),
            None => (handler.start(), " BaseException"),
        };
        let between = TextRange::new(behind, first.start());
        if let Some(colon) = self.token(between, |kind| kind == TokenKind::Colon) {
            let at = colon.start().to_usize();
            self.edits
                .replace(at, at, format!("{kind} as __engine_handled__"));
        }
        "__engine_handled__"
    }

    /// Evaluates a call before a statement, on its line.
    fn call_first(&mut self, stmt: &'a Stmt, call: &str) {
        match stmt {
            Stmt::If(choice) => self.before(&choice.test, &format!("{call} or (")),
            Stmt::While(repeat) => self.before(&repeat.test, &format!("{call} or (")),
            Stmt::For(each) => self.before_value(&each.iter, call),
            Stmt::With(with) => {
                if let Some(item) = with.items.first() {
                    self.before_value(&item.context_expr, call);
                }
            }
            Stmt::Try(attempt) => {
                if let Some(first) = attempt.body.iter().find(|stmt| !is_definition(stmt)) {
                    self.polyfills.add_for(CAUGHT);
                    self.call_first(first, call);
                }
            }
            _ => {
                let at = stmt.start().to_usize();
                self.edits.replace(at, at, format!("{call}; "));
            }
        }
    }

    fn before(&mut self, expr: &Expr, begin: &str) {
        self.edits.open(expr.start().to_usize(), begin);
        self.edits.close(expr.end().to_usize(), ")");
    }

    fn before_value(&mut self, expr: &Expr, call: &str) {
        self.edits
            .open(expr.start().to_usize(), format!("({call}, ("));
        self.edits.close(expr.end().to_usize(), "))[1]");
    }
}
