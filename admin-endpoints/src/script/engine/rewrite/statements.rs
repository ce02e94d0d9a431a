//! Statements that become calls: assignments and `del`.

use ruff_python_ast::token::TokenKind;
use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{self as ast, Expr, Operator};
use ruff_text_size::{Ranged, TextRange};

use super::RewritePass;
use super::operators::own_operator;
use super::truths::is_truth;

impl<'a> RewritePass<'a> {
    /// `x.y = v`, `a[1:2] = v` and targets that contain one of them; the value is evaluated first,
    /// as in CPython.
    pub(super) fn assign(&mut self, assignment: &'a ast::StmtAssign) {
        if !assignment
            .targets
            .iter()
            .any(|target| self.needs_call(target))
        {
            for target in &assignment.targets {
                self.visit_expr(target);
            }
            if assignment.targets.iter().any(reads_order) {
                self.visit_iterable(&assignment.value);
            } else {
                self.visit_expr(&assignment.value);
            }
            return;
        }
        let mut value = self.rendered(&assignment.value);
        if self.names.has_sets && assignment.targets.iter().any(reads_order) {
            self.polyfills.add_for("__engine_ordered__");
            value = format!("__engine_ordered__(({value}))");
        }
        if let [target] = &*assignment.targets
            && !is_sequence(target)
        {
            let call = self.store(target, &format!("({value})"));
            self.replace_keeping_lines(assignment, call);
            return;
        }
        let whole = self.temporary();
        let mut statements = vec![format!("{whole} = ({value})")];
        for target in &assignment.targets {
            self.unpack(target, &whole, &mut statements);
        }
        statements.push("(None)".to_owned()); // the last bracket, for lines that were removed
        self.replace_keeping_lines(assignment, statements.join("; "));
    }

    pub(super) fn assign_annotated(&mut self, assignment: &'a ast::StmtAnnAssign) {
        match &assignment.value {
            Some(value) if self.needs_call(&assignment.target) => {
                let value = self.rendered(value);
                let call = self.store(&assignment.target, &format!("({value})"));
                self.replace_keeping_lines(assignment, call);
            }
            Some(value) => {
                self.visit_expr(&assignment.target);
                self.visit_expr(value);
            }
            None => {}
        }
    }

    fn needs_call(&self, target: &Expr) -> bool {
        match target {
            Expr::Attribute(_) => self.names.has_live_objects || self.names.has_records,
            Expr::Subscript(item) => {
                item.slice.is_slice_expr() || self.names.defines("__setitem__")
            }
            Expr::Starred(starred) => {
                self.needs_call(&starred.value) || starred.value.is_attribute_expr()
            }
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                elts.iter().any(|part| {
                    part.is_attribute_expr() || part.is_subscript_expr() || self.needs_call(part)
                })
            }
            _ => false,
        }
    }

    /// The statement that stores a value in a target that is not a sequence.
    fn store(&mut self, target: &'a Expr, value: &str) -> String {
        match target {
            Expr::Attribute(attribute) => {
                let owner = self.rendered(&attribute.value);
                self.polyfills.add_for("__engine_set_attr__");
                format!(
                    "__engine_set_attr__({value}, ({owner}), '{}')",
                    attribute.attr
                )
            }
            Expr::Subscript(item) => {
                let owner = self.rendered(&item.value);
                self.polyfills.add_for("__engine_set_slice__");
                match &*item.slice {
                    Expr::Slice(slice) => {
                        let bounds = self.bounds(slice);
                        format!("__engine_set_slice__({value}, ({owner}), {bounds})")
                    }
                    index => {
                        let index = self.rendered_key(index);
                        format!("__engine_set_item__({value}, ({owner}), ({index}))")
                    }
                }
            }
            other => format!("{} = {value}", self.text(other)),
        }
    }

    /// Stores a value in a target that may be a sequence, from left to right: all parts first become
    /// intermediate values.
    fn unpack(&mut self, target: &'a Expr, value: &str, statements: &mut Vec<String>) {
        if !is_sequence(target) {
            let statement = self.store(target, value);
            statements.push(statement);
            return;
        }
        let mut later = Vec::new();
        let pattern = self.pattern(target, &mut later);
        statements.push(format!("{pattern} = {value}"));
        for (target, temporary) in later {
            let statement = self.store(target, &temporary);
            statements.push(statement);
        }
    }

    fn pattern(&mut self, target: &'a Expr, later: &mut Vec<(&'a Expr, String)>) -> String {
        match target {
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                let parts: Vec<String> =
                    elts.iter().map(|part| self.pattern(part, later)).collect();
                format!("({},)", parts.join(", "))
            }
            Expr::Starred(starred) => format!("*{}", self.pattern(&starred.value, later)),
            other => {
                let temporary = self.temporary();
                later.push((other, temporary.clone()));
                temporary
            }
        }
    }

    fn temporary(&mut self) -> String {
        self.temporaries += 1;
        format!("__engine_v{}__", self.temporaries)
    }

    /// `x += y`, where the engine makes a new object or evaluates otherwise.
    pub(super) fn assign_in_place(&mut self, assignment: &'a ast::StmtAugAssign) {
        let function = self.in_place_function(assignment.op);
        let function = function.as_str();
        match &*assignment.target {
            Expr::Name(name) => {
                self.visit_expr(&assignment.value);
                let is_native = matches!(
                    assignment.op,
                    Operator::Add | Operator::LShift | Operator::RShift
                );
                if is_native
                    && !self.names.has_operators
                    && !self.names.has_try
                    && !self.may_make_nan(assignment.op)
                {
                    if is_truth(&assignment.value) {
                        self.wrap(&*assignment.value, "__engine_int__");
                    }
                    return;
                }
                let between = TextRange::new(assignment.target.end(), assignment.value.start());
                let Some(sign) = self.token(between, is_in_place_sign) else {
                    return;
                };
                let (check, end) = if self.may_make_nan(assignment.op) {
                    self.polyfills.add_for("__engine_not_nan__");
                    ("__engine_not_nan__(", ")))")
                } else {
                    ("", "))")
                };
                self.replace(&sign, format!("= {check}{function}({}, (", name.id));
                self.edits.close(assignment.end().to_usize(), end);
            }
            Expr::Attribute(target) => {
                self.polyfills.add_for("__engine_aug_attr__");
                let owner = self.rendered(&target.value);
                let value = self.rendered(&assignment.value);
                let name = &target.attr;
                self.replace_keeping_lines(
                    assignment,
                    format!(
                        "__engine_aug_attr__({function}, __engine_attr__(({owner}), lambda __engine_x__: __engine_x__.{name}), '{name}', ({value}))"
                    ),
                );
            }
            Expr::Subscript(target) => {
                self.polyfills.add_for("__engine_aug_item__");
                let owner = self.rendered(&target.value);
                let index = match &*target.slice {
                    Expr::Slice(slice) => format!("slice({})", self.bounds(slice)),
                    index => self.rendered_key(index),
                };
                let value = self.rendered(&assignment.value);
                self.replace_keeping_lines(
                    assignment,
                    format!(
                        "__engine_aug_item__({function}, __engine_item__(({owner}), ({index})), ({value}))"
                    ),
                );
            }
            _ => {}
        }
    }

    /// The function of `x += y`; classes of the script have the plain operator only.
    fn in_place_function(&mut self, op: Operator) -> String {
        let function = in_place(op);
        self.polyfills.add_for(function);
        if op == Operator::Div && self.names.has_paths {
            self.polyfills.add_for("__engine_path__");
        }
        let own = own_operator(op).filter(|_| self.names.has_operators);
        let Some((_, operator)) = own else {
            return function.to_owned();
        };
        self.polyfills.add_for(operator);
        let method = operator.trim_start_matches("__engine_op_");
        format!(
            "(lambda __engine_a__, __engine_b__: {operator}(__engine_a__, __engine_b__) \
             if __engine_is_own__(__engine_a__, __engine_b__, '{method}') \
             else {function}(__engine_a__, __engine_b__))"
        )
    }

    pub(super) fn delete(&mut self, delete: &'a ast::StmtDelete) {
        let mut calls = Vec::new();
        for target in &delete.targets {
            let Expr::Subscript(item) = target else {
                return;
            };
            let owner = self.rendered(&item.value);
            calls.push(match &*item.slice {
                Expr::Slice(slice) => {
                    let bounds = self.bounds(slice);
                    format!("__engine_del_slice__(({owner}), {bounds})")
                }
                index => format!("__engine_del_item__(({owner}), ({}))", self.rendered(index)),
            });
        }
        self.polyfills.add_for("__engine_del_item__");
        self.replace_keeping_lines(delete, calls.join("; "));
    }

    fn bounds(&mut self, slice: &'a ast::ExprSlice) -> String {
        let mut bound = |bound: &'a Option<Box<Expr>>| match bound.as_deref() {
            Some(bound) => format!("({})", self.rendered(bound)),
            None => "None".to_owned(),
        };
        let (lower, upper) = (bound(&slice.lower), bound(&slice.upper));
        format!("{lower}, {upper}, {}", bound(&slice.step))
    }

    pub(super) fn visit_raised(&mut self, raise: &'a ast::StmtRaise) {
        if let Some(raised) = &raise.exc
            && !self.is_caught(raised)
        {
            self.visit_expr(raised);
            if self.names.catches_by_name() {
                self.wrap(&**raised, "__engine_raised__");
            }
        }
        if let Some(cause) = &raise.cause
            && !self.is_caught(cause)
        {
            self.visit_expr(cause);
        }
    }

    /// A key with its own edits.
    fn rendered_key(&mut self, key: &'a Expr) -> String {
        let text = self.rendered(key);
        if self.may_be_equal_key(key) {
            self.polyfills.add_for("__engine_key__");
            format!("__engine_key__(({text}))")
        } else {
            text
        }
    }
}

fn is_sequence(target: &Expr) -> bool {
    target.is_tuple_expr() || target.is_list_expr()
}

/// Whether a target takes the parts of a value in their order.
fn reads_order(target: &Expr) -> bool {
    let slice = target.as_subscript_expr();
    is_sequence(target) || slice.is_some_and(|item| item.slice.is_slice_expr())
}

fn is_in_place_sign(kind: TokenKind) -> bool {
    kind.as_augmented_assign_operator().is_some()
}

fn in_place(op: Operator) -> &'static str {
    match op {
        Operator::Add => "__engine_iadd__",
        Operator::Sub => "__engine_isub__",
        Operator::Mult => "__engine_imul__",
        Operator::MatMult | Operator::Div => "__engine_idiv__",
        Operator::Mod => "__engine_imod__",
        Operator::Pow => "__engine_ipow__",
        Operator::LShift => "__engine_ilshift__",
        Operator::RShift => "__engine_irshift__",
        Operator::BitOr => "__engine_ior__",
        Operator::BitXor => "__engine_ixor__",
        Operator::BitAnd => "__engine_iand__",
        Operator::FloorDiv => "__engine_ifloordiv__",
    }
}
