//! Classes that are refused.

use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{self as ast, Expr, Stmt};

use super::RefusalSearch;
use crate::script::engine::rewrite::special_methods::{ITEMS, METHODS, OPERATORS, is_special};

impl<'a> RefusalSearch<'a> {
    pub(super) fn class(&mut self, class: &'a ast::StmtClassDef) {
        if class
            .arguments
            .as_ref()
            .is_some_and(|arguments| !arguments.is_empty())
        {
            self.refuse(class, "class inheritance");
        }
        let outer = (self.in_class_body, self.in_class);
        for decorator in &class.decorator_list {
            self.visit_decorator(decorator);
        }
        (self.in_class_body, self.in_class) = (true, true);
        for part in &class.body {
            self.class_part(part);
        }
        (self.in_class_body, self.in_class) = outer;
    }

    fn class_part(&mut self, part: &'a Stmt) {
        match part {
            Stmt::FunctionDef(method) => {
                let name = method.name.as_str();
                let is_called = [&METHODS[..], &OPERATORS, &ITEMS]
                    .iter()
                    .any(|methods| methods.contains(&name));
                if is_special(name) && !is_called {
                    self.refuse(method, format!("the special method {name}"));
                }
                if !method.decorator_list.is_empty() {
                    self.refuse(method, "decorators of methods");
                }
                self.visit_stmt(part);
            }
            Stmt::Assign(ast::StmtAssign { targets, value, .. }) => {
                for target in targets {
                    self.class_variable(target);
                }
                self.visit_expr(value);
            }
            Stmt::AnnAssign(ast::StmtAnnAssign { target, value, .. }) => {
                self.class_variable(target);
                if let Some(value) = value {
                    self.visit_expr(value);
                }
            }
            Stmt::Pass(_) => {}
            Stmt::Expr(text)
                if text.value.is_string_literal_expr() || text.value.is_ellipsis_literal_expr() => {
            }
            other => self.refuse(other, "class bodies with other statements"),
        }
    }

    fn class_variable(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) if name.id.as_str() == "__slots__" => {
                self.refuse(target, "__slots__");
            }
            Expr::Name(name) if is_special(&name.id) => {
                self.refuse(target, format!("the special name {} in a class", name.id));
            }
            Expr::Name(_) => self.visit_expr(target),
            _ => self.refuse(target, "class bodies with other statements"),
        }
    }
}
