//! Functions in Python that a rewritten source calls, loaded by need.

/// One file of functions and how the names of its functions begin or read.
struct Fragment {
    source: &'static str,
    functions: &'static [&'static str],
}

/// In the order in which they are loaded: later ones may use earlier ones.
const FRAGMENTS: [Fragment; 15] = [
    Fragment {
        source: include_str!("polyfills/refusal.py"),
        functions: &["__engine_refuse__", "__engine_handles__"],
    },
    Fragment {
        source: include_str!("polyfills/numbers.py"),
        functions: &[
            "__engine_int__",
            "__engine_div__",
            "__engine_floordiv__",
            "__engine_mod__",
            "__engine_float__",
            "divmod",
            "__engine_key__",
            "__engine_keys__",
            "__engine_pairs__",
            "__engine_update__",
            "__engine_pow__",
            "__engine_not_nan__",
            "__engine_compared_float__",
            "__engine_hash__",
            "__engine_maxsize__",
            "__engine_m_is_integer__",
            "__engine_m_bit_count__",
            "__engine_m_bit_length__",
            "pow",
            "round",
            "sum",
            "hash",
        ],
    },
    Fragment {
        source: include_str!("polyfills/percent.py"),
        functions: &["__engine_percent__"],
    },
    Fragment {
        source: include_str!("polyfills/assignments.py"),
        functions: &[
            "__engine_item__",
            "__engine_attr__",
            "__engine_aug_item__",
            "__engine_aug_attr__",
            "__engine_iadd__",
            "__engine_isub__",
            "__engine_imul__",
            "__engine_idiv__",
            "__engine_ifloordiv__",
            "__engine_imod__",
            "__engine_ipow__",
            "__engine_ilshift__",
            "__engine_irshift__",
            "__engine_ior__",
            "__engine_iand__",
            "__engine_ixor__",
            "__engine_del_item__",
            "__engine_del_slice__",
            "__engine_set_slice__",
            "__engine_set_item__",
            "__engine_set_attr__",
            "__engine_merge__",
            "__engine_class_of__",
            "setattr",
        ],
    },
    Fragment {
        source: include_str!("polyfills/iterators.py"),
        functions: &[
            "__engine_generator__",
            "map",
            "filter",
            "zip",
            "enumerate",
            "reversed",
        ],
    },
    Fragment {
        source: include_str!("polyfills/sets.py"),
        functions: &[
            "__engine_ordered__",
            "__engine_show__",
            "__engine_pop__",
            "__engine_m_difference_update__",
            "__engine_m_intersection_update__",
            "__engine_m_symmetric_difference_update__",
            "__engine_lt__",
            "__engine_le__",
            "__engine_gt__",
            "__engine_ge__",
        ],
    },
    Fragment {
        source: include_str!("polyfills/values.py"),
        functions: &[
            "__engine_method__",
            "__engine_of__",
            "__engine_exception__",
            "__engine_m_format__",
            "__engine_m_format_map__",
            "__engine_m_index__",
            "__engine_formatted__",
            "__engine_undated__",
            "__engine_path__",
            "__engine_m_joinpath__",
            "__engine_m_with_name__",
            "__engine_m_with_suffix__",
            "__engine_m__replace__",
            "__engine_m_center__",
            "__engine_m_splitlines__",
            "__engine_m_title__",
            "__engine_m_capitalize__",
            "__engine_spaced__",
            "__engine_m_find__",
            "__engine_m_rfind__",
            "__engine_m_rindex__",
            "__engine_m_count__",
            "__engine_m_startswith__",
            "__engine_m_endswith__",
            "__engine_m_isalpha__",
            "__engine_m_isalnum__",
            "__engine_m_isdecimal__",
            "__engine_m_isdigit__",
            "__engine_m_isnumeric__",
            "__engine_m_istitle__",
            "chr",
            "ascii",
            "format",
            "callable",
            "hasattr",
            "getattr",
        ],
    },
    Fragment {
        source: include_str!("polyfills/modules.py"),
        functions: &[
            "__engine_re_split__",
            "__engine_re_sub__",
            "__engine_re_subn__",
            "__engine_re_findall__",
            "__engine_re_finditer__",
            "__engine_re_search__",
            "__engine_re_match__",
            "__engine_re_fullmatch__",
            "__engine_re_compile__",
            "__engine_json_loads__",
            "__engine_json_default__",
            "__engine_base64_text__",
            "__engine_re_X__",
            "__engine_wraps__",
        ],
    },
    Fragment {
        source: include_str!("polyfills/math.py"),
        functions: &[
            "__engine_math_sqrt__",
            "__engine_math_log__",
            "__engine_math_log2__",
            "__engine_math_log10__",
            "__engine_math_fsum__",
            "__engine_math_prod__",
            "__engine_math_hypot__",
            "__engine_math_isqrt__",
            "__engine_math_gcd__",
            "__engine_math_factorial__",
            "__engine_math_floor__",
            "__engine_math_ceil__",
            "__engine_math_trunc__",
            "__engine_math_fabs__",
            "__engine_math_isnan__",
            "__engine_math_isinf__",
            "__engine_math_isfinite__",
        ],
    },
    Fragment {
        source: include_str!("polyfills/dates.py"),
        functions: &[
            "__engine_delta_mod__",
            "__engine_m_toordinal__",
            "__engine_m_utcnow__",
            "__engine_m_utcoffset__",
            "__engine_m_astimezone__",
            "__engine_m_replace_zone__",
            "__engine_m_fromtimestamp__",
            "__engine_m_strftime__",
            "__engine_m_strptime__",
            "__engine_m_fromisoformat__",
        ],
    },
    Fragment {
        source: include_str!("polyfills/sorting.py"),
        functions: &["__engine_cmp_to_key__"],
    },
    Fragment {
        source: include_str!("polyfills/operators.py"),
        functions: &[
            "__engine_op_add__",
            "__engine_op_sub__",
            "__engine_op_mul__",
            "__engine_op_truediv__",
            "__engine_op_floordiv__",
            "__engine_op_mod__",
            "__engine_op_pow__",
            "__engine_op_neg__",
            "__engine_get_item__",
        ],
    },
    Fragment {
        source: include_str!("polyfills/tools.py"),
        functions: &[
            "__engine_groupby__",
            "__engine_product__",
            "__engine_combinations__",
            "__engine_permutations__",
            "__engine_cache__",
            "__engine_lru_cache__",
        ],
    },
    Fragment {
        source: ERROR_TEXTS,
        functions: &[
            "__engine_caught__",
            "__engine_kept__",
            "__engine_raised__",
            "__engine_updated__",
        ],
    },
    Fragment {
        source: include_str!("polyfills/texts.py"),
        functions: &["__engine_text__", "__engine_name_of__"],
    },
];

/// The functions that give errors the texts of CPython.
pub(super) const ERROR_TEXTS: &str = include_str!("polyfills/error_texts.py");

/// Built-ins that are replaced by functions of the same name.
pub(super) fn builtins() -> impl Iterator<Item = &'static str> {
    let functions = FRAGMENTS.iter().flat_map(|fragment| fragment.functions);
    functions.copied().filter(|name| !name.starts_with("__"))
}

/// The place of `sets.py`.
const SETS: usize = 5;

/// Which files a source needs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Polyfills(u16);

impl Polyfills {
    /// Adds the file of a function; names of other functions add none.
    pub(super) fn add_for(&mut self, function: &str) {
        for (at, fragment) in FRAGMENTS.iter().enumerate() {
            if fragment.functions.contains(&function) {
                self.0 |= 1 << at;
            }
        }
        match function {
            "__engine_imod__" => self.add_for("__engine_percent__"),
            "__engine_percent__" => self.add_for("__engine_int__"),
            "__engine_ifloordiv__" => self.add_for("__engine_floordiv__"),
            "__engine_ior__" => self.add_for("__engine_pairs__"),
            "__engine_idiv__" => self.add_for("__engine_div__"),
            "__engine_ipow__" => self.add_for("__engine_pow__"),
            name if name.starts_with("__engine_op_") => {
                self.add_for("__engine_percent__");
                self.add_for("__engine_floordiv__");
            }
            name if name.starts_with("__engine_math_") => self.add_for("__engine_float__"),
            _ => {}
        }
    }

    /// Whether sets are shown in CPython's order.
    pub(super) fn has_sets(self) -> bool {
        self.0 & (1 << SETS) != 0
    }

    /// The sources to load; the first is needed by every other.
    pub(super) fn sources(self) -> Option<String> {
        if self.0 == 0 {
            return None;
        }
        let mut text = String::new();
        for (at, fragment) in FRAGMENTS.iter().enumerate() {
            if at == 0 || self.0 & (1 << at) != 0 {
                text.push_str(fragment.source);
            }
        }
        Some(text)
    }
}
