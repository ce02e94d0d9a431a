//! What the names of a source mean: built-ins, modules, and what the script defines.

use std::collections::{HashMap, HashSet};

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Operator, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::special_methods;
use crate::script::engine::polyfills::{self, Polyfills};

/// Names that a source binds and reads.
#[derive(Default)]
pub(super) struct SourceNames<'a> {
    bound: HashSet<&'a str>,
    loaded: HashSet<&'a str>,
    /// Attributes and methods that the script itself defines.
    defined: HashSet<&'a str>,
    /// Modules by the name under which they were imported.
    modules: HashMap<&'a str, &'a str>,
    from_modules: HashSet<&'a str>,
    /// Members of modules by the name under which they were imported.
    imported: HashMap<&'a str, &'a str>,
    /// Other names of `Path`.
    path_names: HashSet<&'a str>,
    hash_methods: Vec<TextRange>,
    /// Names of caught exceptions.
    caught: HashSet<&'a str>,
    /// Whether a set may exist.
    pub(super) has_sets: bool,
    /// Whether a live object may exist.
    pub(super) has_live_objects: bool,
    /// Whether a class of the script has operators.
    pub(super) has_operators: bool,
    /// Whether the script catches exceptions.
    pub(super) has_try: bool,
    /// Whether a date or a duration may exist.
    pub(super) has_dates: bool,
    /// Whether keys of a dict may be equal numbers of several types.
    pub(super) has_mixed_keys: bool,
    /// Whether a text may have U+001C to U+001F, which are whitespace in CPython only.
    pub(super) has_separators: bool,
    /// Attributes that are read.
    members: HashSet<&'a str>,
    /// Names of ranges.
    ranges: HashSet<&'a str>,
    /// Names of flags of regular expressions.
    flags: HashSet<&'a str>,
    /// Whether an infinity may exist, of which arithmetic makes nan.
    pub(super) has_infinity: bool,
    /// Whether a name becomes a value that contains what the name was, as in `node = {"next": node}`.
    nests_values: bool,
    has_classes: bool,
    /// Whether an exception may end an iteration.
    pub(super) has_stops: bool,
    /// Whether a named tuple may exist.
    pub(super) has_records: bool,
    /// Whether a `Counter` may exist.
    pub(super) has_counters: bool,
    /// Whether a path may exist.
    pub(super) has_paths: bool,
    /// Functions of the script.
    functions: HashSet<&'a str>,
    /// Where names are called.
    called: HashSet<TextSize>,
    /// Names that are read otherwise.
    read: HashSet<&'a str>,
    /// Whether a text may be one that the engine writes in another way, and the script reads it.
    pub(super) reads_texts: bool,
    /// Names that are put into another value.
    contained: HashSet<&'a str>,
    /// Names that become another name's value.
    copied: HashSet<&'a str>,
}

impl<'a> SourceNames<'a> {
    pub(super) fn new(body: &'a [Stmt]) -> Self {
        let mut names = Self::default();
        names.visit_body(body);
        let has = |name: &str| names.loaded.contains(name);
        names.has_live_objects = has("app");
        names.has_dates = names.modules.values().any(|module| *module == "datetime")
            || names.from_modules.contains("datetime");
        let mut operators = special_methods::OPERATORS.iter();
        names.has_operators = operators.any(|name| names.defines(name));
        names.has_sets |= has("set") || has("frozenset");
        names.has_mixed_keys |=
            names.has_live_objects || ["float", "round", "sum"].iter().any(|name| has(name));
        names.has_try |= names.has_live_objects;
        names.nests_values |= !names.contained.is_disjoint(&names.copied);
        names.reads_texts = names.nests_values
            || names.has_live_objects
            || names.has_classes
            || !names.functions.is_disjoint(&names.read);
        let has_member = |member: &str| names.imported.values().any(|name| *name == member);
        let reads_member = |member: &str| names.members.contains(member) || has_member(member);
        let stops = ["next", "StopIteration"].iter().any(|name| has(name));
        (
            names.has_stops,
            names.has_records,
            names.has_counters,
            names.has_paths,
        ) = (
            stops || names.members.contains("__next__"),
            reads_member("namedtuple"),
            reads_member("Counter"),
            reads_member("Path"),
        );
        names
    }

    /// Whether a name may be that of a caught exception.
    pub(super) fn may_be_caught(&self, name: &str) -> bool {
        self.caught.contains(name)
    }

    pub(super) fn catches_by_name(&self) -> bool {
        !self.caught.is_empty()
    }

    /// Whether annotations are not evaluated.
    pub(super) fn has_future_annotations(&self) -> bool {
        self.from_modules.contains("__future__") && self.imported.contains_key("annotations")
    }

    /// The member of a module that was imported under a name.
    pub(super) fn imported(&self, name: &str) -> Option<&'a str> {
        self.imported.get(name).copied()
    }

    /// Whether a name is that of a built-in everywhere.
    pub(super) fn is_builtin(&self, name: &str) -> bool {
        !self.bound.contains(name)
    }

    /// Whether a function of this name is not one of the script.
    pub(super) fn is_plain(&self, name: &str) -> bool {
        self.is_builtin(name) && !self.defines(name)
    }

    pub(super) fn defines(&self, attribute: &str) -> bool {
        self.defined.contains(attribute)
    }

    /// Whether an iterator may exist that is read further after a loop ends.
    pub(super) fn has_iterators(&self) -> bool {
        [
            "iter",
            "next",
            "map",
            "filter",
            "zip",
            "enumerate",
            "reversed",
        ]
        .iter()
        .any(|name| self.loaded.contains(name))
    }

    /// `Path(...)` or `pathlib.Path(...)`
    pub(super) fn is_path(&self, call: &ast::ExprCall) -> bool {
        match &*call.func {
            Expr::Name(name) => {
                self.imported(&name.id) == Some("Path")
                    || self.path_names.contains(name.id.as_str())
            }
            Expr::Attribute(attribute) => attribute.attr.as_str() == "Path",
            _ => false,
        }
    }

    /// `json.dumps(...)`
    pub(super) fn is_json_dumps(&self, call: &ast::ExprCall) -> bool {
        let is_dumps = match &*call.func {
            Expr::Name(name) => name.id.as_str() == "dumps" && !self.is_builtin("dumps"),
            Expr::Attribute(attribute) => attribute.attr.as_str() == "dumps",
            _ => false,
        };
        is_dumps && !self.defines("dumps")
    }

    /// `print(file=sys.stderr)`: what is printed is one text.
    pub(super) fn is_stream_of(&self, keyword: &ast::Keyword, call: &ast::ExprCall) -> bool {
        let mut others = call.arguments.keywords.iter();
        let is_stream = keyword.arg.as_deref() == Some("file")
            && keyword.value.as_attribute_expr().is_some_and(|stream| {
                let owner = stream.value.as_name_expr();
                owner.and_then(|owner| self.module(&owner.id)) == Some("sys")
                    && matches!(stream.attr.as_str(), "stderr" | "stdout")
            });
        is_stream && others.all(|other| !matches!(other.arg.as_deref(), None | Some("flush")))
    }

    /// `re.I`, which the engine shows as a number.
    pub(super) fn is_flag(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Attribute(attribute) => {
                let owner = attribute.value.as_name_expr();
                let module = owner.and_then(|name| self.module(&name.id));
                let name = attribute.attr.as_str();
                module == Some("re") && name.chars().all(|c| c.is_ascii_uppercase())
            }
            Expr::Name(name) => self.flags.contains(name.id.as_str()),
            Expr::BinOp(operation) => {
                self.is_flag(&operation.left) || self.is_flag(&operation.right)
            }
            _ => false,
        }
    }

    pub(super) fn is_range(&self, name: &str) -> bool {
        self.ranges.contains(name)
    }

    pub(super) fn is_in_hash_method(&self, node: &impl Ranged) -> bool {
        let mut methods = self.hash_methods.iter();
        methods.any(|method| method.contains_range(node.range()))
    }

    /// The module that a name is, if it cannot be anything else.
    pub(super) fn module(&self, name: &str) -> Option<&'a str> {
        self.modules.get(name).copied()
    }

    /// The polyfill of `module.function`.
    pub(super) fn module_function(&self, attribute: &ast::ExprAttribute) -> Option<&'static str> {
        let owner = attribute.value.as_name_expr()?;
        function_for(self.module(&owner.id)?, &attribute.attr)
    }

    /// Built-ins whose polyfills have the same name.
    pub(super) fn shadowed_builtins(&self) -> Polyfills {
        let mut polyfills = Polyfills::default();
        for name in polyfills::builtins() {
            if self.loaded.contains(name) {
                polyfills.add_for(name);
            }
        }
        polyfills
    }

    /// A bool that is kept may become a key.
    fn value(&mut self, expr: &Expr) {
        self.has_mixed_keys |= is_truth(expr);
    }

    /// A value that may be nested once more with each turn of a loop.
    fn nesting(&mut self, assignment: &'a ast::StmtAssign) {
        let is_path = match &*assignment.value {
            Expr::Name(name) => self.imported(&name.id) == Some("Path"),
            Expr::Attribute(attribute) => attribute.attr.as_str() == "Path",
            _ => false,
        };
        if is_path && let [Expr::Name(name)] = &*assignment.targets {
            self.path_names.insert(&name.id);
        }
        if let Expr::Name(copied) = &*assignment.value {
            let mut targets = assignment.targets.iter();
            if targets.any(|target| target.is_subscript_expr() || target.is_attribute_expr()) {
                self.contained.insert(&copied.id);
            } else {
                self.copied.insert(&copied.id);
            }
        }
        self.nests_values |= assignment.targets.iter().any(|target| {
            let name = target.as_name_expr();
            name.is_some_and(|name| contains_name(&assignment.value, &name.id))
        });
    }

    fn bind(&mut self, name: &'a str) {
        self.bound.insert(name);
    }

    fn import(&mut self, alias: &'a ast::Alias) {
        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        let name = name.split('.').next().unwrap_or(name);
        let module = match alias.asname {
            Some(_) => alias.name.as_str(),
            None => name,
        };
        self.modules.insert(name, module);
        self.bind(name);
    }
}

impl<'a> Visitor<'a> for SourceNames<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(function) => {
                self.bind(&function.name);
                self.defined.insert(&function.name);
                self.functions.insert(&function.name);
                if function.name.as_str() == "__hash__" {
                    self.hash_methods.push(function.range);
                }
            }
            Stmt::ClassDef(class) => {
                self.has_classes = true;
                self.bind(&class.name);
                for part in &class.body {
                    let target = match part {
                        Stmt::Assign(assignment) => assignment.targets.first(),
                        Stmt::AnnAssign(assignment) => Some(&*assignment.target),
                        _ => None,
                    };
                    if let Some(Expr::Name(name)) = target {
                        self.defined.insert(&name.id);
                    }
                }
            }
            Stmt::Try(_) => self.has_try = true,
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
            Stmt::ImportFrom(import) => {
                self.from_modules.extend(import.module.as_deref());
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.imported.insert(name, &alias.name);
                    self.has_infinity |= alias.name.as_str() == "inf";
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            Stmt::Assign(assignment) => {
                self.value(&assignment.value);
                self.nesting(assignment);
                if let ([Expr::Name(target)], Expr::Lambda(_)) =
                    (&*assignment.targets, &*assignment.value)
                {
                    self.functions.insert(&target.id);
                }
                if let [Expr::Name(target)] = &*assignment.targets
                    && self.is_flag(&assignment.value)
                {
                    self.flags.insert(&target.id);
                }
                if let ([Expr::Name(target)], Expr::Call(call)) =
                    (&*assignment.targets, &*assignment.value)
                    && let Expr::Name(called) = &*call.func
                    && called.id.as_str() == "range"
                {
                    self.ranges.insert(&target.id);
                }
            }
            Stmt::AnnAssign(ast::StmtAnnAssign { value, .. })
            | Stmt::Return(ast::StmtReturn { value, .. }) => {
                if let Some(value) = value {
                    self.value(value);
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::BooleanLiteral(_) => self.has_mixed_keys = true,
            Expr::NumberLiteral(number) => {
                if let ast::Number::Float(value) = number.value {
                    self.has_mixed_keys = true;
                    self.has_infinity |= value.is_infinite();
                }
            }
            Expr::StringLiteral(text) => {
                let separators = '\x1c'..='\x1f';
                self.has_separators |= text.value.chars().any(|c| separators.contains(&c));
                let text = text.value.to_str().trim().to_ascii_lowercase();
                let text = text.trim_start_matches(['+', '-']);
                self.has_infinity |= text == "inf" || text == "infinity";
            }
            Expr::Attribute(attribute)
                if matches!(attribute.attr.as_str(), "inf" | "loads" | "total_seconds") =>
            {
                self.has_mixed_keys = true;
                self.has_infinity |= attribute.attr.as_str() == "inf";
            }
            Expr::BinOp(operation) if operation.op == Operator::Div => self.has_mixed_keys = true,
            Expr::Lambda(lambda) => self.value(&lambda.body),
            Expr::Subscript(item) => self.value(&item.slice),
            Expr::List(ast::ExprList { elts, .. })
            | Expr::Tuple(ast::ExprTuple { elts, .. })
            | Expr::Set(ast::ExprSet { elts, .. }) => {
                elts.iter().for_each(|element| self.value(element));
            }
            Expr::ListComp(ast::ExprListComp { elt, .. })
            | Expr::Generator(ast::ExprGenerator { elt, .. }) => self.value(elt),
            Expr::DictComp(made) => {
                if let Some(key) = made.key.as_deref() {
                    self.value(key);
                }
                self.value(&made.value);
            }
            Expr::Call(call) => {
                call.arguments.args.iter().for_each(|arg| self.value(arg));
                if let Expr::Attribute(method) = &*call.func
                    && matches!(
                        method.attr.as_str(),
                        "append" | "insert" | "appendleft" | "add"
                    )
                    && let Some(Expr::Name(added)) = call.arguments.args.last()
                {
                    let owner = method.value.as_name_expr();
                    self.nests_values |= owner.is_some_and(|owner| owner.id == added.id);
                    self.contained.insert(&added.id);
                }
            }
            _ => {}
        }
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Load => {
                self.loaded.insert(&name.id);
                if !self.called.contains(&name.start()) {
                    self.read.insert(&name.id);
                }
            }
            Expr::Call(call) => {
                self.called.insert(call.func.start());
            }
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Load => {
                self.members.insert(&attribute.attr);
            }
            Expr::Name(name) => self.bind(&name.id),
            Expr::Attribute(attribute) if attribute.ctx != ExprContext::Load => {
                self.defined.insert(&attribute.attr);
            }
            Expr::Set(_) | Expr::SetComp(_) => self.has_sets = true,
            Expr::BinOp(operation) => {
                let makes_sets = matches!(
                    operation.op,
                    Operator::BitAnd | Operator::BitOr | Operator::BitXor | Operator::Sub
                );
                self.has_sets |= makes_sets
                    && [&operation.left, &operation.right]
                        .into_iter()
                        .any(|side| is_view(side));
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_parameter(&mut self, parameter: &'a ast::Parameter) {
        self.bind(&parameter.name);
        visitor::walk_parameter(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ast::ExceptHandler) {
        let ast::ExceptHandler::ExceptHandler(caught) = handler;
        if let Some(name) = &caught.name {
            self.bind(name);
            self.caught.insert(name);
        }
        visitor::walk_except_handler(self, handler);
    }
}

/// Whether a display, or a call with arguments, has a name in it.
fn contains_name(value: &Expr, name: &str) -> bool {
    let has_name = |element: &Expr| match element {
        Expr::Name(element) => element.id.as_str() == name,
        element => contains_name(element, name),
    };
    match value {
        Expr::List(ast::ExprList { elts, .. }) | Expr::Tuple(ast::ExprTuple { elts, .. }) => {
            elts.iter().any(has_name)
        }
        Expr::Dict(dict) => dict.items.iter().any(|item| has_name(&item.value)),
        Expr::Call(call) if makes_container(&call.func) => {
            let mut keywords = call.arguments.keywords.iter();
            call.arguments.args.iter().any(has_name)
                || keywords.any(|keyword| has_name(&keyword.value))
        }
        _ => false,
    }
}

/// Whether a call makes a value that shows its arguments: a class is named with a capital letter.
fn makes_container(called: &Expr) -> bool {
    called.as_name_expr().is_some_and(|name| {
        let name = name.id.as_str();
        matches!(name, "dict" | "list" | "tuple" | "deque") || name.starts_with(char::is_uppercase)
    })
}

/// `d.keys()` or `d.items()`.
fn is_view(expr: &Expr) -> bool {
    let called = expr
        .as_call_expr()
        .and_then(|call| call.func.as_attribute_expr());
    called.is_some_and(|method| matches!(method.attr.as_str(), "keys" | "items"))
}

/// Whether a value is a bool by its syntax.
pub(super) fn is_truth(expr: &Expr) -> bool {
    match expr {
        Expr::Compare(_) | Expr::BooleanLiteral(_) => true,
        Expr::UnaryOp(operation) => operation.op == ast::UnaryOp::Not,
        Expr::BoolOp(operation) => operation.values.iter().any(is_truth),
        Expr::If(choice) => is_truth(&choice.body) || is_truth(&choice.orelse),
        Expr::BinOp(operation) => {
            matches!(
                operation.op,
                Operator::BitAnd | Operator::BitOr | Operator::BitXor
            ) && (is_truth(&operation.left) || is_truth(&operation.right))
        }
        Expr::Call(call) => {
            let name = match &*call.func {
                Expr::Name(name) => name.id.as_str(),
                Expr::Attribute(attribute) => attribute.attr.as_str(),
                _ => return false,
            };
            matches!(
                name,
                "bool"
                    | "any"
                    | "all"
                    | "isinstance"
                    | "callable"
                    | "hasattr"
                    | "startswith"
                    | "endswith"
                    | "issubset"
                    | "issuperset"
                    | "isdisjoint"
                    | "is_integer"
            ) || (name.starts_with("is") && expr.is_call_expr() && is_text_test(name))
        }
        Expr::Named(named) => is_truth(&named.value),
        _ => false,
    }
}

/// Functions of modules that have a polyfill.
pub(super) fn function_for(module: &str, name: &str) -> Option<&'static str> {
    Some(match (module, name) {
        ("re", "split") => "__engine_re_split__",
        ("re", "sub") => "__engine_re_sub__",
        ("re", "subn") => "__engine_re_subn__",
        ("re", "findall") => "__engine_re_findall__",
        ("re", "finditer") => "__engine_re_finditer__",
        ("re", "search") => "__engine_re_search__",
        ("re", "match") => "__engine_re_match__",
        ("re", "fullmatch") => "__engine_re_fullmatch__",
        ("re", "compile") => "__engine_re_compile__",
        ("json", "loads") => "__engine_json_loads__",
        ("itertools", "groupby") => "__engine_groupby__",
        ("itertools", "product") => "__engine_product__",
        ("itertools", "combinations") => "__engine_combinations__",
        ("itertools", "permutations") => "__engine_permutations__",
        ("functools", "cache") => "__engine_cache__",
        ("functools", "lru_cache") => "__engine_lru_cache__",
        ("functools", "wraps") => "__engine_wraps__",
        ("functools", "cmp_to_key") => "__engine_cmp_to_key__",
        ("math", "sqrt") => "__engine_math_sqrt__",
        ("math", "log") => "__engine_math_log__",
        ("math", "log2") => "__engine_math_log2__",
        ("math", "log10") => "__engine_math_log10__",
        ("math", "fsum") => "__engine_math_fsum__",
        ("math", "prod") => "__engine_math_prod__",
        ("math", "factorial") => "__engine_math_factorial__",
        ("math", "floor") => "__engine_math_floor__",
        ("math", "ceil") => "__engine_math_ceil__",
        ("math", "trunc") => "__engine_math_trunc__",
        ("math", "fabs") => "__engine_math_fabs__",
        ("math", "isnan") => "__engine_math_isnan__",
        ("math", "isinf") => "__engine_math_isinf__",
        ("math", "isfinite") => "__engine_math_isfinite__",
        ("math", "gcd") => "__engine_math_gcd__",
        ("math", "isqrt") => "__engine_math_isqrt__",
        ("math", "hypot") => "__engine_math_hypot__",
        ("sys", "maxsize") => "__engine_maxsize__",
        ("re", "X" | "VERBOSE") => "__engine_re_X__",
        _ => return None,
    })
}

/// The polyfill of a method of a class, which may be used as a value.
pub(super) fn class_method_function(name: &str) -> Option<&'static str> {
    method_function(name).filter(|_| matches!(name, "fromisoformat" | "strptime"))
}

/// The polyfill of a method of a built-in value.
pub(super) fn method_function(name: &str) -> Option<&'static str> {
    Some(match name {
        "astimezone" => "__engine_m_astimezone__",
        "capitalize" => "__engine_m_capitalize__",
        "center" => "__engine_m_center__",
        "bit_count" => "__engine_m_bit_count__",
        "bit_length" => "__engine_m_bit_length__",
        "difference_update" => "__engine_m_difference_update__",
        "intersection_update" => "__engine_m_intersection_update__",
        "symmetric_difference_update" => "__engine_m_symmetric_difference_update__",
        "toordinal" => "__engine_m_toordinal__",
        "utcnow" => "__engine_m_utcnow__",
        "index" => "__engine_m_index__",
        "format" => "__engine_m_format__",
        "format_map" => "__engine_m_format_map__",
        "_replace" => "__engine_m__replace__",
        "fromtimestamp" => "__engine_m_fromtimestamp__",
        "is_integer" => "__engine_m_is_integer__",
        "isalnum" => "__engine_m_isalnum__",
        "isalpha" => "__engine_m_isalpha__",
        "isdecimal" => "__engine_m_isdecimal__",
        "isdigit" => "__engine_m_isdigit__",
        "isnumeric" => "__engine_m_isnumeric__",
        "istitle" => "__engine_m_istitle__",
        "joinpath" => "__engine_m_joinpath__",
        "splitlines" => "__engine_m_splitlines__",
        "with_name" => "__engine_m_with_name__",
        "with_suffix" => "__engine_m_with_suffix__",
        "title" => "__engine_m_title__",
        "strftime" => "__engine_m_strftime__",
        "strptime" => "__engine_m_strptime__",
        "fromisoformat" => "__engine_m_fromisoformat__",
        "utcoffset" => "__engine_m_utcoffset__",
        _ => return None,
    })
}

/// The polyfill of a method that is called with bounds.
pub(super) fn bounded_method_function(name: &str) -> Option<&'static str> {
    Some(match name {
        "count" => "__engine_m_count__",
        "endswith" => "__engine_m_endswith__",
        "find" => "__engine_m_find__",
        "rfind" => "__engine_m_rfind__",
        "rindex" => "__engine_m_rindex__",
        "startswith" => "__engine_m_startswith__",
        _ => return None,
    })
}

/// Methods that read whitespace where they have no argument.
pub(super) fn reads_whitespace(method: &str) -> bool {
    matches!(
        method,
        "isspace" | "lstrip" | "rsplit" | "rstrip" | "split" | "strip"
    )
}

/// Methods of sets that take one set in the engine.
pub(super) fn joins_sets(method: &str) -> bool {
    matches!(method, "difference" | "intersection" | "union")
}

/// Functions and methods that read all of their argument at once.
pub(super) fn consumes(function: &str) -> bool {
    matches!(
        function,
        "list"
            | "tuple"
            | "set"
            | "frozenset"
            | "dict"
            | "sorted"
            | "sum"
            | "min"
            | "max"
            | "join"
            | "extend"
            | "update"
            | "fsum"
            | "Counter"
            | "deque"
            | "prod"
    )
}

/// Functions whose result shows the order of a set.
pub(super) fn reads_order(function: &str) -> bool {
    matches!(
        function,
        "list"
            | "tuple"
            | "enumerate"
            | "zip"
            | "map"
            | "filter"
            | "iter"
            | "join"
            | "extend"
            | "fromkeys"
            | "deque"
            | "extendleft"
            | "Counter"
            | "dict"
            | "chain"
            | "islice"
            | "reduce"
            | "accumulate"
            | "combinations"
            | "compress"
            | "cycle"
            | "dropwhile"
            | "filterfalse"
            | "groupby"
            | "pairwise"
            | "permutations"
            | "product"
            | "takewhile"
            | "zip_longest"
            | "_make"
    )
}

pub(super) fn decodes_base64(function: &str) -> bool {
    matches!(
        function,
        "b64decode" | "urlsafe_b64decode" | "standard_b64decode" | "a2b_base64"
    )
}

/// Functions that turn their arguments into text.
pub(super) fn shows(function: &str) -> bool {
    matches!(
        function,
        "str" | "repr" | "ascii" | "print" | "format" | "format_map" | "exit"
    )
}

pub(super) fn has_methods(builtin: &str) -> bool {
    matches!(
        builtin,
        "str" | "list" | "dict" | "set" | "bytes" | "int" | "float" | "tuple" | "frozenset"
    )
}

/// Methods of built-in types that scripts use as values.
pub(super) fn is_bound_method_name(name: &str) -> bool {
    const NAMES: [&str; 60] = [
        "add",
        "append",
        "capitalize",
        "center",
        "clear",
        "copy",
        "count",
        "decode",
        "difference",
        "discard",
        "encode",
        "endswith",
        "extend",
        "find",
        "get",
        "index",
        "insert",
        "intersection",
        "isalnum",
        "isalpha",
        "isdigit",
        "islower",
        "isspace",
        "issubset",
        "issuperset",
        "isupper",
        "items",
        "join",
        "keys",
        "ljust",
        "lower",
        "lstrip",
        "most_common",
        "partition",
        "pop",
        "popitem",
        "popleft",
        "remove",
        "removeprefix",
        "removesuffix",
        "replace",
        "reverse",
        "rfind",
        "rjust",
        "rpartition",
        "rsplit",
        "rstrip",
        "setdefault",
        "sort",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "union",
        "update",
        "upper",
        "values",
        "zfill",
    ];
    NAMES.binary_search(&name).is_ok()
}

pub(super) fn is_text_test(name: &str) -> bool {
    matches!(
        name,
        "isalnum"
            | "isalpha"
            | "isascii"
            | "isdecimal"
            | "isdigit"
            | "isidentifier"
            | "islower"
            | "isnumeric"
            | "isspace"
            | "istitle"
            | "isupper"
            | "isnan"
            | "isinf"
            | "isfinite"
            | "isclose"
    )
}

/// Exceptions whose text is that of their arguments.
pub(super) fn is_exception(name: &str) -> bool {
    matches!(
        name,
        "ArithmeticError"
            | "AssertionError"
            | "AttributeError"
            | "Exception"
            | "ImportError"
            | "IndexError"
            | "LookupError"
            | "NameError"
            | "NotImplementedError"
            | "OverflowError"
            | "RecursionError"
            | "RuntimeError"
            | "StopIteration"
            | "TypeError"
            | "ValueError"
            | "ZeroDivisionError"
    )
}

/// A statement before which nothing can be evaluated, and which shows nothing by itself.
pub(super) fn is_definition(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_))
}

/// Exceptions that the engine raises only where CPython does.
pub(super) fn is_never_a_lack(caught: &Expr) -> bool {
    match caught {
        Expr::Name(name) => matches!(
            name.id.as_str(),
            "ImportError"
                | "KeyError"
                | "ModuleNotFoundError"
                | "StopIteration"
                | "ZeroDivisionError"
        ),
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_never_a_lack),
        _ => false,
    }
}
