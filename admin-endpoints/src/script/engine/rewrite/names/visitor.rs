//! Reads the names of a source from its statements and expressions.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Operator, Stmt};
use ruff_text_size::Ranged;

use super::SourceNames;
use crate::script::engine::rewrite::truths::is_truth;

impl<'a> SourceNames<'a> {
    /// A bool that is kept may become a key.
    fn value(&mut self, expr: &Expr) {
        self.has_mixed_keys |= is_truth(expr);
    }

    /// A value that may be nested once more with each turn of a loop.
    fn nesting(&mut self, assignment: &'a ast::StmtAssign) {
        let is_path = match &*assignment.value {
            Expr::Name(name) => self.imported(&name.id) == Some("Path"),
            Expr::Attribute(attribute) => attribute.attr.as_str() == "Path",
            _ => false,
        };
        if is_path && let [Expr::Name(name)] = &*assignment.targets {
            self.path_names.insert(&name.id);
        }
        if let Expr::Name(copied) = &*assignment.value {
            let mut targets = assignment.targets.iter();
            if targets.any(|target| target.is_subscript_expr() || target.is_attribute_expr()) {
                self.contained.insert(&copied.id);
            } else {
                self.copied.insert(&copied.id);
            }
        }
        self.nests_values |= assignment.targets.iter().any(|target| {
            let name = target.as_name_expr();
            name.is_some_and(|name| contains_name(&assignment.value, &name.id))
        });
    }

    fn bind(&mut self, name: &'a str) {
        self.bound.insert(name);
    }

    fn import(&mut self, alias: &'a ast::Alias) {
        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        let name = name.split('.').next().unwrap_or(name);
        let module = match alias.asname {
            Some(_) => alias.name.as_str(),
            None => name,
        };
        self.modules.insert(name, module);
        self.bind(name);
    }
}

impl<'a> Visitor<'a> for SourceNames<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                self.bind(&function.name);
                self.defined.insert(&function.name);
                self.functions.insert(&function.name);
                if function.name.as_str() == "__hash__" {
                    self.hash_methods.push(function.range);
                }
            }
            Stmt::ClassDef(class) => {
                self.has_classes = true;
                self.bind(&class.name);
                for part in &class.body {
                    let target = match part {
                        Stmt::Assign(assignment) => assignment.targets.first(),
                        Stmt::AnnAssign(assignment) => Some(&*assignment.target),
                        _ => None,
                    };
                    if let Some(Expr::Name(name)) = target {
                        self.defined.insert(&name.id);
                    }
                }
            }
            Stmt::Try(_) => self.has_try = true,
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => {
                self.from_modules.extend(import.module.as_deref());
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.imported.insert(name, &alias.name);
                    self.has_infinity |= alias.name.as_str() == "inf";
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::Assign(assignment) => {
                self.value(&assignment.value);
                self.nesting(assignment);
                if let ([Expr::Name(target)], Expr::Lambda(_)) =
                    (&*assignment.targets, &*assignment.value)
                {
                    self.functions.insert(&target.id);
                }
                if let [Expr::Name(target)] = &*assignment.targets
                    && self.is_flag(&assignment.value)
                {
                    self.flags.insert(&target.id);
                }
                if let ([Expr::Name(target)], Expr::Call(call)) =
                    (&*assignment.targets, &*assignment.value)
                    && let Expr::Name(called) = &*call.func
                    && called.id.as_str() == "range"
                {
                    self.ranges.insert(&target.id);
                }
            }
            Stmt::AnnAssign(ast::StmtAnnAssign { value, .. })
            | Stmt::Return(ast::StmtReturn { value, .. }) => {
                if let Some(value) = value {
                    self.value(value);
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::BooleanLiteral(_) => self.has_mixed_keys = true,
            Expr::NumberLiteral(number) => {
                if let ast::Number::Float(value) = number.value {
                    self.has_mixed_keys = true;
                    self.has_infinity |= value.is_infinite();
                }
            }
            Expr::StringLiteral(text) => {
                let separators = '\x1c'..='\x1f';
                self.has_separators |= text.value.chars().any(|c| separators.contains(&c));
                let text = text.value.to_str().trim().to_ascii_lowercase();
                let text = text.trim_start_matches(['+', '-']);
                self.has_infinity |= text == "inf" || text == "infinity";
            }
            Expr::Attribute(attribute)
                if matches!(attribute.attr.as_str(), "inf" | "loads" | "total_seconds") =>
            {
                self.has_mixed_keys = true;
                self.has_infinity |= attribute.attr.as_str() == "inf";
            }
            Expr::BinOp(operation) if operation.op == Operator::Div => self.has_mixed_keys = true,
            Expr::Lambda(lambda) => self.value(&lambda.body),
            Expr::Subscript(item) => self.value(&item.slice),
            Expr::List(ast::ExprList { elts, .. })
            | Expr::Tuple(ast::ExprTuple { elts, .. })
            | Expr::Set(ast::ExprSet { elts, .. }) => {
                elts.iter().for_each(|element| self.value(element));
            }
            Expr::ListComp(ast::ExprListComp { elt, .. })
            | Expr::Generator(ast::ExprGenerator { elt, .. }) => self.value(elt),
            Expr::DictComp(made) => {
                if let Some(key) = made.key.as_deref() {
                    self.value(key);
                }
                self.value(&made.value);
            }
            Expr::Call(call) => {
                call.arguments.args.iter().for_each(|arg| self.value(arg));
                if let Expr::Attribute(method) = &*call.func
                    && matches!(
                        method.attr.as_str(),
                        "append" | "insert" | "appendleft" | "add"
                    )
                    && let Some(Expr::Name(added)) = call.arguments.args.last()
                {
                    let owner = method.value.as_name_expr();
                    self.nests_values |= owner.is_some_and(|owner| owner.id == added.id);
                    self.contained.insert(&added.id);
                }
            }
            _ => {}
        }
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Load => {
                self.loaded.insert(&name.id);
                if !self.called.contains(&name.start()) {
                    self.read.insert(&name.id);
                }
            }
            Expr::Call(call) => {
                self.called.insert(call.func.start());
            }
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Load => {
                self.members.insert(&attribute.attr);
            }
            Expr::Name(name) => self.bind(&name.id),
            Expr::Attribute(attribute) if attribute.ctx != ExprContext::Load => {
                self.defined.insert(&attribute.attr);
            }
            Expr::Set(_) | Expr::SetComp(_) => self.has_sets = true,
            Expr::BinOp(operation) => {
                let makes_sets = matches!(
                    operation.op,
                    Operator::BitAnd | Operator::BitOr | Operator::BitXor | Operator::Sub
                );
                self.has_sets |= makes_sets
                    && [&operation.left, &operation.right]
                        .into_iter()
                        .any(|side| is_view(side));
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_parameter(&mut self, parameter: &'a ast::Parameter) {
        self.bind(&parameter.name);
        visitor::walk_parameter(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(caught) = handler;
        if let Some(name) = &caught.name {
            self.bind(name);
            self.caught.insert(name);
        }
        visitor::walk_except_handler(self, handler);
    }
}

/// Whether a display, or a call with arguments, has a name in it.
fn contains_name(value: &Expr, name: &str) -> bool {
    let has_name = |element: &Expr| match element {
        Expr::Name(element) => element.id.as_str() == name,
        element => contains_name(element, name),
    };
    match value {
        Expr::List(ast::ExprList { elts, .. }) | Expr::Tuple(ast::ExprTuple { elts, .. }) => {
            elts.iter().any(has_name)
        }
        Expr::Dict(dict) => dict.items.iter().any(|item| has_name(&item.value)),
        Expr::Call(call) if makes_container(&call.func) => {
            let mut keywords = call.arguments.keywords.iter();
            call.arguments.args.iter().any(has_name)
                || keywords.any(|keyword| has_name(&keyword.value))
        }
        _ => false,
    }
}

/// Whether a call makes a value that shows its arguments: a class is named with a capital letter.
fn makes_container(called: &Expr) -> bool {
    called.as_name_expr().is_some_and(|name| {
        let name = name.id.as_str();
        matches!(name, "dict" | "list" | "tuple" | "deque") || name.starts_with(char::is_uppercase)
    })
}

/// `d.keys()` or `d.items()`.
fn is_view(expr: &Expr) -> bool {
    let called = expr
        .as_call_expr()
        .and_then(|call| call.func.as_attribute_expr());
    called.is_some_and(|method| matches!(method.attr.as_str(), "keys" | "items"))
}
