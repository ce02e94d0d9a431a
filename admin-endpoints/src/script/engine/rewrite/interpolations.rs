//! Parts of f-strings that become calls.

use ruff_python_ast::visitor;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged as _;

use super::RewritePass;

impl<'a> RewritePass<'a> {
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
}

fn is_number_or_text(expr: &Expr) -> bool {
    expr.is_number_literal_expr() || expr.is_string_literal_expr()
}
