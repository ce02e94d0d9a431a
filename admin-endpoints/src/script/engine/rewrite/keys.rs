//! Keys of dicts, which may be equal numbers of several types.

use ruff_python_ast::{self as ast, Expr};

use super::RewritePass;

impl<'a> RewritePass<'a> {
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

    pub(super) fn key(&mut self, key: &'a Expr) {
        if self.may_be_equal_key(key) {
            self.wrap(key, "__engine_key__");
        }
    }

    /// Keys that are equal numbers of several types: the engine keeps the last one, CPython the
    /// first.
    pub(super) fn equal_keys(&mut self, dict: &'a ast::ExprDict) {
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
