//! Annotations that are refused.

use ruff_python_ast::{self as ast, Expr};

use super::RefusalSearch;
use crate::script::engine::lacks;

impl<'a> RefusalSearch<'a> {
    /// The annotations of a function, which CPython evaluates when it defines the function.
    pub(super) fn signature(&mut self, function: &'a ast::StmtFunctionDef) {
        if self.names.has_future_annotations() {
            return;
        }
        let parameters = function.parameters.iter();
        let annotations = parameters.filter_map(|parameter| parameter.annotation());
        for annotation in annotations.chain(function.returns.as_deref()) {
            self.annotation(annotation);
        }
    }

    /// What an annotation names: the engine does not evaluate it.
    pub(super) fn annotation(&mut self, annotation: &'a Expr) {
        match annotation {
            Expr::Name(name) => {
                let text = name.id.as_str();
                if self.names.is_builtin(text) && !lacks::is_built_in(text) {
                    self.refuse(name, "annotations with unknown names");
                }
            }
            Expr::Subscript(item) => {
                self.annotation(&item.value);
                self.annotation(&item.slice);
            }
            Expr::BinOp(union) => {
                self.annotation(&union.left);
                self.annotation(&union.right);
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                elts.iter().for_each(|part| self.annotation(part));
            }
            Expr::Call(_) => self.refuse(annotation, "annotations with unknown names"),
            _ => {}
        }
    }
}
