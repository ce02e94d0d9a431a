//! Walks a source and asks of each part whether it is refused.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};

use super::RefusalSearch;
use crate::script::engine::unsupported;

impl<'a> Visitor<'a> for RefusalSearch<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ClassDef(class) => {
                self.name(class, &class.name);
                return self.class(class);
            }
            Stmt::FunctionDef(function) => {
                self.name(function, &function.name);
                for default in function.parameters.iter_non_variadic_params() {
                    if let Some(default) = &default.default {
                        self.visit_expr(default);
                    }
                }
                self.signature(function);
                let outer = (self.in_class_body, self.in_function);
                (self.in_class_body, self.in_function) = (false, true);
                visitor::walk_stmt(self, stmt);
                (self.in_class_body, self.in_function) = outer;
                return;
            }
            Stmt::Match(_) => self.refuse(stmt, "match statements"),
            Stmt::TypeAlias(_) => self.refuse(stmt, "type statements"),
            Stmt::Try(attempt) if attempt.is_star => self.refuse(stmt, "exception groups"),
            Stmt::Try(attempt) => self.handlers(attempt),
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    match target {
                        Expr::Subscript(_) => {}
                        Expr::Attribute(_) => self.refuse(stmt, "del of an attribute"),
                        _ => self.refuse(stmt, "del of a name"),
                    }
                }
            }
            Stmt::Assign(assignment)
                if self.names.is_flag(&assignment.value)
                    && assignment.targets.iter().any(is_result) =>
            {
                self.refuse(stmt, "the text of flags of regular expressions");
            }
            Stmt::If(choice) => {
                self.test(&choice.test);
                let clauses = choice.elif_else_clauses.iter();
                let tests = clauses.filter_map(|clause| clause.test.as_ref());
                tests.for_each(|tested| self.test(tested));
            }
            Stmt::For(each) => {
                if each.is_async {
                    self.refuse(stmt, "async for");
                }
                self.reads(&each.iter);
                self.loop_target(&each.target);
            }
            Stmt::With(with) => {
                if with.is_async {
                    self.refuse(stmt, "async with");
                }
                for item in &with.items {
                    if let Some(target) = &item.optional_vars {
                        self.loop_target(target);
                    }
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    if module != "os.path" {
                        self.module(import, module);
                    } else if alias.asname.is_some()
                        && self.allowed.iter().any(|allowed| allowed == "os")
                    {
                        self.refuse(import, "the module os.path");
                    }
                }
            }
            Stmt::ImportFrom(import) if import.level == 0 => {
                let module = import.module.as_ref().map_or("", |name| name.as_str());
                if module == "__future__" {
                    self.future(import);
                }
                self.module(import, module);
                if self.allowed.iter().any(|allowed| allowed == module) {
                    for alias in &import.names {
                        if alias.name.as_str() == "*" {
                            self.refuse(import, "from ... import *");
                        } else if unsupported::is_module(module) {
                            self.member(import, module, &alias.name);
                        }
                    }
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        // Those of variables of a function are not evaluated.
        if !self.names.has_future_annotations() && !self.in_function {
            self.annotation(annotation);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.environ(expr);
        match expr {
            Expr::Name(name) => {
                self.name(name, &name.id);
                if name.ctx == ExprContext::Load {
                    self.load(name);
                }
            }
            Expr::Attribute(attribute) => self.attribute(attribute),
            Expr::StringLiteral(text) => self.text(text),
            Expr::Subscript(item) => self.slice(item),
            Expr::Call(call) => self.call(call),
            Expr::Compare(comparison) => {
                self.test(expr);
                self.comparison(comparison);
            }
            Expr::If(choice) => self.test(&choice.test),
            Expr::Named(_) if self.in_generator => {
                self.refuse(expr, "assignment expressions in generator expressions");
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => self.refuse(expr, "yield"),
            Expr::Await(_) => self.refuse(expr, "await"),
            Expr::TString(_) => self.refuse(expr, "template strings"),
            Expr::NumberLiteral(number) if number.value.is_complex() => {
                self.refuse(expr, "complex numbers");
            }
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_)
                if self.in_class_body =>
            {
                self.refuse(expr, "comprehensions in a class body");
            }
            Expr::Lambda(_) => {
                let outer = std::mem::replace(&mut self.in_class_body, false);
                visitor::walk_expr(self, expr);
                self.in_class_body = outer;
                return;
            }
            _ => {}
        }
        if let Expr::Generator(generator) = expr {
            self.generator(generator);
            let outer = std::mem::replace(&mut self.in_generator, true);
            visitor::walk_expr(self, expr);
            self.in_generator = outer;
            return;
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_parameter(&mut self, parameter: &'a ast::Parameter) {
        self.name(parameter, &parameter.name);
    }

    fn visit_keyword(&mut self, keyword: &'a ast::Keyword) {
        if let Some(name) = &keyword.arg {
            self.name(keyword, name);
        }
        visitor::walk_keyword(self, keyword);
    }

    fn visit_comprehension(&mut self, clause: &'a ast::Comprehension) {
        if clause.is_async {
            self.refuse(&clause.target, "async comprehensions");
        }
        self.reads(&clause.iter);
        self.loop_target(&clause.target);
        visitor::walk_comprehension(self, clause);
    }

    fn visit_interpolated_string_element(&mut self, element: &'a ast::InterpolatedStringElement) {
        if let Some(part) = element.as_interpolation() {
            if part.conversion == ast::ConversionFlag::Repr || part.debug_text.is_some() {
                self.shows_arguments = true;
            }
            if self.names.is_flag(&part.expression) {
                self.refuse(part, "the text of flags of regular expressions");
            }
            if let Some(spec) = &part.format_spec {
                let is_name = part.expression.is_name_expr();
                for literal in spec.elements.literals() {
                    let literal = if is_name {
                        literal.value.replace("%f", "")
                    } else {
                        literal.value.to_string()
                    };
                    if let Some(letter) = unsupported::time_directive(&literal) {
                        self.refuse(part, format!("the time directive %{letter}"));
                    }
                }
            }
        }
        visitor::walk_interpolated_string_element(self, element);
    }
}

fn is_result(target: &Expr) -> bool {
    target
        .as_name_expr()
        .is_some_and(|name| name.id.as_str() == "result")
}
