//! Operators that become calls.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::{self as ast, CmpOp, Expr, Operator};
use ruff_text_size::{Ranged as _, TextRange};

use super::RewritePass;
use super::truths::is_truth;

impl<'a> RewritePass<'a> {
    /// An operator becomes a call where the engine's one differs: two insertions and a comma for
    /// the sign, which nest by themselves.
    pub(super) fn operation(&mut self, operation: &'a ast::ExprBinOp) {
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

    pub(super) fn with_dates(&mut self) {
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
    pub(super) fn comparison(&mut self, comparison: &'a ast::ExprCompare) {
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

fn is_number_but_zero(expr: &Expr) -> bool {
    let number = expr.as_number_literal_expr();
    number.is_some_and(|number| match &number.value {
        ast::Number::Int(value) => value.as_u64() != Some(0),
        ast::Number::Float(value) => *value != 0.0,
        ast::Number::Complex { .. } => false,
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
