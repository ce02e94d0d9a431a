//! Names and attributes that are refused.

use ruff_python_ast::{self as ast, Expr, ExprContext};
use ruff_text_size::Ranged;

use super::RefusalSearch;
use crate::script::engine::rewrite::special_methods::{ATTRIBUTES, is_special};
use crate::script::engine::unsupported;

impl<'a> RefusalSearch<'a> {
    pub(super) fn name(&mut self, node: &impl Ranged, name: &str) {
        if name.contains("__engine_") {
            self.refuse(node, "names that contain __engine_");
        } else if self.in_class && name.starts_with("__") && !name.ends_with("__") {
            self.refuse(node, "private names");
        }
    }

    pub(super) fn load(&mut self, name: &'a ast::ExprName) {
        let text = name.id.as_str();
        self.module_value(name);
        if !self.names.is_builtin(text) {
            return;
        }
        if is_special(text) && !matches!(text, "__import__" | "__debug__") {
            self.refuse(name, format!("the name {text}"));
        }
        if unsupported::BUILTINS.contains(&text) {
            self.refuse(name, format!("the built-in {text}"));
        }
    }

    pub(super) fn attribute(&mut self, attribute: &'a ast::ExprAttribute) {
        let name = attribute.attr.as_str();
        self.name(attribute, name);
        if is_special(name) && (!ATTRIBUTES.contains(&name) || attribute.ctx != ExprContext::Load) {
            self.refuse(attribute, format!("the attribute {name}"));
        }
        if let Expr::Name(owner) = &*attribute.value
            && let Some(module) = self.names.module(&owner.id)
            && self.allowed.iter().any(|allowed| allowed == module)
        {
            self.module_uses.insert(owner.start());
            if attribute.ctx == ExprContext::Store {
                self.refuse(attribute, "assignment to a member of a module");
            } else if !self.streams.contains(&attribute.start()) {
                self.member(attribute, module, name);
            }
            return;
        }
        if self.names.is_flag(&attribute.value) {
            self.refuse(attribute, format!("the attribute {name}"));
        }
        let is_missing = unsupported::METHODS.contains(&name);
        if is_missing && !self.names.defines(name) && attribute.ctx == ExprContext::Load {
            self.refuse(attribute, format!("the method {name}"));
        }
        if matches!(name, "args" | "value") {
            self.shows_arguments = true;
        }
        if matches!(name, "sort" | "index" | "count" | "remove") {
            self.compares.get_or_insert(attribute.start().to_u32());
        }
    }
}
