//! Calls of functions and methods that the engine lacks or has in another way.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::{Ranged as _, TextRange};

use super::RewritePass;
use super::exceptions;
use super::known_functions;
use super::polyfilled;

impl<'a> RewritePass<'a> {
    /// `f(*a, **k)`: built-in functions and methods of the engine reject keywords, also if there are
    /// none.
    fn call_without_keywords(&mut self, call: &'a ast::ExprCall) -> bool {
        let [.., last] = &*call.arguments.keywords else {
            return false;
        };
        let Expr::Name(function) = &*call.func else {
            return false;
        };
        let only = call.arguments.keywords.len() == 1 && last.arg.is_none();
        let is_plain = |argument: &Expr| match argument {
            Expr::Starred(starred) => starred.value.is_name_expr(),
            argument => argument.is_name_expr() || argument.is_literal_expr(),
        };
        let is_unknown = !self.names.is_builtin(&function.id);
        if !only
            || !is_unknown
            || !last.value.is_name_expr()
            || !call.arguments.args.iter().all(is_plain)
        {
            return false;
        }
        let function = self.text(&*call.func);
        let keywords = self.text(&last.value);
        let arguments = call
            .arguments
            .args
            .iter()
            .map(|argument| self.text(argument));
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        let comma = if arguments.is_empty() { "" } else { ", " };
        self.replace_keeping_lines(
            call,
            format!(
                "({function}({arguments}{comma}**{keywords}) if {keywords} != {{}} else {function}({arguments}))"
            ),
        );
        true
    }

    pub(super) fn call(&mut self, call: &'a ast::ExprCall) {
        if self.call_without_keywords(call) {
            return;
        }
        match &*call.func {
            Expr::Name(name) if self.names.is_builtin(&name.id) => {
                let name = name.id.as_str();
                match name {
                    "float" => {
                        let function = if self.compares {
                            "__engine_compared_float__"
                        } else {
                            "__engine_float__"
                        };
                        self.replace(&*call.func, function.to_owned());
                        self.polyfills.add_for(function);
                    }
                    "hash" if self.names.is_in_hash_method(call) => {
                        self.replace(&*call.func, "__engine_hash__".to_owned());
                    }
                    "divmod" => self.with_dates(),
                    "isinstance" => {
                        if let [value, Expr::BinOp(union)] = &*call.arguments.args {
                            self.visit_expr(value);
                            let mut text = String::from("(");
                            self.union(union, &mut text);
                            text.push(')');
                            self.replace_keeping_lines(union, text);
                            return;
                        }
                    }
                    _ if exceptions::is_exception(name) && !has_one_text(&call.arguments) => {
                        // Only where `raise` names it; see `refusals`.
                        self.edits.replace(
                            call.func.start().to_usize(),
                            call.func.end().to_usize(),
                            "__engine_exception__",
                        );
                        let at = call.arguments.start().to_usize() + 1;
                        let comma = if call.arguments.is_empty() { "" } else { ", " };
                        self.edits.replace(at, at, format!("{name}{comma}"));
                        self.polyfills.add_for("__engine_exception__");
                    }
                    _ => {}
                }
                self.arguments(call, name);
                return;
            }
            Expr::Attribute(attribute) => {
                let name = attribute.attr.as_str();
                let bounded = polyfilled::bounded_method_function(name);
                let bounded = bounded.filter(|_| call.arguments.args.len() > 1);
                let with_zone = (name == "replace"
                    && call.arguments.find_keyword("tzinfo").is_some())
                .then_some("__engine_m_replace_zone__");
                let polyfill = polyfilled::method_function(name).or(bounded).or(with_zone);
                if let Some(function) = polyfill
                    && !self.names.defines(name)
                {
                    self.visit_expr(&attribute.value);
                    self.method_call(attribute, call, function);
                    self.arguments(call, name);
                    return;
                }
                if self.names.module_function(attribute).is_some() {
                    self.attribute(attribute);
                } else {
                    self.callee(attribute);
                }
                let name = attribute.attr.as_str();
                if known_functions::reads_whitespace(name) && self.names.has_separators {
                    self.wrap(&*attribute.value, "__engine_spaced__");
                }
                if known_functions::joins_sets(name) && !self.names.defines(name) {
                    self.join_sets(call, name);
                }
                let is_plain_pop =
                    name == "pop" && call.arguments.is_empty() && self.names.has_sets;
                if is_plain_pop {
                    self.wrap(&*attribute.value, "__engine_pop__");
                }
                self.arguments(call, name);
                return;
            }
            _ => {}
        }
        self.visit_expr(&call.func);
        let imported = call.func.as_name_expr();
        let imported = imported.and_then(|name| self.names.imported(&name.id));
        self.arguments(call, imported.unwrap_or_default());
    }

    /// `x.f(y)` as `function(x, y)`.
    fn method_call(
        &mut self,
        attribute: &ast::ExprAttribute,
        call: &ast::ExprCall,
        function: &str,
    ) {
        let behind = TextRange::new(attribute.value.end(), attribute.end());
        let Some(dot) = self.token(behind, |kind| kind == TokenKind::Dot) else {
            return;
        };
        self.edits
            .open(attribute.start().to_usize(), format!("{function}("));
        let first = call.arguments.start().to_usize() + 1;
        let lines = "\n".repeat(
            self.source
                .get(dot.start().to_usize()..first)
                .unwrap_or_default()
                .matches('\n')
                .count(),
        );
        self.edits
            .replace(dot.start().to_usize(), first, format!(",{lines} "));
        self.polyfills.add_for(function);
    }

    /// `a.union(b, c)` as `a.union(b).union(c)`.
    fn join_sets(&mut self, call: &'a ast::ExprCall, name: &str) {
        let args = &call.arguments.args;
        if !call.arguments.keywords.is_empty() || args.iter().any(Expr::is_starred_expr) {
            return;
        }
        for pair in args.windows(2) {
            let between = TextRange::new(pair[0].end(), pair[1].start());
            if let Some(comma) = self.token(between, |kind| kind == TokenKind::Comma) {
                self.replace(&comma, format!(").{name}("));
            }
        }
    }

    /// `int | str` as `int, str`.
    fn union(&mut self, union: &'a ast::ExprBinOp, text: &mut String) {
        for side in [&union.left, &union.right] {
            match &**side {
                Expr::BinOp(inner) if inner.op == Operator::BitOr => self.union(inner, text),
                Expr::NoneLiteral(_) => text.push_str("type(None), "),
                other => {
                    text.push_str(&self.rendered(other));
                    text.push_str(", ");
                }
            }
        }
    }
}

fn has_one_text(arguments: &ast::Arguments) -> bool {
    match &*arguments.args {
        [] => arguments.keywords.is_empty(),
        [Expr::StringLiteral(_) | Expr::FString(_)] => arguments.keywords.is_empty(),
        [Expr::Call(call)] => call
            .func
            .as_name_expr()
            .is_some_and(|name| matches!(name.id.as_str(), "str" | "repr")),
        _ => false,
    }
}
