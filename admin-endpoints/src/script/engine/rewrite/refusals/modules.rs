//! Modules and their members that are refused.

use ruff_python_ast::{self as ast, CmpOp, Expr};
use ruff_text_size::Ranged;

use super::RefusalSearch;
use crate::script::engine::rewrite::polyfilled;
use crate::script::engine::unsupported;

impl<'a> RefusalSearch<'a> {
    /// `sys` without a member could become another name, of which any member could be read.
    pub(super) fn module_value(&mut self, name: &'a ast::ExprName) {
        let module = self.names.module(&name.id);
        let is_allowed = self
            .allowed
            .iter()
            .any(|allowed| Some(allowed.as_str()) == module);
        if is_allowed && !self.module_uses.contains(&name.start()) {
            self.refuse(name, "modules as values");
        }
    }

    /// A name that is only tested: it may be that of a module which was not found.
    pub(super) fn test(&mut self, tested: &Expr) {
        match tested {
            Expr::Name(name) => drop(self.module_uses.insert(name.start())),
            Expr::UnaryOp(operation) if operation.op == ast::UnaryOp::Not => {
                self.test(&operation.operand);
            }
            Expr::Compare(comparison)
                if matches!(*comparison.ops, [CmpOp::Is | CmpOp::IsNot])
                    && comparison.comparators[0].is_none_literal_expr() =>
            {
                self.test(&comparison.left);
            }
            _ => {}
        }
    }

    /// `module.name`, which must be one that is known to be right.
    pub(super) fn member(&mut self, node: &impl Ranged, module: &str, name: &str) {
        if module == "math" && name == "nan" {
            self.has_nan = true;
        }
        if !unsupported::has_member(module, name)
            && polyfilled::function_for(module, name).is_none()
        {
            self.refuse(node, format!("the member {module}.{name}"));
        }
    }

    pub(super) fn module(&mut self, node: &impl Ranged, module: &str) {
        let is_allowed = self.allowed.iter().any(|allowed| allowed == module);
        if is_allowed && !unsupported::is_module(module) {
            self.refuse(node, format!("the module {module}"));
        }
    }

    /// What is always enabled in CPython 3.11, and annotations, which the engine never evaluates.
    pub(super) fn future(&mut self, import: &'a ast::StmtImportFrom) {
        for alias in &import.names {
            let is_known = matches!(
                alias.name.as_str(),
                "absolute_import"
                    | "annotations"
                    | "division"
                    | "generator_stop"
                    | "generators"
                    | "nested_scopes"
                    | "print_function"
                    | "unicode_literals"
                    | "with_statement"
            );
            if !is_known {
                self.refuse(import, format!("the member __future__.{}", alias.name));
            }
        }
    }
}
