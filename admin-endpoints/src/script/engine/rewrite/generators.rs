//! Generator expressions. The engine makes lists of them, which is right only where the whole
//! list is read at once.

use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{self as ast, Expr};

use super::RewritePass;
use super::names;

impl<'a> RewritePass<'a> {
    /// The only argument of a call.
    pub(super) fn generator_argument(&mut self, generator: &'a ast::ExprGenerator, function: &str) {
        let short = matches!(function, "any" | "all") && self.names.is_builtin(function);
        if short && self.names.has_live_objects && !self.names.has_iterators() {
            let text = self.short_circuit(generator, function == "any");
            self.replace_keeping_lines(generator, text);
            return;
        }
        if short || !names::consumes(function) || !self.names.is_plain(function) {
            self.generator_value(generator);
            return;
        }
        for clause in &generator.generators {
            self.visit_comprehension(clause);
        }
        self.visit_expr(&generator.elt);
    }

    /// `(E for x in A if C)` as an iterator that calls lambdas.
    pub(super) fn generator_value(&mut self, generator: &'a ast::ExprGenerator) {
        let text = self.clauses(generator, &generator.generators);
        self.replace_keeping_lines(generator, text);
        self.polyfills.add_for("__engine_generator__");
    }

    /// `any` and `all` of live objects: a list in which nothing is evaluated after the first hit,
    /// because a lookup on a live object is not possible inside an iterator of a polyfill.
    fn short_circuit(&mut self, generator: &'a ast::ExprGenerator, is_any: bool) -> String {
        let mut clauses = String::new();
        for clause in &generator.generators {
            let target = self.text(&clause.target);
            let iterable = self.rendered(&clause.iter);
            clauses.push_str(&format!(
                " for {target} in ({iterable}) if not __engine_s__"
            ));
            for condition in &clause.ifs {
                let condition = self.rendered(condition);
                clauses.push_str(&format!(" if ({condition})"));
            }
        }
        let element = self.rendered(&generator.elt);
        let (hit, test) = if is_any { ("1", "") } else { ("0", "not ") };
        format!(
            "(lambda __engine_s__: ([__engine_s__.append({hit}){clauses} if {test}({element})], __engine_s__)[1])([])"
        )
    }

    fn clauses(
        &mut self,
        generator: &'a ast::ExprGenerator,
        clauses: &'a [ast::Comprehension],
    ) -> String {
        let [clause, rest @ ..] = clauses else {
            return self.rendered(&generator.elt);
        };
        let mut iterable = self.rendered(&clause.iter);
        if self.names.has_sets {
            iterable = format!("__engine_ordered__(({iterable}))");
            self.polyfills.add_for("__engine_ordered__");
        }
        let (parameters, spread) = match &clause.target {
            Expr::Name(name) => (name.id.to_string(), 0),
            Expr::Tuple(tuple) => {
                let names: Vec<String> = tuple
                    .elts
                    .iter()
                    .filter_map(Expr::as_name_expr)
                    .map(|name| name.id.to_string())
                    .collect();
                (names.join(", "), names.len())
            }
            _ => (String::new(), 0),
        };
        let condition = if clause.ifs.is_empty() {
            "None".to_owned()
        } else {
            let conditions: Vec<String> = clause
                .ifs
                .iter()
                .map(|condition| format!("({})", self.rendered(condition)))
                .collect();
            format!("lambda {parameters}: {}", conditions.join(" and "))
        };
        let nested = if rest.is_empty() { "0" } else { "1" };
        let body = self.clauses(generator, rest);
        format!(
            "__engine_generator__(({iterable}), {condition}, lambda {parameters}: ({body}), {spread}, {nested})"
        )
    }
}
