//! What is refused before a script runs.

use std::collections::HashSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, CmpOp, Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::exceptions::{self, is_definition, is_never_a_lack};
use super::known_functions;
use super::names::SourceNames;
use super::polyfilled;
use super::special_methods::{ATTRIBUTES, ITEMS, METHODS, OPERATORS, is_special};
use crate::script::engine::lacks;
use crate::script::engine::syntax::line;
use crate::script::engine::unsupported::{self, message};

/// Whether values are compared by functions that treat nan in another way; or the message for the
/// first part that the engine cannot run as CPython does.
pub(super) fn check(
    body: &[Stmt],
    source: &str,
    names: &SourceNames<'_>,
    allowed: &[String],
) -> Result<bool, String> {
    let mut search = RefusalSearch {
        source,
        names,
        allowed,
        found: None,
        module_uses: HashSet::new(),
        streams: HashSet::new(),
        environ_reads: HashSet::new(),
        in_class_body: false,
        in_function: false,
        in_class: false,
        in_generator: false,
        has_nan: false,
        compares: None,
        exception_texts: None,
        shows_arguments: false,
    };
    search.visit_body(body);
    if search.has_nan
        && let Some(at) = search.compares
    {
        search.refuse_at(at, "comparing values that may contain nan");
    }
    if search.shows_arguments
        && let Some(at) = search.exception_texts
    {
        search.refuse_at(at, "exceptions with other arguments than one str");
    }
    match search.found {
        Some((at, what)) => Err(message(&what, Some(line(at.into(), source)))),
        None => Ok(search.compares.is_some()),
    }
}

struct RefusalSearch<'a> {
    source: &'a str,
    names: &'a SourceNames<'a>,
    allowed: &'a [String],
    /// The first by its place.
    found: Option<(u32, String)>,
    /// Where names of modules are followed by a member, or are only compared with `None`.
    module_uses: HashSet<TextSize>,
    /// Where `print` is given a standard stream.
    streams: HashSet<TextSize>,
    /// Where `os.environ` is only read, and no part of another value.
    environ_reads: HashSet<TextSize>,
    in_class_body: bool,
    in_function: bool,
    in_class: bool,
    in_generator: bool,
    has_nan: bool,
    compares: Option<u32>,
    exception_texts: Option<u32>,
    shows_arguments: bool,
}

impl<'a> RefusalSearch<'a> {
    fn refuse(&mut self, node: &impl Ranged, what: impl Into<String>) {
        self.refuse_at(node.start().to_u32(), what);
    }

    fn refuse_at(&mut self, at: u32, what: impl Into<String>) {
        if self.found.as_ref().is_none_or(|(first, _)| at < *first) {
            self.found = Some((at, what.into()));
        }
    }

    /// Nothing can be evaluated before a definition, on its line.
    fn handlers(&mut self, attempt: &ast::StmtTry) {
        if attempt.finalbody.iter().any(|stmt| leaves(stmt, false)) {
            self.refuse(attempt, "finally clauses that end an exception");
        }
        for handler in &attempt.handlers {
            let ast::ExceptHandler::ExceptHandler(handler) = handler;
            let is_checked = !handler.type_.as_deref().is_some_and(is_never_a_lack);
            if is_checked && handler.body.iter().all(is_definition) {
                self.refuse(handler, "except clauses that only define functions");
            }
        }
    }

    fn class(&mut self, class: &'a ast::StmtClassDef) {
        if class
            .arguments
            .as_ref()
            .is_some_and(|arguments| !arguments.is_empty())
        {
            self.refuse(class, "class inheritance");
        }
        let outer = (self.in_class_body, self.in_class);
        for decorator in &class.decorator_list {
            self.visit_decorator(decorator);
        }
        (self.in_class_body, self.in_class) = (true, true);
        for part in &class.body {
            self.class_part(part);
        }
        (self.in_class_body, self.in_class) = outer;
    }

    fn class_part(&mut self, part: &'a Stmt) {
        match part {
            Stmt::FunctionDef(method) => {
                let name = method.name.as_str();
                let is_called = [&METHODS[..], &OPERATORS, &ITEMS]
                    .iter()
                    .any(|methods| methods.contains(&name));
                if is_special(name) && !is_called {
                    self.refuse(method, format!("the special method {name}"));
                }
                if !method.decorator_list.is_empty() {
                    self.refuse(method, "decorators of methods");
                }
                self.visit_stmt(part);
            }
            Stmt::Assign(ast::StmtAssign { targets, value, .. }) => {
                for target in targets {
                    self.class_variable(target);
                }
                self.visit_expr(value);
            }
            Stmt::AnnAssign(ast::StmtAnnAssign { target, value, .. }) => {
                self.class_variable(target);
                if let Some(value) = value {
                    self.visit_expr(value);
                }
            }
            Stmt::Pass(_) => {}
            Stmt::Expr(text)
                if text.value.is_string_literal_expr() || text.value.is_ellipsis_literal_expr() => {
            }
            other => self.refuse(other, "class bodies with other statements"),
        }
    }

    fn class_variable(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) if name.id.as_str() == "__slots__" => {
                self.refuse(target, "__slots__");
            }
            Expr::Name(name) if is_special(&name.id) => {
                self.refuse(target, format!("the special name {} in a class", name.id));
            }
            Expr::Name(_) => self.visit_expr(target),
            _ => self.refuse(target, "class bodies with other statements"),
        }
    }

    fn name(&mut self, node: &impl Ranged, name: &str) {
        if name.contains("__engine_") {
            self.refuse(node, "names that contain __engine_");
        } else if self.in_class && name.starts_with("__") && !name.ends_with("__") {
            self.refuse(node, "private names");
        }
    }

    /// `sys` without a member could become another name, of which any member could be read.
    fn module_value(&mut self, name: &'a ast::ExprName) {
        let module = self.names.module(&name.id);
        let is_allowed = self
            .allowed
            .iter()
            .any(|allowed| Some(allowed.as_str()) == module);
        if is_allowed && !self.module_uses.contains(&name.start()) {
            self.refuse(name, "modules as values");
        }
    }

    /// `os.environ`: the engine has a new dict each time.
    fn is_environ(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Name(name) => self.names.imported(&name.id) == Some("environ"),
            Expr::Attribute(attribute) => {
                let owner = attribute.value.as_name_expr();
                let module = owner.and_then(|owner| self.names.module(&owner.id));
                attribute.attr.as_str() == "environ" && module == Some("os")
            }
            _ => false,
        }
    }

    fn reads(&mut self, expr: &Expr) {
        if self.is_environ(expr) {
            self.environ_reads.insert(expr.start());
        }
    }

    fn environ(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Attribute(attribute)
                if matches!(
                    attribute.attr.as_str(),
                    "copy" | "get" | "items" | "keys" | "values"
                ) =>
            {
                self.reads(&attribute.value);
            }
            Expr::Subscript(item) if item.ctx == ExprContext::Load => self.reads(&item.value),
            Expr::Compare(comparison) if matches!(*comparison.ops, [CmpOp::In | CmpOp::NotIn]) => {
                self.reads(&comparison.comparators[0]);
            }
            Expr::Call(call) => {
                let name = call.func.as_name_expr().map_or("", |name| name.id.as_str());
                if matches!(name, "dict" | "len" | "list" | "sorted") {
                    call.arguments.args.iter().for_each(|read| self.reads(read));
                }
            }
            _ => {}
        }
        if self.is_environ(expr) && !self.environ_reads.contains(&expr.start()) {
            self.refuse(expr, "os.environ as a value");
        }
    }

    /// A name that is only tested: it may be that of a module which was not found.
    fn test(&mut self, tested: &Expr) {
        match tested {
            Expr::Name(name) => drop(self.module_uses.insert(name.start())),
            Expr::UnaryOp(operation) if operation.op == ast::UnaryOp::Not => {
                self.test(&operation.operand);
            }
            Expr::Compare(comparison)
                if matches!(*comparison.ops, [CmpOp::Is | CmpOp::IsNot])
                    && comparison.comparators[0].is_none_literal_expr() =>
            {
                self.test(&comparison.left);
            }
            _ => {}
        }
    }

    fn load(&mut self, name: &'a ast::ExprName) {
        let text = name.id.as_str();
        self.module_value(name);
        if !self.names.is_builtin(text) {
            return;
        }
        if is_special(text) && !matches!(text, "__import__" | "__debug__") {
            self.refuse(name, format!("the name {text}"));
        }
        if unsupported::BUILTINS.contains(&text) {
            self.refuse(name, format!("the built-in {text}"));
        }
    }

    fn attribute(&mut self, attribute: &'a ast::ExprAttribute) {
        let name = attribute.attr.as_str();
        self.name(attribute, name);
        if is_special(name) && (!ATTRIBUTES.contains(&name) || attribute.ctx != ExprContext::Load) {
            self.refuse(attribute, format!("the attribute {name}"));
        }
        if let Expr::Name(owner) = &*attribute.value
            && let Some(module) = self.names.module(&owner.id)
            && self.allowed.iter().any(|allowed| allowed == module)
        {
            self.module_uses.insert(owner.start());
            if !self.streams.contains(&attribute.start()) {
                self.member(attribute, module, name);
            }
            return;
        }
        if self.names.is_flag(&attribute.value) {
            self.refuse(attribute, format!("the attribute {name}"));
        }
        let is_missing = unsupported::METHODS.contains(&name);
        if is_missing && !self.names.defines(name) && attribute.ctx == ExprContext::Load {
            self.refuse(attribute, format!("the method {name}"));
        }
        if matches!(name, "args" | "value") {
            self.shows_arguments = true;
        }
        if matches!(name, "sort" | "index" | "count" | "remove") {
            self.compares.get_or_insert(attribute.start().to_u32());
        }
    }

    /// `module.name`, which must be one that is known to be right.
    fn member(&mut self, node: &impl Ranged, module: &str, name: &str) {
        if module == "math" && name == "nan" {
            self.has_nan = true;
        }
        if !unsupported::has_member(module, name)
            && polyfilled::function_for(module, name).is_none()
        {
            self.refuse(node, format!("the member {module}.{name}"));
        }
    }

    fn module(&mut self, node: &impl Ranged, module: &str) {
        let is_allowed = self.allowed.iter().any(|allowed| allowed == module);
        if is_allowed && !unsupported::is_module(module) {
            self.refuse(node, format!("the module {module}"));
        }
    }

    /// What is always enabled in CPython 3.11, and annotations, which the engine never evaluates.
    fn future(&mut self, import: &'a ast::StmtImportFrom) {
        for alias in &import.names {
            let is_known = matches!(
                alias.name.as_str(),
                "absolute_import"
                    | "annotations"
                    | "division"
                    | "generator_stop"
                    | "generators"
                    | "nested_scopes"
                    | "print_function"
                    | "unicode_literals"
                    | "with_statement"
            );
            if !is_known {
                self.refuse(import, format!("the member __future__.{}", alias.name));
            }
        }
    }

    fn json_dumps(&mut self, call: &'a ast::ExprCall) {
        if !self.names.is_json_dumps(call) {
            return;
        }
        let keywords = &call.arguments.keywords;
        let has = |wanted: &str| {
            let mut names = keywords.iter().filter_map(|keyword| keyword.arg.as_deref());
            names.any(|name| name == wanted)
        };
        let is_plain = match call.arguments.args.first() {
            Some(value) => !value.is_starred_expr() && !has("skipkeys"),
            None => false,
        };
        for keyword in keywords {
            let is_refused = match keyword.arg.as_deref() {
                Some("cls") => true,
                Some("default") => !is_plain || self.source[keyword.range()].contains('\n'),
                _ => false,
            };
            if is_refused {
                self.refuse(
                    keyword,
                    "the argument cls, and computed forms of default, of json.dumps",
                );
            }
        }
    }

    /// `Path("")` and others that the engine shows in another way.
    fn path(&mut self, call: &ast::ExprCall) {
        if !self.names.is_path(call) {
            return;
        }
        for part in &call.arguments.args {
            let Expr::StringLiteral(text) = part else {
                continue;
            };
            let text = text.value.to_str();
            if text.is_empty()
                || text.contains('\\')
                || text.starts_with("//")
                || text.ends_with('.') && text.len() > 1
            {
                self.refuse(call, "this path");
            }
        }
    }

    /// The annotations of a function, which CPython evaluates when it defines the function.
    fn signature(&mut self, function: &'a ast::StmtFunctionDef) {
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
    fn annotation(&mut self, annotation: &'a Expr) {
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

    fn call(&mut self, call: &'a ast::ExprCall) {
        self.json_dumps(call);
        let keywords = call.arguments.keywords.iter();
        let mut behind = keywords.skip_while(|keyword| keyword.arg.is_some());
        if let Some(named) = behind.find(|keyword| keyword.arg.is_some()) {
            self.refuse(named, "named arguments behind **");
        }
        if self.names.has_dates {
            let mut keywords = call.arguments.keywords.iter();
            let fold = keywords.find(|keyword| keyword.arg.as_deref() == Some("fold"));
            if let Some(fold) = fold {
                self.refuse(fold, "the argument fold");
            }
        }
        self.path(call);
        let Expr::Name(name) = &*call.func else {
            return;
        };
        if known_functions::shows(&name.id)
            && call
                .arguments
                .args
                .iter()
                .any(|shown| self.names.is_flag(shown))
        {
            self.refuse(call, "the text of flags of regular expressions");
        }
        if !self.names.is_builtin(&name.id) {
            return;
        }
        match name.id.as_str() {
            "float" => {
                if let [Expr::StringLiteral(text)] = &*call.arguments.args {
                    let text = text.value.to_str().trim().to_ascii_lowercase();
                    self.has_nan |= text.trim_start_matches(['+', '-']) == "nan";
                }
            }
            "getattr" => {
                if let [Expr::Name(owner), name, ..] = &*call.arguments.args
                    && let Some(module) = self.names.module(&owner.id)
                    && self.allowed.iter().any(|allowed| allowed == module)
                {
                    self.module_uses.insert(owner.start());
                    match name {
                        Expr::StringLiteral(name) => {
                            self.member(call, module, name.value.to_str());
                        }
                        _ => self.refuse(call, "getattr of built-in values"),
                    }
                }
            }
            "sorted" | "min" | "max" => {
                self.compares.get_or_insert(call.start().to_u32());
            }
            "repr" => self.shows_arguments = true,
            "type" if call.arguments.len() != 1 => self.refuse(call, "type with three arguments"),
            "print" => {
                for keyword in &*call.arguments.keywords {
                    if keyword.arg.as_deref() != Some("file") {
                        continue;
                    }
                    if self.names.is_stream_of(keyword, call) {
                        self.streams.insert(keyword.value.start());
                    } else {
                        self.refuse(keyword, "print to a file");
                    }
                }
            }
            exception => self.exception(call, exception),
        }
    }

    /// The engine's exceptions have one `str` or nothing.
    fn exception(&mut self, call: &'a ast::ExprCall, name: &str) {
        let is_named = name.ends_with("Error")
            || matches!(
                name,
                "Exception" | "BaseException" | "StopIteration" | "SystemExit"
            );
        if !is_named {
            return;
        }
        if name.starts_with("Unicode") && name != "UnicodeError" {
            self.refuse(call, "exceptions with other arguments than one str"); // it needs five
        }
        let is_plain = matches!(
            &*call.arguments.args,
            [] | [Expr::StringLiteral(_) | Expr::FString(_)]
        );
        if !is_plain || !call.arguments.keywords.is_empty() {
            if exceptions::is_exception(name) && call.arguments.keywords.is_empty() {
                self.exception_texts.get_or_insert(call.start().to_u32());
            } else if call.arguments.args.len() != 1 || !call.arguments.keywords.is_empty() {
                self.refuse(call, "exceptions with other arguments than one str");
            }
        }
    }

    /// `None`, a bool or a built-in type.
    fn has_one_identity(&self, expr: &Expr) -> bool {
        match expr {
            Expr::NoneLiteral(_) | Expr::BooleanLiteral(_) | Expr::EllipsisLiteral(_) => true,
            Expr::Name(name) => self.names.is_builtin(&name.id),
            Expr::Call(call) => call
                .func
                .as_name_expr()
                .is_some_and(|name| name.id.as_str() == "type"),
            _ => false,
        }
    }

    fn comparison(&mut self, comparison: &'a ast::ExprCompare) {
        let is_identity = matches!(*comparison.ops, [CmpOp::Is | CmpOp::IsNot]);
        if is_identity
            && self.names.has_live_objects
            && !self.has_one_identity(&comparison.left)
            && !self.has_one_identity(&comparison.comparators[0])
        {
            self.refuse(comparison, "identity of live objects");
        }
        let is_same = |expr: &Expr| -> Option<String> {
            let name = expr.as_name_expr()?;
            Some(name.id.to_string())
        };
        let reads_nan = comparison
            .ops
            .iter()
            .any(|op| matches!(op, CmpOp::In | CmpOp::NotIn | CmpOp::Eq | CmpOp::NotEq));
        let sides = [&*comparison.left]
            .into_iter()
            .chain(&*comparison.comparators);
        let is_containment = comparison
            .ops
            .iter()
            .any(|op| matches!(op, CmpOp::In | CmpOp::NotIn));
        let is_float = |side: &Expr| {
            let name = side
                .as_call_expr()
                .and_then(|call| call.func.as_name_expr());
            name.is_some_and(|name| name.id.as_str() == "float")
        };
        let is_scalar =
            !is_containment && (sides.clone().all(is_float) || sides.clone().any(is_literal));
        let names: Vec<_> = sides.map(is_same).collect();
        let is_self_test = names.first().is_some_and(Option::is_some)
            && names.windows(2).all(|pair| pair[0] == pair[1]);
        if reads_nan && !is_scalar && !is_self_test {
            self.compares.get_or_insert(comparison.start().to_u32());
        }
    }

    fn text(&mut self, text: &'a ast::ExprStringLiteral) {
        let is_surrogate = |part: &ast::StringLiteral| {
            let written = self
                .source
                .get(part.start().to_usize()..part.end().to_usize());
            !part.flags.prefix().is_raw() && written.is_some_and(has_surrogate)
        };
        if text.value.iter().any(is_surrogate) {
            self.refuse(text, "surrogates");
        }
    }

    /// `range(10)[::3]`, which the engine shows with another end.
    fn slice(&mut self, item: &'a ast::ExprSubscript) {
        let is_range = match &*item.value {
            Expr::Call(call) => is_range(call, self.names),
            Expr::Name(name) => self.names.is_range(&name.id),
            _ => false,
        };
        let has_step = item
            .slice
            .as_slice_expr()
            .is_some_and(|slice| slice.step.is_some());
        if is_range && has_step {
            self.refuse(item, "slices of ranges with a step");
        }
    }

    fn generator(&mut self, generator: &'a ast::ExprGenerator) {
        for clause in &generator.generators {
            let is_flat = match &clause.target {
                Expr::Name(_) => true,
                Expr::Tuple(tuple) => {
                    !tuple.elts.is_empty() && tuple.elts.iter().all(Expr::is_name_expr)
                }
                _ => false,
            };
            if !is_flat {
                self.refuse(generator, "generator expressions with nested targets");
            }
        }
        if makes_function(&generator.elt) {
            self.refuse(
                generator,
                "generator expressions that make functions or generators",
            );
        }
    }
}

impl<'a> Visitor<'a> for RefusalSearch<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::ClassDef(class) => {
                self.name(class, &class.name);
                return self.class(class);
            }
            Stmt::FunctionDef(function) => {
                self.name(function, &function.name);
                for default in function.parameters.iter_non_variadic_params() {
                    if let Some(default) = &default.default {
                        self.visit_expr(default);
                    }
                }
                self.signature(function);
                let outer = (self.in_class_body, self.in_function);
                (self.in_class_body, self.in_function) = (false, true);
                visitor::walk_stmt(self, stmt);
                (self.in_class_body, self.in_function) = outer;
                return;
            }
            Stmt::Match(_) => self.refuse(stmt, "match statements"),
            Stmt::TypeAlias(_) => self.refuse(stmt, "type statements"),
            Stmt::Try(attempt) if attempt.is_star => self.refuse(stmt, "exception groups"),
            Stmt::Try(attempt) => self.handlers(attempt),
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    match target {
                        Expr::Subscript(_) => {}
                        Expr::Attribute(_) => self.refuse(stmt, "del of an attribute"),
                        _ => self.refuse(stmt, "del of a name"),
                    }
                }
            }
            Stmt::Assign(assignment)
                if self.names.is_flag(&assignment.value)
                    && assignment.targets.iter().any(is_result) =>
            {
                self.refuse(stmt, "the text of flags of regular expressions");
            }
            Stmt::If(choice) => {
                self.test(&choice.test);
                let clauses = choice.elif_else_clauses.iter();
                let tests = clauses.filter_map(|clause| clause.test.as_ref());
                tests.for_each(|tested| self.test(tested));
            }
            Stmt::For(each) => {
                if each.is_async {
                    self.refuse(stmt, "async for");
                }
                self.reads(&each.iter);
                self.loop_target(&each.target);
            }
            Stmt::With(with) => {
                if with.is_async {
                    self.refuse(stmt, "async with");
                }
                for item in &with.items {
                    if let Some(target) = &item.optional_vars {
                        self.loop_target(target);
                    }
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let module = alias.name.as_str();
                    if module != "os.path" {
                        self.module(import, module);
                    } else if alias.asname.is_some()
                        && self.allowed.iter().any(|allowed| allowed == "os")
                    {
                        self.refuse(import, "the module os.path");
                    }
                }
            }
            Stmt::ImportFrom(import) if import.level == 0 => {
                let module = import.module.as_ref().map_or("", |name| name.as_str());
                if module == "__future__" {
                    self.future(import);
                }
                self.module(import, module);
                if self.allowed.iter().any(|allowed| allowed == module) {
                    for alias in &import.names {
                        if alias.name.as_str() == "*" {
                            self.refuse(import, "from ... import *");
                        } else if unsupported::is_module(module) {
                            self.member(import, module, &alias.name);
                        }
                    }
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        // Those of variables of a function are not evaluated.
        if !self.names.has_future_annotations() && !self.in_function {
            self.annotation(annotation);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        self.environ(expr);
        match expr {
            Expr::Name(name) => {
                self.name(name, &name.id);
                if name.ctx == ExprContext::Load {
                    self.load(name);
                }
            }
            Expr::Attribute(attribute) => self.attribute(attribute),
            Expr::StringLiteral(text) => self.text(text),
            Expr::Subscript(item) => self.slice(item),
            Expr::Call(call) => self.call(call),
            Expr::Compare(comparison) => {
                self.test(expr);
                self.comparison(comparison);
            }
            Expr::If(choice) => self.test(&choice.test),
            Expr::Named(_) if self.in_generator => {
                self.refuse(expr, "assignment expressions in generator expressions");
            }
            Expr::Yield(_) | Expr::YieldFrom(_) => self.refuse(expr, "yield"),
            Expr::Await(_) => self.refuse(expr, "await"),
            Expr::TString(_) => self.refuse(expr, "template strings"),
            Expr::NumberLiteral(number) if number.value.is_complex() => {
                self.refuse(expr, "complex numbers");
            }
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_)
                if self.in_class_body =>
            {
                self.refuse(expr, "comprehensions in a class body");
            }
            Expr::Lambda(_) => {
                let outer = std::mem::replace(&mut self.in_class_body, false);
                visitor::walk_expr(self, expr);
                self.in_class_body = outer;
                return;
            }
            _ => {}
        }
        if let Expr::Generator(generator) = expr {
            self.generator(generator);
            let outer = std::mem::replace(&mut self.in_generator, true);
            visitor::walk_expr(self, expr);
            self.in_generator = outer;
            return;
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_parameter(&mut self, parameter: &'a ast::Parameter) {
        self.name(parameter, &parameter.name);
    }

    fn visit_keyword(&mut self, keyword: &'a ast::Keyword) {
        if let Some(name) = &keyword.arg {
            self.name(keyword, name);
        }
        visitor::walk_keyword(self, keyword);
    }

    fn visit_comprehension(&mut self, clause: &'a ast::Comprehension) {
        if clause.is_async {
            self.refuse(&clause.target, "async comprehensions");
        }
        self.reads(&clause.iter);
        self.loop_target(&clause.target);
        visitor::walk_comprehension(self, clause);
    }

    fn visit_interpolated_string_element(&mut self, element: &'a ast::InterpolatedStringElement) {
        if let Some(part) = element.as_interpolation() {
            if part.conversion == ast::ConversionFlag::Repr || part.debug_text.is_some() {
                self.shows_arguments = true;
            }
            if self.names.is_flag(&part.expression) {
                self.refuse(part, "the text of flags of regular expressions");
            }
            if let Some(spec) = &part.format_spec {
                let is_name = part.expression.is_name_expr();
                for literal in spec.elements.literals() {
                    let literal = if is_name {
                        literal.value.replace("%f", "")
                    } else {
                        literal.value.to_string()
                    };
                    if let Some(letter) = unsupported::time_directive(&literal) {
                        self.refuse(part, format!("the time directive %{letter}"));
                    }
                }
            }
        }
        visitor::walk_interpolated_string_element(self, element);
    }
}

impl<'a> RefusalSearch<'a> {
    /// Targets of loops and `with`, which cannot become calls.
    fn loop_target(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(_) => {}
            Expr::Tuple(ast::ExprTuple { elts, .. }) | Expr::List(ast::ExprList { elts, .. }) => {
                elts.iter().for_each(|part| self.loop_target(part));
            }
            Expr::Starred(starred) => self.loop_target(&starred.value),
            other => self.refuse(other, "loop and with targets other than names"),
        }
    }
}

/// Whether a statement of a `finally` clause may end the exception: `break` and `continue` of its own
/// loops do not.
fn leaves(stmt: &Stmt, in_loop: bool) -> bool {
    let any = |body: &[Stmt], in_loop| body.iter().any(|stmt| leaves(stmt, in_loop));
    match stmt {
        Stmt::Return(_) => true,
        Stmt::Break(_) | Stmt::Continue(_) => !in_loop,
        Stmt::For(ast::StmtFor { body, orelse, .. })
        | Stmt::While(ast::StmtWhile { body, orelse, .. }) => {
            any(body, true) || any(orelse, in_loop)
        }
        Stmt::If(choice) => {
            let mut clauses = choice.elif_else_clauses.iter();
            any(&choice.body, in_loop) || clauses.any(|clause| any(&clause.body, in_loop))
        }
        Stmt::With(with) => any(&with.body, in_loop),
        Stmt::Try(attempt) => {
            let mut handlers = attempt.handlers.iter();
            let ast::StmtTry {
                body,
                orelse,
                finalbody,
                ..
            } = attempt;
            [body, orelse, finalbody]
                .iter()
                .any(|body| any(body, in_loop))
                || handlers
                    .any(|ast::ExceptHandler::ExceptHandler(handler)| any(&handler.body, in_loop))
        }
        _ => false,
    }
}

fn is_result(target: &Expr) -> bool {
    target
        .as_name_expr()
        .is_some_and(|name| name.id.as_str() == "result")
}

/// `range(...)`
fn is_range(call: &ast::ExprCall, names: &SourceNames<'_>) -> bool {
    let name = call.func.as_name_expr();
    name.is_some_and(|name| name.id.as_str() == "range" && names.is_builtin("range"))
}

/// Whether a literal has an escape such as `\ud800`.
fn has_surrogate(written: &str) -> bool {
    written.match_indices("\\u").any(|(at, _)| {
        let before = &written.as_bytes()[..at];
        let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\');
        let digits = written.get(at + 2..at + 6).unwrap_or_default();
        let code = u16::from_str_radix(digits, 16).unwrap_or_default();
        backslashes.count() % 2 == 0 && (0xd800..0xe000).contains(&code)
    })
}

/// Whether an operand is a number or a str by its syntax.
fn is_literal(side: &Expr) -> bool {
    match side {
        Expr::NumberLiteral(_)
        | Expr::StringLiteral(_)
        | Expr::FString(_)
        | Expr::NoneLiteral(_) => true,
        Expr::BinOp(operation) => is_literal(&operation.left),
        _ => false,
    }
}

fn makes_function(element: &Expr) -> bool {
    match element {
        Expr::Lambda(_) | Expr::Generator(_) => true,
        Expr::Tuple(tuple) => tuple.elts.iter().any(makes_function),
        Expr::List(list) => list.elts.iter().any(makes_function),
        _ => false,
    }
}
