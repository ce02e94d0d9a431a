//! Functions and methods that have a polyfill.

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
