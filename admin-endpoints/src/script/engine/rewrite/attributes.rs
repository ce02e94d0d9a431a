//! Attributes that become calls, and methods as values.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged as _, TextRange};

use super::RewritePass;
use super::known_functions::{self, is_bound_method_name};
use super::polyfilled;

impl<'a> RewritePass<'a> {
    pub(super) fn attribute(&mut self, attribute: &'a ast::ExprAttribute) {
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

    /// What is called: its last attribute stays.
    pub(super) fn callee(&mut self, attribute: &'a ast::ExprAttribute) {
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
}
