//! Arguments that become calls.

use ruff_python_ast::visitor::{self, Visitor as _};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged as _;

use super::RewritePass;
use super::expressions::may_be_set;
use super::known_functions;

impl<'a> RewritePass<'a> {
    pub(super) fn arguments(&mut self, call: &'a ast::ExprCall, function: &str) {
        for argument in &*call.arguments.args {
            match argument {
                _ if matches!(function, "type" | "isinstance") && self.is_caught(argument) => {}
                _ if matches!(function, "str" | "print") && self.is_caught(argument) => {
                    self.wrap(argument, "__engine_caught__");
                }
                Expr::Generator(generator) if call.arguments.len() == 1 || function == "sorted" => {
                    self.generator_argument(generator, function);
                }
                Expr::Generator(generator) if known_functions::consumes(function) => {
                    visitor::walk_expr(self, argument);
                    let _ = generator;
                }
                _ if self.names.has_sets
                    && (known_functions::reads_order(function)
                        || is_keyed(call, function)
                        || self.counts(call, function))
                    && may_be_set(argument) =>
                {
                    self.visit_iterable(argument);
                }
                Expr::Starred(starred)
                    if self.names.has_sets
                        && (known_functions::shows(function)
                            || known_functions::reads_order(function)) =>
                {
                    let ordered = if known_functions::shows(function) {
                        "__engine_show__"
                    } else {
                        "__engine_ordered__"
                    };
                    self.visit_iterable(&starred.value);
                    let (start, end) = (starred.value.start(), starred.value.end());
                    self.edits.open(
                        start.to_usize(),
                        format!("[{ordered}(__engine_x__) for __engine_x__ in ("),
                    );
                    self.edits.close(end.to_usize(), ")]");
                    self.polyfills.add_for(ordered);
                }
                _ if self.names.has_sets && known_functions::shows(function) => {
                    self.visit_expr(argument);
                    self.wrap(argument, "__engine_show__");
                }
                _ => self.visit_expr(argument),
            }
            let is_first = call
                .arguments
                .args
                .first()
                .is_some_and(|first| std::ptr::eq(argument, first));
            if is_first && !argument.is_starred_expr() {
                let mixed = self.names.has_mixed_keys;
                match function {
                    "setdefault" => self.key(argument),
                    "Counter" | "fromkeys" if mixed => self.wrap(argument, "__engine_keys__"),
                    "update" if mixed => self.wrap(argument, "__engine_update__"),
                    "update" if self.names.catches_by_name() => {
                        self.wrap(argument, "__engine_updated__");
                    }
                    "dict" if mixed || self.names.has_sets || self.names.has_try => {
                        self.wrap(argument, "__engine_pairs__");
                    }
                    _ => {}
                }
            }
            if self.names.is_path(call)
                && !argument.is_starred_expr()
                && !argument.is_string_literal_expr()
            {
                self.wrap(argument, "__engine_path__");
            }
            if is_first && known_functions::decodes_base64(function) && !argument.is_starred_expr()
            {
                self.wrap(argument, "__engine_base64_text__");
            }
        }
        for keyword in &*call.arguments.keywords {
            if function == "print" && self.names.is_stream_of(keyword, call) {
                self.replace(keyword, "flush=True".to_owned());
                continue;
            }
            let is_default = keyword.arg.as_deref() == Some("default");
            if is_default && self.names.is_json_dumps(call) {
                self.json_default(call, keyword);
                continue;
            }
            self.visit_expr(&keyword.value);
        }
    }

    /// Whether a method may be one of a `Counter`, which keeps the order.
    fn counts(&self, call: &ast::ExprCall, function: &str) -> bool {
        self.names.has_counters
            && call.func.is_attribute_expr()
            && matches!(function, "update" | "subtract")
    }

    /// `dumps(x, default=f)` as `dumps(f of the values in x)`.
    fn json_default(&mut self, call: &'a ast::ExprCall, keyword: &'a ast::Keyword) {
        if let Some(value) = call.arguments.args.first() {
            let default = self.rendered(&keyword.value);
            self.edits
                .open(value.start().to_usize(), "__engine_json_default__((");
            self.edits
                .close(value.end().to_usize(), format!("), ({default}))"));
            self.polyfills.add_for("__engine_json_default__");
            self.replace(keyword, "skipkeys=False".to_owned());
        }
    }
}

/// `max(x, key=f)`, whose result is the first of equal ones.
fn is_keyed(call: &ast::ExprCall, function: &str) -> bool {
    let mut keywords = call.arguments.keywords.iter();
    matches!(function, "sorted" | "min" | "max")
        && keywords.any(|keyword| keyword.arg.as_deref() == Some("key"))
}
