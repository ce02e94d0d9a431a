//! Expressions that become calls.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::{self, Visitor as _};
use ruff_python_ast::{self as ast, CmpOp, Expr, ExprContext, Operator};
use ruff_text_size::{Ranged, TextRange};

use super::RewritePass;
use super::exceptions;
use super::known_functions::{self, is_bound_method_name};
use super::polyfilled;
use super::truths::is_truth;

impl<'a> RewritePass<'a> {
    pub(super) fn expression(&mut self, expr: &'a Expr) {
        self.expression_itself(expr);
        if self.names.reads_texts && shows_values(expr) {
            self.wrap(expr, "__engine_text__");
        }
    }

    fn expression_itself(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.id.as_str() == "divmod" => self.with_dates(),
            Expr::Name(name) if name.ctx == ExprContext::Load && self.is_caught(expr) => {
                self.wrap(name, "__engine_kept__");
            }
            Expr::BinOp(operation) => {
                visitor::walk_expr(self, expr);
                self.operation(operation);
            }
            Expr::Compare(comparison) => {
                visitor::walk_expr(self, expr);
                self.comparison(comparison);
            }
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Load => {
                self.attribute(attribute);
            }
            Expr::Call(call) => self.call(call),
            Expr::Dict(dict) => {
                visitor::walk_expr(self, expr);
                self.equal_keys(dict);
                for key in dict.items.iter().filter_map(|item| item.key.as_ref()) {
                    self.key(key);
                }
            }
            Expr::DictComp(made) => {
                visitor::walk_expr(self, expr);
                if let Some(key) = made.key.as_deref() {
                    self.key(key);
                }
            }
            Expr::Generator(generator) => self.generator_value(generator),
            Expr::Starred(starred) if starred.ctx == ExprContext::Load => {
                self.visit_iterable(&starred.value);
            }
            Expr::UnaryOp(operation)
                if operation.op == ast::UnaryOp::USub && self.names.defines("__neg__") =>
            {
                visitor::walk_expr(self, expr);
                let start = operation.start().to_usize();
                self.edits.replace(start, start + 1, "__engine_op_neg__((");
                self.edits.close(operation.end().to_usize(), "))");
                self.polyfills.add_for("__engine_op_neg__");
            }
            Expr::Subscript(item)
                if item.ctx == ExprContext::Load
                    && self.names.defines("__getitem__")
                    && !item.slice.is_slice_expr()
                    && !has_slice_or_star(&item.slice) =>
            {
                let owner = self.rendered(&item.value);
                let index = self.rendered(&item.slice);
                self.polyfills.add_for("__engine_get_item__");
                self.replace_keeping_lines(
                    item,
                    format!("__engine_get_item__(({owner}), ({index}))"),
                );
            }
            Expr::Subscript(item) if item.ctx == ExprContext::Store => {
                self.visit_expr(&item.value);
                self.visit_expr(&item.slice);
                self.key(&item.slice);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    /// What is iterated: the order of a set is that of CPython or refused.
    pub(super) fn visit_iterable(&mut self, expr: &'a Expr) {
        self.visit_expr(expr);
        if self.names.has_sets && may_be_set(expr) {
            self.wrap(expr, "__engine_ordered__");
        }
    }

    /// An operator becomes a call where the engine's one differs: two insertions and a comma for
    /// the sign, which nest by themselves.
    fn operation(&mut self, operation: &'a ast::ExprBinOp) {
        self.operator(operation);
        if self.may_make_nan(operation.op) {
            self.wrap(operation, "__engine_not_nan__");
        }
    }

    /// Whether an operation may make nan of infinities, which is compared in this script.
    pub(super) fn may_make_nan(&self, op: Operator) -> bool {
        let may = matches!(
            op,
            Operator::Add | Operator::Sub | Operator::Mult | Operator::Div | Operator::Mod
        );
        may && self.compares && self.names.has_infinity
    }

    pub(super) fn is_caught(&self, expr: &Expr) -> bool {
        let name = expr.as_name_expr();
        name.is_some_and(|name| self.names.may_be_caught(&name.id))
    }

    /// Whether a key may equal a number of another type.
    pub(super) fn may_be_equal_key(&self, key: &Expr) -> bool {
        let is_other = matches!(
            key,
            Expr::StringLiteral(_)
                | Expr::FString(_)
                | Expr::BytesLiteral(_)
                | Expr::NoneLiteral(_)
                | Expr::Slice(_)
                | Expr::Starred(_)
        );
        !is_other && self.names.has_mixed_keys
    }

    fn key(&mut self, key: &'a Expr) {
        if self.may_be_equal_key(key) {
            self.wrap(key, "__engine_key__");
        }
    }

    fn operator(&mut self, operation: &'a ast::ExprBinOp) {
        if self.names.has_operators
            && let Some((sign, function)) = own_operator(operation.op)
        {
            self.sign_to_call(operation, sign, function);
            return;
        }
        if operation.op == Operator::Mod
            && self.names.has_sets
            && operation.left.is_string_literal_expr()
        {
            self.wrap(&*operation.right, "__engine_show__");
        }
        let is_arithmetic = matches!(
            operation.op,
            Operator::Add
                | Operator::Sub
                | Operator::Mult
                | Operator::Mod
                | Operator::FloorDiv
                | Operator::Pow
        );
        let is_format = operation.op == Operator::Mod && may_be_text(&operation.left);
        if is_arithmetic && !is_format {
            for side in [&operation.left, &operation.right] {
                if is_truth(side) || (self.names.has_try && may_be_truth(side)) {
                    self.wrap(&**side, "__engine_int__");
                }
            }
        }
        match operation.op {
            Operator::Mod if may_be_text(&operation.left) => {
                self.sign_to_call(operation, TokenKind::Percent, "__engine_percent__");
                self.with_dates();
            }
            Operator::Mod
                if !is_number_but_zero(&operation.right)
                    || operation.left.is_bytes_literal_expr() =>
            {
                self.sign_to_call(operation, TokenKind::Percent, "__engine_mod__");
                self.with_dates();
            }
            Operator::BitOr => self.sign_to_call(operation, TokenKind::Vbar, "__engine_merge__"),
            Operator::Div => {
                self.sign_to_call(operation, TokenKind::Slash, "__engine_div__");
                if self.names.has_paths {
                    self.polyfills.add_for("__engine_path__");
                }
            }
            Operator::Pow => self.sign_to_call(operation, TokenKind::DoubleStar, "__engine_pow__"),
            Operator::FloorDiv => {
                self.sign_to_call(operation, TokenKind::DoubleSlash, "__engine_floordiv__");
                self.with_dates();
            }
            _ => {}
        }
    }

    fn with_dates(&mut self) {
        if self.names.has_dates {
            self.polyfills.add_for("__engine_delta_mod__");
        }
    }

    fn sign_to_call(&mut self, operation: &ast::ExprBinOp, sign: TokenKind, function: &str) {
        let between = TextRange::new(operation.left.end(), operation.right.start());
        let Some(sign) = self.token(between, |kind| kind == sign) else {
            return;
        };
        self.edits
            .open(operation.start().to_usize(), format!("{function}("));
        self.replace(&sign, ",".to_owned());
        self.edits.close(operation.end().to_usize(), ")");
        self.polyfills.add_for(function);
    }

    /// `a <= b` as a call, where sets may be compared.
    fn comparison(&mut self, comparison: &'a ast::ExprCompare) {
        let ([op], [right]) = (&*comparison.ops, &*comparison.comparators) else {
            return;
        };
        if !self.names.has_sets
            || comparison.left.is_number_literal_expr()
            || right.is_number_literal_expr()
        {
            return;
        }
        let (sign, function) = match op {
            CmpOp::Lt => (TokenKind::Less, "__engine_lt__"),
            CmpOp::LtE => (TokenKind::LessEqual, "__engine_le__"),
            CmpOp::Gt => (TokenKind::Greater, "__engine_gt__"),
            CmpOp::GtE => (TokenKind::GreaterEqual, "__engine_ge__"),
            _ => return,
        };
        let between = TextRange::new(comparison.left.end(), right.start());
        let Some(sign) = self.token(between, |kind| kind == sign) else {
            return;
        };
        self.edits
            .open(comparison.start().to_usize(), format!("{function}("));
        self.replace(&sign, ",".to_owned());
        self.edits.close(comparison.end().to_usize(), ")");
        self.polyfills.add_for(function);
    }

    fn attribute(&mut self, attribute: &'a ast::ExprAttribute) {
        if let Some(function) = self.names.module_function(attribute) {
            self.replace_keeping_function(attribute, function);
            return;
        }
        let name = attribute.attr.as_str();
        if name == "__class__" || name == "__name__" {
            self.visit_expr(&attribute.value);
            self.class_of(attribute);
            return;
        }
        if let Expr::Name(owner) = &*attribute.value
            && self.names.is_builtin(&owner.id)
            && known_functions::has_methods(&owner.id)
            && is_bound_method_name(name)
        {
            // `str.lower` as a value.
            let owner = &owner.id;
            self.polyfills.add_for("__engine_of__");
            let checked = format!("__engine_of__(__engine_x__, {owner}, '{name}')");
            let called = self.called_method(&checked, name);
            self.replace(
                attribute,
                format!("(lambda __engine_x__, *a, **k: {called})"),
            );
            return;
        }
        if self.is_caught(&attribute.value) {
            self.wrap(&*attribute.value, "__engine_caught__");
            return;
        }
        self.visit_expr(&attribute.value);
        if let Some(function) = polyfilled::class_method_function(name)
            && !self.names.defines(name)
        {
            // `datetime.strptime` as a value.
            let behind = TextRange::new(attribute.value.end(), attribute.end());
            if let Some(dot) = self.token(behind, |kind| kind == TokenKind::Dot) {
                let start = attribute.start().to_usize();
                self.edits.open(start, format!("(lambda *a: {function}("));
                let (dot, end) = (dot.start().to_usize(), attribute.end().to_usize());
                self.edits.replace(dot, end, ", *a))");
                self.polyfills.add_for(function);
            }
            return;
        }
        if is_bound_method_name(name) && !self.names.defines(name) {
            // `d.get` as a value.
            self.edits
                .open(attribute.start().to_usize(), "__engine_method__(");
            let behind = TextRange::new(attribute.value.end(), attribute.end());
            let Some(dot) = self.token(behind, |kind| kind == TokenKind::Dot) else {
                return;
            };
            let called = self.called_method("__engine_x__", name);
            self.edits.replace(
                dot.start().to_usize(),
                attribute.end().to_usize(),
                format!(
                    ", lambda __engine_x__, *a, **k: {called}, lambda __engine_x__: __engine_x__.{name})"
                ),
            );
            self.polyfills.add_for("__engine_method__");
        }
    }

    /// The call of a method with the arguments `a` and `k`. Methods of the engine reject keywords, also
    /// if there are none.
    fn called_method(&mut self, owner: &str, name: &str) -> String {
        match polyfilled::method_function(name).or(polyfilled::bounded_method_function(name)) {
            Some(function) => {
                self.polyfills.add_for(function);
                format!("{function}({owner}, *a, **k)")
            }
            None if self.names.has_separators && known_functions::reads_whitespace(name) => {
                self.polyfills.add_for("__engine_spaced__");
                format!("__engine_spaced__({owner}).{name}(*a)")
            }
            None => format!("{owner}.{name}(*a, **k) if k else {owner}.{name}(*a)"),
        }
    }

    fn replace_keeping_function(&mut self, attribute: &ast::ExprAttribute, function: &str) {
        self.polyfills.add_for(function);
        self.replace(attribute, function.to_owned());
    }

    /// `x.__class__` and `x.__name__` as calls.
    fn class_of(&mut self, attribute: &ast::ExprAttribute) {
        let behind = TextRange::new(attribute.value.end(), attribute.end());
        let Some(dot) = self.token(behind, |kind| kind == TokenKind::Dot) else {
            return;
        };
        let function = match attribute.attr.as_str() {
            "__class__" => "__engine_class_of__",
            _ => "__engine_name_of__",
        };
        self.edits
            .open(attribute.start().to_usize(), format!("{function}("));
        self.edits
            .replace(dot.start().to_usize(), attribute.end().to_usize(), ")");
        self.polyfills.add_for(function);
    }

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

    fn call(&mut self, call: &'a ast::ExprCall) {
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
                if let Some(function) = polyfilled::method_function(name).or(bounded)
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

    /// What is called: its last attribute stays.
    fn callee(&mut self, attribute: &'a ast::ExprAttribute) {
        if let Expr::Name(owner) = &*attribute.value
            && self.names.is_builtin(&owner.id)
            && known_functions::has_methods(&owner.id)
            && is_bound_method_name(&attribute.attr)
            && attribute.attr.as_str() != "fromkeys"
        {
            self.attribute(attribute);
            return;
        }
        self.visit_expr(&attribute.value);
        if attribute.attr.as_str() == "__class__" {
            self.class_of(attribute);
        }
    }

    fn arguments(&mut self, call: &'a ast::ExprCall, function: &str) {
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

    pub(super) fn interpolation(&mut self, element: &'a ast::InterpolatedStringElement) {
        let Some(part) = element.as_interpolation() else {
            visitor::walk_interpolated_string_element(self, element);
            return;
        };
        if self.is_caught(&part.expression)
            && part.conversion != ast::ConversionFlag::Repr
            && part.debug_text.is_none()
        {
            self.wrap(&*part.expression, "__engine_caught__");
            return;
        }
        // `f"{a % b=}"` shows its own source, which must not change.
        let Some(shown) = &part.debug_text else {
            visitor::walk_interpolated_string_element(self, element);
            self.microseconds(part);
            let has_spec = part
                .format_spec
                .as_ref()
                .is_some_and(|spec| !spec.elements.is_empty());
            if has_spec && part.conversion.is_none() && !is_number_or_text(&part.expression) {
                let spec = self.text(part);
                let check = if spec.contains('%') {
                    "__engine_formatted__"
                } else {
                    "__engine_undated__"
                };
                self.wrap(&*part.expression, check);
            }
            if self.names.has_sets {
                self.wrap(&*part.expression, "__engine_show__");
            }
            return;
        };
        let code = self.rendered(&part.expression);
        let same = code == self.text(&*part.expression);
        let text = format!(
            "{}{}{}",
            shown.leading(),
            self.text(&*part.expression),
            shown.trailing()
        );
        let is_plain = !text.contains(['{', '}', '\'', '"', '\\', '\n', '#']);
        if same || !is_plain || part.format_spec.is_some() || !part.conversion.is_none() {
            return;
        }
        self.replace(part, format!("{text}{{{code}!r}}"));
    }
}

impl<'a> RewritePass<'a> {
    /// `%f` in `f"{d:%S.%f}"`, for which the engine has nine digits.
    fn microseconds(&mut self, part: &ast::InterpolatedElement) {
        let (Some(spec), Expr::Name(name)) = (&part.format_spec, &*part.expression) else {
            return;
        };
        for literal in spec.elements.literals() {
            for (at, _) in self.text(literal).match_indices("%f") {
                let start = literal.start().to_usize() + at;
                self.edits
                    .replace(start, start + 2, format!("{{{}.microsecond:06d}}", name.id));
            }
        }
    }

    /// Keys that are equal numbers of several types: the engine keeps the last one, CPython the
    /// first.
    fn equal_keys(&mut self, dict: &'a ast::ExprDict) {
        let mut seen: Vec<(f64, &'a Expr)> = Vec::new();
        for key in dict.items.iter().filter_map(|item| item.key.as_ref()) {
            let value = match key {
                Expr::BooleanLiteral(truth) => f64::from(u8::from(truth.value)),
                Expr::NumberLiteral(number) => match &number.value {
                    ast::Number::Int(value) => match value.as_i32() {
                        Some(value) => f64::from(value),
                        None => continue,
                    },
                    ast::Number::Float(value) => *value,
                    ast::Number::Complex { .. } => continue,
                },
                _ => continue,
            };
            #[expect(clippy::float_cmp, reason = "keys are equal or not")]
            match seen.iter().find(|(first, _)| *first == value) {
                Some((_, first)) => self.replace(key, self.text(*first).to_owned()),
                None => seen.push((value, key)),
            }
        }
    }
}

pub(super) fn own_operator(op: Operator) -> Option<(TokenKind, &'static str)> {
    Some(match op {
        Operator::Add => (TokenKind::Plus, "__engine_op_add__"),
        Operator::Sub => (TokenKind::Minus, "__engine_op_sub__"),
        Operator::Mult => (TokenKind::Star, "__engine_op_mul__"),
        Operator::Div => (TokenKind::Slash, "__engine_op_truediv__"),
        Operator::FloorDiv => (TokenKind::DoubleSlash, "__engine_op_floordiv__"),
        Operator::Mod => (TokenKind::Percent, "__engine_op_mod__"),
        Operator::Pow => (TokenKind::DoubleStar, "__engine_op_pow__"),
        _ => return None,
    })
}

fn is_number_or_text(expr: &Expr) -> bool {
    expr.is_number_literal_expr() || expr.is_string_literal_expr()
}

fn is_number_but_zero(expr: &Expr) -> bool {
    let number = expr.as_number_literal_expr();
    number.is_some_and(|number| match &number.value {
        ast::Number::Int(value) => value.as_u64() != Some(0),
        ast::Number::Float(value) => *value != 0.0,
        ast::Number::Complex { .. } => false,
    })
}

fn has_slice_or_star(index: &Expr) -> bool {
    index.as_tuple_expr().is_some_and(|tuple| {
        tuple
            .elts
            .iter()
            .any(|part| part.is_slice_expr() || part.is_starred_expr())
    })
}

/// Whether `%` may format text. Except for literals, this is only known at run time.
fn may_be_text(left: &Expr) -> bool {
    !matches!(
        left,
        Expr::NumberLiteral(_) | Expr::BytesLiteral(_) | Expr::BooleanLiteral(_)
    )
}

/// Whether a value may be a bool. A script that catches exceptions must not see that the engine
/// cannot add it.
fn may_be_truth(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Name(_) | Expr::Call(_) | Expr::Attribute(_) | Expr::Subscript(_)
    )
}

/// Whether an iterated expression may be a set.
fn may_be_set(expr: &Expr) -> bool {
    match expr {
        Expr::List(_)
        | Expr::Tuple(_)
        | Expr::Dict(_)
        | Expr::ListComp(_)
        | Expr::DictComp(_)
        | Expr::Generator(_)
        | Expr::StringLiteral(_)
        | Expr::FString(_)
        | Expr::Starred(_) => false,
        Expr::Call(call) => !call.func.as_name_expr().is_some_and(|name| {
            matches!(
                name.id.as_str(),
                "range"
                    | "sorted"
                    | "enumerate"
                    | "zip"
                    | "map"
                    | "filter"
                    | "list"
                    | "tuple"
                    | "dict"
                    | "str"
            )
        }),
        _ => true,
    }
}

/// `max(x, key=f)`, whose result is the first of equal ones.
fn is_keyed(call: &ast::ExprCall, function: &str) -> bool {
    let mut keywords = call.arguments.keywords.iter();
    matches!(function, "sorted" | "min" | "max")
        && keywords.any(|keyword| keyword.arg.as_deref() == Some("key"))
}

/// Whether an expression is the text of values.
fn shows_values(expr: &Expr) -> bool {
    match expr {
        Expr::FString(_) => true,
        Expr::BinOp(operation) => {
            operation.op == Operator::Mod && operation.left.is_string_literal_expr()
        }
        Expr::Call(call) => match &*call.func {
            Expr::Name(name) => matches!(name.id.as_str(), "str" | "repr" | "ascii" | "format"),
            Expr::Attribute(attribute) => {
                matches!(attribute.attr.as_str(), "format" | "join" | "dumps")
            }
            _ => false,
        },
        _ => false,
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
