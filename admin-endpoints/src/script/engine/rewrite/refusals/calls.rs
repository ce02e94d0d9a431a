//! Calls that are refused.

use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::Ranged as _;

use super::RefusalSearch;
use crate::script::engine::rewrite::{exceptions, known_functions};

impl<'a> RefusalSearch<'a> {
    pub(super) fn call(&mut self, call: &'a ast::ExprCall) {
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
}
