//! Generator expressions. The engine makes lists of them, which is right only where the whole
//! list is read at once.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr};

use super::RewritePass;
use super::known_functions;
use super::names::SourceNames;

impl<'a> RewritePass<'a> {
    /// The only argument of a call.
    pub(super) fn generator_argument(&mut self, generator: &'a ast::ExprGenerator, function: &str) {
        let short = matches!(function, "any" | "all") && self.names.is_builtin(function);
        let may_stop = self.names.has_stops && self.may_stop(generator);
        let is_lazy = self.names.has_iterators() || may_stop;
        if short && self.names.has_live_objects && !is_lazy {
            let text = self.short_circuit(generator, function == "any");
            self.replace_keeping_lines(generator, text);
            return;
        }
        let is_list = known_functions::consumes(function) && self.names.is_plain(function);
        if short || !is_list || may_stop {
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

    /// Whether a call in a generator expression may raise `StopIteration`, which is another error there.
    fn may_stop(&self, generator: &ast::ExprGenerator) -> bool {
        let mut search = CallSearch {
            names: self.names,
            found: false,
        };
        search.visit_expr(&generator.elt);
        for (at, clause) in generator.generators.iter().enumerate() {
            clause
                .ifs
                .iter()
                .for_each(|condition| search.visit_expr(condition));
            if at > 0 {
                search.visit_expr(&clause.iter);
            }
        }
        search.found
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

/// Finds calls of `next`, and of functions of the script.
struct CallSearch<'a> {
    names: &'a SourceNames<'a>,
    found: bool,
}

impl<'a> Visitor<'a> for CallSearch<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            self.found |= match &*call.func {
                Expr::Name(name) => name.id.as_str() == "next" || !self.names.is_builtin(&name.id),
                Expr::Attribute(attribute) => {
                    attribute.attr.as_str() == "__next__" || self.names.defines(&attribute.attr)
                }
                _ => true,
            };
        }
        visitor::walk_expr(self, expr);
    }
}
