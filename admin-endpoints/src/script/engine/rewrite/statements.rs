//! Statements that become calls: assignments and `del`.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::RewritePass;

const DEL_ITEM: &str = "__del_item__";
const DEL_SLICE: &str = "__del_slice__";
const SET_SLICE: &str = "__set_slice__";
const SET_ATTR: &str = "__set_attr__";

impl RewritePass<'_> {
    /// `x %= y` as `x = f(x, y)`, for names only: anything else must be evaluated once.
    pub(super) fn in_place(&mut self, assignment: &ast::StmtAugAssign, function: &str) {
        let Expr::Name(name) = &*assignment.target else {
            return;
        };
        let Some(sign) = self.sign_of(assignment) else {
            return;
        };
        self.replace(&sign, format!("= {function}({}, (", name.id));
        self.edits.close(assignment.end().to_usize(), "))");
        self.needs_polyfills = true;
    }

    /// `a[1:2] = v` as a call; the value is evaluated first, as in CPython.
    pub(super) fn assign(&mut self, assignment: &ast::StmtAssign) {
        let Some((owner, slice)) = slice_target(assignment) else {
            return;
        };
        self.visit_expr(&assignment.value); // first: inner parts are edited before outer ones
        let owner = self.text(owner);
        let (lower, upper, step) = self.bounds(slice);
        let rest = format!("), {owner}, {lower}, {upper}, {step})");
        self.becomes(
            assignment,
            self.opening(assignment),
            format!("{SET_SLICE}(("),
            rest,
        );
    }

    /// `x.y = v` as a call.
    pub(super) fn assign_attribute(&mut self, assignment: &ast::StmtAssign) {
        let Some(target) = attribute_target(assignment) else {
            return;
        };
        self.visit_expr(&assignment.value);
        let rest = format!("), {}, '{}')", self.text(&*target.value), target.attr);
        self.becomes(
            assignment,
            self.opening(assignment),
            format!("{SET_ATTR}(("),
            rest,
        );
    }

    /// `x.y += v` as a call; `x` is a chain of names, which can be read twice.
    pub(super) fn attribute_in_place(&mut self, assignment: &ast::StmtAugAssign) {
        let Expr::Attribute(target) = &*assignment.target else {
            return;
        };
        if !is_chain_of_others(&target.value) {
            return;
        }
        let (whole, owner) = (self.text(&*assignment.target), self.text(&*target.value));
        let start = format!("{SET_ATTR}(({whole} {} (", assignment.op.as_str());
        let rest = format!(")), {owner}, '{}')", target.attr);
        let Some(sign) = self.sign_of(assignment) else {
            return;
        };
        self.becomes(assignment, sign.end(), start, rest);
    }

    /// Turns the statement into a call: `before` replaces the text before its value, `rest` follows it.
    fn becomes(&mut self, statement: &impl Ranged, value: TextSize, before: String, rest: String) {
        let (start, end) = (statement.start().to_usize(), statement.end().to_usize());
        self.edits.replace(start, value.to_usize(), before);
        self.edits.close(end, rest);
        self.needs_polyfills = true;
    }

    /// The operator, such as `%=`.
    fn sign_of(&self, assignment: &ast::StmtAugAssign) -> Option<TextRange> {
        let between = TextRange::new(assignment.target.end(), assignment.value.start());
        self.token(between, |kind| {
            kind.as_augmented_assign_operator().is_some()
        })
    }

    /// The start of the value, including its parentheses: directly after the `=`.
    fn opening(&self, assignment: &ast::StmtAssign) -> TextSize {
        let value = assignment.value.start();
        let target = assignment.targets.last().map_or(value, Ranged::end);
        let sign = self.token(TextRange::new(target, value), |kind| {
            kind == TokenKind::Equal
        });
        sign.map_or(value, |sign| sign.end())
    }

    pub(super) fn delete(&mut self, delete: &ast::StmtDelete) {
        let calls: Option<Vec<String>> = delete
            .targets
            .iter()
            .map(|target| self.delete_call(target))
            .collect();
        if let Some(calls) = calls {
            self.replace(delete, calls.join("; "));
            self.needs_polyfills = true;
        }
    }

    /// Items can be deleted by a call; names and attributes cannot.
    fn delete_call(&self, target: &Expr) -> Option<String> {
        let Expr::Subscript(item) = target else {
            return None;
        };
        let owner = self.text(&*item.value);
        let Expr::Slice(slice) = &*item.slice else {
            return Some(format!(
                "{DEL_ITEM}({owner}, ({}))",
                self.text(&*item.slice)
            ));
        };
        let (lower, upper, step) = self.bounds(slice);
        Some(format!("{DEL_SLICE}({owner}, {lower}, {upper}, {step})"))
    }

    fn bounds(&self, slice: &ast::ExprSlice) -> (String, String, String) {
        let bound = |bound: &Option<Box<Expr>>| match bound.as_deref() {
            Some(bound) => format!("({})", self.text(bound)),
            None => "None".to_owned(),
        };
        (bound(&slice.lower), bound(&slice.upper), bound(&slice.step))
    }
}

/// The list and the slice of `a[1:2] = v`.
pub(super) fn slice_target(assignment: &ast::StmtAssign) -> Option<(&Expr, &ast::ExprSlice)> {
    let [Expr::Subscript(item)] = assignment.targets.as_slice() else {
        return None;
    };
    let Expr::Slice(slice) = &*item.slice else {
        return None;
    };
    Some((&item.value, slice))
}

/// The attribute of `x.y = v`, unless `x` certainly belongs to the script.
pub(super) fn attribute_target(assignment: &ast::StmtAssign) -> Option<&ast::ExprAttribute> {
    let [Expr::Attribute(target)] = assignment.targets.as_slice() else {
        return None;
    };
    is_chain_of_others(&target.value).then_some(target)
}

/// `a.b.c`, where `a` is not `self`: methods usually set attributes of their own objects.
fn is_chain_of_others(expr: &Expr) -> bool {
    match expr {
        Expr::Name(name) => name.id.as_str() != "self",
        Expr::Attribute(attribute) => is_chain_of_others(&attribute.value),
        _ => false,
    }
}
