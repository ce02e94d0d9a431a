//! Declarations that CPython's compiler rejects and the engine accepts.

use std::collections::HashMap;

use ruff_python_ast::statement_visitor::{self, StatementVisitor};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, ModModule, Parameters, Stmt};
use ruff_text_size::{Ranged, TextSize};

/// The words of an error and its place.
type Found = (String, TextSize);

/// The first error.
pub(super) fn error(module: &ModModule) -> Option<Found> {
    let late = late_future_import(&module.body);
    let mut parameters = ParameterSearch(None);
    parameters.visit_body(&module.body);
    let mut uses = UseSearch::default();
    Visitor::visit_body(&mut uses, &module.body);
    let found = [late, parameters.0, uses.found];
    found.into_iter().flatten().min_by_key(|(_, at)| *at)
}

/// `from __future__ import x` after another statement than the docstring.
fn late_future_import(body: &[Stmt]) -> Option<Found> {
    let is_text = |stmt: &Stmt| {
        let text = stmt.as_expr_stmt();
        text.is_some_and(|text| text.value.is_string_literal_expr())
    };
    let body = match body {
        [first, rest @ ..] if is_text(first) => rest,
        body => body,
    };
    let first_other = body.iter().position(|stmt| !is_future_import(stmt))?;
    let mut search = FutureSearch(None);
    search.visit_body(&body[first_other..]);
    search.0.map(|at| {
        let words = "from __future__ imports must occur at the beginning of the file";
        (words.to_owned(), at)
    })
}

fn is_future_import(stmt: &Stmt) -> bool {
    let import = stmt.as_import_from_stmt();
    let module = import.and_then(|import| import.module.as_deref());
    module == Some("__future__")
}

struct FutureSearch(Option<TextSize>);

impl<'a> StatementVisitor<'a> for FutureSearch {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if is_future_import(stmt) {
            self.0.get_or_insert(stmt.start());
        }
        statement_visitor::walk_stmt(self, stmt);
    }
}

/// `def f(x): global x`
struct ParameterSearch(Option<Found>);

impl<'a> StatementVisitor<'a> for ParameterSearch {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::FunctionDef(function) = stmt {
            let mut search = DeclarationSearch {
                parameters: &function.parameters,
                kinds: HashMap::new(),
                found: None,
            };
            search.visit_body(&function.body);
            if let Some(found) = search.found {
                self.0.get_or_insert(found);
            }
        }
        statement_visitor::walk_stmt(self, stmt);
    }
}

struct DeclarationSearch<'a> {
    parameters: &'a Parameters,
    kinds: HashMap<&'a str, &'static str>,
    found: Option<Found>,
}

impl<'a> StatementVisitor<'a> for DeclarationSearch<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let (names, kind) = match stmt {
            Stmt::Global(global) => (&global.names, "global"),
            Stmt::Nonlocal(nonlocal) => (&nonlocal.names, "nonlocal"),
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            _ => return statement_visitor::walk_stmt(self, stmt),
        };
        for name in names {
            let other = self.kinds.insert(name, kind).unwrap_or(kind);
            let words = if self.parameters.includes(name) {
                format!("name '{name}' is parameter and {kind}")
            } else if other != kind {
                format!("name '{name}' is nonlocal and global")
            } else {
                continue;
            };
            self.found.get_or_insert((words, stmt.start()));
        }
    }
}

/// `x = 1; global x` in the script itself; the engine finds those of functions.
#[derive(Default)]
struct UseSearch<'a> {
    /// Whether a name was read, or was only assigned.
    read: HashMap<&'a str, bool>,
    found: Option<Found>,
}

impl<'a> Visitor<'a> for UseSearch<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                self.read.entry(&function.name).or_default();
            }
            Stmt::ClassDef(class) => {
                self.read.entry(&class.name).or_default();
            }
            Stmt::Global(global) => {
                for name in &global.names {
                    let Some(is_read) = self.read.get(name.as_str()) else {
                        continue;
                    };
                    let when = if *is_read {
                        "used prior to"
                    } else {
                        "assigned to before"
                    };
                    let words = format!("name '{name}' is {when} global declaration");
                    self.found.get_or_insert((words, stmt.start()));
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                let is_read = self.read.entry(&name.id).or_default();
                *is_read |= name.ctx == ExprContext::Load;
            }
            Expr::Lambda(_) => {}
            _ => visitor::walk_expr(self, expr),
        }
    }
}
