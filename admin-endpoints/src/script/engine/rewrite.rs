//! Rewrites a source so that the engine can run it.
//!
//! The engine imports its own modules without a check, so every import that is not allowed becomes
//! a call of `__import__`, which raises when it runs, as in CPython. What the engine lacks or does
//! in another way, and a function can do exactly, becomes calls of functions in `polyfills/`. What
//! cannot be right is refused. Edits keep line numbers.

mod arguments;
mod attempts;
mod attributes;
mod calls;
mod exceptions;
mod expressions;
mod generators;
mod interpolations;
mod keys;
mod known_functions;
mod names;
mod operators;
mod polyfilled;
mod refusals;
mod special_methods;
mod statements;
mod truths;

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, PythonVersion, Stmt, StmtImport, StmtImportFrom};
use ruff_python_parser::{Mode, ParseOptions, parse};
use ruff_text_size::{Ranged, TextRange};

use self::names::SourceNames;
use super::edits::Edits;
use super::polyfills::Polyfills;
use super::syntax;
use super::unsupported::message;

/// A source that is ready to run.
pub(crate) struct Rewritten {
    pub(crate) source: String,
    /// The functions that it calls.
    pub(super) polyfills: Polyfills,
    /// Whether comparisons may read nan.
    pub(super) compares: bool,
}

/// Which operands of arithmetic may be bools, which the engine does not add.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operands {
    /// Those that are bools by their syntax, where an error of the others ends the script.
    Plain,
    /// All; loops take longer.
    MaybeBool,
}

/// Rewrites what the engine cannot run; other text stays as it is.
///
/// # Errors
///
/// Returns `str(e)` of the `SyntaxError`, or the message that names what is not supported.
pub(crate) fn rewrite(
    source: &str,
    allowed: &[String],
    operands: Operands,
) -> Result<Rewritten, String> {
    let options = ParseOptions::from(Mode::Module).with_target_version(PythonVersion::PY311);
    let parsed = parse(source, options).map_err(|error| syntax::message(&error, source))?;
    let Some(parsed) = parsed.try_into_module() else {
        return Err(message("this operation", None));
    };
    syntax::accepted_errors(parsed.syntax(), source)?;
    let mut names = SourceNames::new(parsed.suite());
    names.has_try |= operands == Operands::MaybeBool;
    let compares = refusals::check(parsed.suite(), source, &names, allowed)?;
    if let Some(later) = parsed.unsupported_syntax_errors().first() {
        let line = syntax::line(later.range.start(), source);
        return Err(message("syntax of later versions of Python", Some(line)));
    }
    let mut pass = RewritePass {
        source,
        allowed,
        tokens: parsed.tokens(),
        edits: Edits::default(),
        polyfills: names.shadowed_builtins(),
        names: &names,
        compares,
        temporaries: 0,
    };
    pass.visit_body(parsed.suite());
    if names.has_sets {
        pass.polyfills.add_for("__engine_show__"); // the result may be one
    }
    let RewritePass {
        edits, polyfills, ..
    } = pass;
    let source = if edits.is_empty() {
        source.to_owned()
    } else {
        edits.apply(source)
    };
    Ok(Rewritten {
        source,
        polyfills,
        compares,
    })
}

struct RewritePass<'a> {
    source: &'a str,
    allowed: &'a [String],
    tokens: &'a Tokens,
    edits: Edits,
    polyfills: Polyfills,
    names: &'a SourceNames<'a>,
    /// Whether comparisons may read nan.
    compares: bool,
    /// How many names were made for intermediate values.
    temporaries: usize,
}

impl<'a> RewritePass<'a> {
    /// `os.path` is a part of `os`.
    fn is_allowed(&self, module: &str) -> bool {
        let module = if module == "os.path" { "os" } else { module };
        self.allowed.iter().any(|allowed| allowed == module)
    }

    fn text(&self, node: &impl Ranged) -> &'a str {
        self.source
            .get(node.start().to_usize()..node.end().to_usize())
            .unwrap_or_default()
    }

    /// The text of an expression with its own edits, to be used elsewhere.
    fn rendered(&mut self, expr: &'a Expr) -> String {
        let outer = std::mem::take(&mut self.edits);
        self.visit_expr(expr);
        let edits = std::mem::replace(&mut self.edits, outer);
        edits.apply_to(self.source, expr.start().to_usize(), expr.end().to_usize())
    }

    fn replace(&mut self, node: &impl Ranged, text: String) {
        self.edits
            .replace(node.start().to_usize(), node.end().to_usize(), text);
    }

    /// Replaces a statement or an expression that ends with a bracket; lines that the new text
    /// lacks are added before the last bracket.
    fn replace_keeping_lines(&mut self, node: &impl Ranged, mut text: String) {
        let lines = self.text(node).matches('\n').count();
        let missing = lines.saturating_sub(text.matches('\n').count());
        if missing > 0 {
            let last = text.len().saturating_sub(1);
            text.insert_str(last, &"\n".repeat(missing));
        }
        self.replace(node, text);
    }

    /// `x` as `f(x)`.
    fn wrap(&mut self, node: &impl Ranged, function: &str) {
        self.edits
            .open(node.start().to_usize(), format!("{function}(("));
        self.edits.close(node.end().to_usize(), "))");
        self.polyfills.add_for(function);
    }

    /// The first token of a kind in a range.
    fn token(&self, range: TextRange, is: impl Fn(TokenKind) -> bool) -> Option<TextRange> {
        let mut tokens = self.tokens.in_range(range).iter();
        tokens
            .find(|token| is(token.kind()))
            .map(|token| token.range())
    }

    /// One statement for each module, so that those before a denied one are imported.
    fn import(&mut self, import: &StmtImport) {
        let is_kept =
            |alias: &ast::Alias| self.is_allowed(&alias.name) && alias.name.as_str() != "os.path";
        if import.names.iter().all(is_kept) {
            return;
        }
        let each = import.names.iter().map(|alias| {
            if !self.is_allowed(&alias.name) {
                denied(&alias.name)
            } else if alias.name.as_str() == "os.path" {
                "import os".to_owned()
            } else {
                format!("import {}", self.text(alias))
            }
        });
        let statements = each.collect::<Vec<_>>().join("; ");
        self.replace(import, statements);
    }

    fn import_from(&mut self, import: &StmtImportFrom) {
        let module = import.module.as_ref().map_or("", |name| name.as_str());
        if import.level == 0 && module == "__future__" {
            self.replace(import, "pass".to_owned()); // what it enables is always enabled
            return;
        }
        if import.level > 0 || !self.is_allowed(module) {
            self.replace(import, denied(module));
            return;
        }
        let replaced = |alias: &ast::Alias| polyfilled::function_for(module, &alias.name);
        if !import.names.iter().any(|alias| replaced(alias).is_some()) {
            return;
        }
        let mut kept = Vec::new();
        let mut statements = Vec::new();
        for alias in &import.names {
            let name = alias.asname.as_ref().unwrap_or(&alias.name);
            match replaced(alias) {
                Some(function) => {
                    self.polyfills.add_for(function);
                    statements.push(format!("{name} = {function}"));
                }
                None => kept.push(self.text(alias)),
            }
        }
        if !kept.is_empty() {
            statements.insert(0, format!("from {module} import {}", kept.join(", ")));
        }
        self.replace(import, statements.join("; "));
    }
}

impl<'a> Visitor<'a> for RewritePass<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => self.import(import),
            Stmt::ImportFrom(import) => self.import_from(import),
            Stmt::Delete(delete) => self.delete(delete),
            // Not valid Python: in parentheses the error would differ from the engine's.
            Stmt::Assign(ast::StmtAssign { value, .. })
            | Stmt::AugAssign(ast::StmtAugAssign { value, .. })
                if value.is_starred_expr() => {}
            Stmt::Assign(assignment) => self.assign(assignment),
            Stmt::AnnAssign(assignment) => self.assign_annotated(assignment),
            Stmt::AugAssign(assignment) => self.assign_in_place(assignment),
            Stmt::For(each) => {
                self.visit_iterable(&each.iter);
                self.visit_expr(&each.target);
                self.visit_body(&each.body);
                self.visit_body(&each.orelse);
            }
            Stmt::Try(attempt) => {
                visitor::walk_stmt(self, stmt);
                self.attempt(attempt);
            }
            Stmt::FunctionDef(function) if function.name.as_str() == "__exit__" => {
                visitor::walk_stmt(self, stmt);
                self.exit_method(function);
            }
            Stmt::Raise(raise) => {
                self.visit_raised(raise);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.expression(expr);
    }

    fn visit_comprehension(&mut self, comprehension: &'a ast::Comprehension) {
        self.visit_iterable(&comprehension.iter);
        self.visit_expr(&comprehension.target);
        for condition in &comprehension.ifs {
            self.visit_expr(condition);
        }
    }

    fn visit_interpolated_string_element(&mut self, element: &'a ast::InterpolatedStringElement) {
        self.interpolation(element);
    }
}

fn denied(module: &str) -> String {
    format!("__import__('{module}')") // an identifier and dots need no escapes
}

#[cfg(test)]
mod tests;
