//! Syntax errors with CPython's messages.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ModModule, Stmt};
use ruff_python_parser::{LexicalErrorType, ParseError, ParseErrorType};
use ruff_text_size::{Ranged, TextSize};

use super::declarations;

/// `str(e)` of the `SyntaxError`: the message and its line.
pub(super) fn message(error: &ParseError, source: &str) -> String {
    let start = error.location.start();
    let before = source.get(..start.to_usize()).unwrap_or(source);
    if let Some((bracket, at)) = never_closed(error, source) {
        return placed(&format!("'{bracket}' was never closed"), at, source);
    }
    let words = match &error.error {
        ParseErrorType::Lexical(LexicalErrorType::UnclosedStringError) => {
            format!(
                "unterminated string literal (detected at line {})",
                line(start, source)
            )
        }
        ParseErrorType::Lexical(LexicalErrorType::IndentationError) => {
            "unindent does not match any outer indentation level".to_owned()
        }
        ParseErrorType::UnexpectedIndentation => "unexpected indent".to_owned(),
        ParseErrorType::RecursionLimitExceeded => "too many nested parentheses".to_owned(),
        ParseErrorType::SimpleStatementsOnSameLine if before.trim_end().ends_with("print") => {
            "Missing parentheses in call to 'print'. Did you mean print(...)?".to_owned()
        }
        ParseErrorType::ExpectedExpression if bracket_at(start, source).is_some() => {
            let bracket = bracket_at(start, source).unwrap_or(')');
            format!("unmatched '{bracket}'")
        }
        ParseErrorType::OtherError(text) if text.starts_with("Expected `except` or") => {
            "expected 'except' or 'finally' block".to_owned()
        }
        ParseErrorType::OtherError(text)
            if text.starts_with("Expected a parameter")
                || text.starts_with("Expected an identifier") =>
        {
            "invalid syntax".to_owned()
        }
        ParseErrorType::ExpectedExpression | ParseErrorType::SimpleStatementsOnSameLine => {
            "invalid syntax".to_owned()
        }
        ParseErrorType::PositionalAfterKeywordArgument => {
            "positional argument follows keyword argument".to_owned()
        }
        ParseErrorType::DuplicateKeywordArgumentError(name) => {
            format!("keyword argument repeated: {name}")
        }
        ParseErrorType::ExpectedToken { expected, .. } if expected.to_string() == "`:`" => {
            "expected ':'".to_owned()
        }
        ParseErrorType::OtherError(text) if text.starts_with("Expected an indented block") => {
            let text = lower_first(text).replace('`', "'");
            format!("{text} on line {}", line(start, source).saturating_sub(1))
        }
        other => lower_first(&other.to_string()),
    };
    placed(&words, start, source)
}

/// A closing bracket without an opening one before it.
fn bracket_at(at: TextSize, source: &str) -> Option<char> {
    let (before, rest) = source.split_at_checked(at.to_usize())?;
    let bracket = rest
        .chars()
        .next()
        .filter(|letter| ")]}".contains(*letter))?;
    let opened = before.matches(['(', '[', '{']).count();
    (opened <= before.matches([')', ']', '}']).count()).then_some(bracket)
}

/// The unclosed bracket that causes an unexpected end of the source.
fn never_closed(error: &ParseError, source: &str) -> Option<(char, TextSize)> {
    if !matches!(error.error, ParseErrorType::Lexical(LexicalErrorType::Eof)) {
        return None;
    }
    let mut open = Vec::new();
    for (at, letter) in source.char_indices() {
        match letter {
            '(' | '[' | '{' => open.push((letter, at)),
            ')' | ']' | '}' => drop(open.pop()),
            _ => {}
        }
    }
    let (bracket, at) = open.pop()?;
    Some((bracket, TextSize::try_from(at).ok()?))
}

/// Finds what the parser accepts and CPython does not, such as `return` outside a function.
pub(super) fn accepted_errors(module: &ModModule, source: &str) -> Result<(), String> {
    let body = &*module.body;
    let mut search = ReturnSearch(None);
    StatementVisitor::visit_body(&mut search, body);
    let outside = search
        .0
        .map(|at| ("'return' outside function".to_owned(), at));
    let mut search = ErrorSearch::default();
    Visitor::visit_body(&mut search, body);
    let found = outside.or(search.found);
    match found.or_else(|| declarations::error(module)) {
        Some((words, at)) => Err(placed(&words, at, source)),
        None => Ok(()),
    }
}

/// Errors of CPython's compiler.
#[derive(Default)]
struct ErrorSearch<'a> {
    found: Option<(String, TextSize)>,
    /// Variables of the comprehensions around an expression.
    iterated: Vec<&'a str>,
    in_iterable: bool,
    format_depth: usize,
}

impl<'a> ErrorSearch<'a> {
    fn error(&mut self, at: &impl Ranged, words: impl Into<String>) {
        self.found.get_or_insert((words.into(), at.start()));
    }

    fn target(&mut self, target: &'a Expr) {
        if let Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) =
            target
        {
            if elts.iter().filter(|part| part.is_starred_expr()).count() > 1 {
                self.error(target, "multiple starred expressions in assignment");
            }
            elts.iter().for_each(|part| self.target(part));
        }
    }

    fn comprehension(&mut self, expr: &'a Expr, clauses: &'a [ast::Comprehension]) {
        let (known, in_iterable) = (self.iterated.len(), self.in_iterable);
        for clause in clauses {
            self.in_iterable = true;
            self.visit_expr(&clause.iter);
            self.in_iterable = in_iterable;
            names_of(&clause.target, &mut self.iterated);
        }
        for condition in clauses.iter().flat_map(|clause| &clause.ifs) {
            self.visit_expr(condition);
        }
        match expr {
            Expr::ListComp(made) => self.visit_expr(&made.elt),
            Expr::SetComp(made) => self.visit_expr(&made.elt),
            Expr::Generator(made) => self.visit_expr(&made.elt),
            Expr::DictComp(made) => {
                if let Some(key) = made.key.as_deref() {
                    self.visit_expr(key);
                }
                self.visit_expr(&made.value);
            }
            _ => {}
        }
        self.iterated.truncate(known);
    }
}

fn names_of<'a>(target: &'a Expr, names: &mut Vec<&'a str>) {
    match target {
        Expr::Name(name) => names.push(&name.id),
        Expr::Starred(starred) => names_of(&starred.value, names),
        Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
            elts.iter().for_each(|part| names_of(part, names));
        }
        _ => {}
    }
}

impl<'a> Visitor<'a> for ErrorSearch<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Assign(assignment) => {
                for target in &assignment.targets {
                    self.target(target);
                }
            }
            Stmt::For(each) => self.target(&each.target),
            Stmt::Try(attempt) => {
                let before_last = attempt.handlers.iter().rev().skip(1);
                for handler in before_last {
                    let ast::ExceptHandler::ExceptHandler(handler) = handler;
                    if handler.type_.is_none() {
                        self.error(handler, "default 'except:' must be last");
                    }
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::ListComp(ast::ExprListComp { generators, .. })
            | Expr::SetComp(ast::ExprSetComp { generators, .. })
            | Expr::DictComp(ast::ExprDictComp { generators, .. })
            | Expr::Generator(ast::ExprGenerator { generators, .. }) => {
                return self.comprehension(expr, generators);
            }
            Expr::Named(named) => {
                let name = named.target.as_name_expr().map_or("", |name| &name.id);
                if self.in_iterable {
                    self.error(
                        expr,
                        "assignment expression cannot be used in a comprehension iterable expression",
                    );
                } else if self.iterated.contains(&name) {
                    self.error(
                        expr,
                        format!(
                            "assignment expression cannot rebind comprehension iteration variable '{name}'"
                        ),
                    );
                }
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_interpolated_string_element(&mut self, element: &'a ast::InterpolatedStringElement) {
        let is_value = element.is_interpolation();
        self.format_depth += usize::from(is_value);
        if self.format_depth > 2 {
            self.error(element, "f-string: expressions nested too deeply");
        }
        visitor::walk_interpolated_string_element(self, element);
        self.format_depth -= usize::from(is_value);
    }
}

struct ReturnSearch(Option<TextSize>);

impl<'a> StatementVisitor<'a> for ReturnSearch {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(_) => {}
            Stmt::Return(found) => self.0 = self.0.or(Some(found.start())),
            _ => walk_stmt(self, stmt),
        }
    }
}

fn placed(words: &str, at: TextSize, source: &str) -> String {
    format!("{words} (<string>, line {})", line(at, source))
}

pub(super) fn line(at: TextSize, source: &str) -> usize {
    let before = &source.as_bytes()[..at.to_usize().min(source.len())];
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
