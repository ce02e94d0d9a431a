//! What functions and methods of Python do, by their names.

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
