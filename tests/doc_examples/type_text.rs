//! Types, paths and bounds of rustdoc's JSON as Rust writes them.

use std::collections::HashMap;

use serde_json::Value;

use crate::json::{Defined, id};

/// Renders what mentions items of one crate.
pub(crate) struct TypeText<'a> {
    /// Where each item that is mentioned is defined.
    pub(crate) paths: &'a HashMap<u32, Defined>,
    /// The name of the crate, which is left out of paths.
    pub(crate) own_crate: &'a str,
}

impl TypeText<'_> {
    pub(crate) fn render(&self, r#type: &Value) -> String {
        let Some((kind, inner)) = r#type.as_object().and_then(|object| object.iter().next()) else {
            return "_".to_owned();
        };
        match kind.as_str() {
            "resolved_path" => self.path(inner),
            "dyn_trait" => {
                let traits = list(&inner["traits"]).iter().map(|bound| self.bound(bound));
                let lifetime = inner["lifetime"].as_str().map(str::to_owned);
                format!("dyn {}", join(traits.chain(lifetime), " + "))
            }
            "impl_trait" => format!("impl {}", self.bounds(inner)),
            "primitive" if inner == "never" => "!".to_owned(),
            "generic" | "primitive" => text(inner).to_owned(),
            "function_pointer" => {
                let binder = self.binder(&inner["generic_params"]);
                format!(
                    "{binder}{}fn{}",
                    qualifiers(&inner["header"]),
                    self.signature(inner)
                )
            }
            "tuple" => match list(inner) {
                [one] => format!("({},)", self.render(one)),
                types => format!("({})", join(types.iter().map(|one| self.render(one)), ", ")),
            },
            "slice" => format!("[{}]", self.render(inner)),
            "array" => format!("[{}; {}]", self.render(&inner["type"]), text(&inner["len"])),
            "raw_pointer" => {
                let mutability = if inner["is_mutable"] == true {
                    "mut"
                } else {
                    "const"
                };
                format!("*{mutability} {}", self.behind_pointer(&inner["type"]))
            }
            "borrowed_ref" => {
                let lifetime = inner["lifetime"].as_str();
                let lifetime = lifetime.map_or_else(String::new, |name| format!("{name} "));
                let mutability = if inner["is_mutable"] == true {
                    "mut "
                } else {
                    ""
                };
                format!(
                    "&{lifetime}{mutability}{}",
                    self.behind_pointer(&inner["type"])
                )
            }
            "qualified_path" => {
                let (of, name) = (self.render(&inner["self_type"]), text(&inner["name"]));
                let args = self.args(&inner["args"]);
                match self.path(&inner["trait"]) {
                    named if text(&inner["trait"]["path"]).is_empty() || named.is_empty() => {
                        format!("{of}::{name}{args}")
                    }
                    named => format!("<{of} as {named}>::{name}{args}"),
                }
            }
            "infer" => "_".to_owned(),
            other => panic!("rustdoc's JSON has a type of kind `{other}`: render it here"),
        }
    }

    /// `(inputs) -> output` of a function pointer.
    fn signature(&self, pointer: &Value) -> String {
        let inputs = list(&pointer["sig"]["inputs"]).iter();
        let inputs = join(inputs.map(|input| self.render(&input[1])), ", ");
        format!("({inputs}){}", self.output(&pointer["sig"]["output"]))
    }

    pub(crate) fn output(&self, output: &Value) -> String {
        if output.is_null() {
            return String::new();
        }
        format!(" -> {}", self.render(output))
    }

    /// A type behind a pointer: several bounds need parentheses there.
    fn behind_pointer(&self, r#type: &Value) -> String {
        let rendered = self.render(r#type);
        let is_bounds = r#type
            .get("dyn_trait")
            .or_else(|| r#type.get("impl_trait"))
            .is_some();
        if is_bounds && rendered.contains(" + ") {
            format!("({rendered})")
        } else {
            rendered
        }
    }

    /// A path with its arguments: the crate and the name, without `std` and the crate itself.
    pub(crate) fn path(&self, path: &Value) -> String {
        let written = text(&path["path"]).rsplit("::").next().unwrap_or_default();
        let defined = id(&path["id"]).and_then(|id| self.paths.get(&id));
        let name = match defined.map(|defined| defined.path.as_slice()) {
            Some([krate, module, .., name])
                if is_standard(krate) && is_shared(name) && module != "result" =>
            {
                format!("{module}::{name}")
            }
            Some([krate, .., name]) if is_standard(krate) || krate == self.own_crate => {
                name.clone()
            }
            Some([krate, .., name]) => format!("{krate}::{name}"),
            _ => written.to_owned(),
        };
        name + &self.args(&path["args"])
    }

    fn args(&self, args: &Value) -> String {
        if let Some(call) = args.get("parenthesized") {
            let inputs = list(&call["inputs"]).iter().map(|input| self.render(input));
            return format!("({}){}", join(inputs, ", "), self.output(&call["output"]));
        }
        let Some(args) = args.get("angle_bracketed") else {
            return String::new();
        };
        let given = list(&args["args"]).iter().map(|arg| match arg {
            Value::Object(arg) if arg.contains_key("type") => self.render(&arg["type"]),
            Value::Object(arg) if arg.contains_key("const") => {
                text(&arg["const"]["expr"]).to_owned()
            }
            Value::Object(arg) if arg.contains_key("lifetime") => text(&arg["lifetime"]).to_owned(),
            _ => "_".to_owned(),
        });
        let constraints = list(&args["constraints"]).iter().map(|constraint| {
            let name = format!(
                "{}{}",
                text(&constraint["name"]),
                self.args(&constraint["args"])
            );
            let binding = &constraint["binding"];
            match binding.get("equality") {
                Some(term) if term.get("type").is_some() => {
                    format!("{name} = {}", self.render(&term["type"]))
                }
                Some(term) => format!("{name} = {}", text(&term["constant"]["expr"])),
                None => format!("{name}: {}", self.bounds(&binding["constraint"])),
            }
        });
        match join(given.chain(constraints), ", ") {
            inside if inside.is_empty() => inside,
            inside => format!("<{inside}>"),
        }
    }

    pub(crate) fn bounds(&self, bounds: &Value) -> String {
        let one = |bound: &Value| {
            if let Some(lifetime) = bound["outlives"].as_str() {
                return lifetime.to_owned();
            }
            match (bound.get("trait_bound"), bound.get("use")) {
                (Some(bound), _) if bound["modifier"] == "maybe" => {
                    format!("?{}", self.bound(bound))
                }
                (Some(bound), _) => self.bound(bound),
                (None, Some(captured)) => {
                    let names = list(captured)
                        .iter()
                        .filter_map(|name| name["lifetime"].as_str().or(name["param"].as_str()));
                    format!("use<{}>", join(names.map(str::to_owned), ", "))
                }
                (None, None) => panic!("rustdoc's JSON has another bound: {bound}"),
            }
        };
        join(list(bounds).iter().map(one), " + ")
    }

    /// A trait with the lifetimes that it is generic over.
    fn bound(&self, bound: &Value) -> String {
        self.binder(&bound["generic_params"]) + &self.path(&bound["trait"])
    }

    /// `for<'a> `, or nothing.
    pub(crate) fn binder(&self, params: &Value) -> String {
        let names = list(params)
            .iter()
            .map(|param| text(&param["name"]).to_owned());
        match join(names, ", ") {
            names if names.is_empty() => names,
            names => format!("for<{names}> "),
        }
    }
}

/// Whether several modules of the standard library have a type of this name.
fn is_shared(name: &str) -> bool {
    matches!(name, "Error" | "Result")
}

fn is_standard(krate: &str) -> bool {
    matches!(krate, "std" | "core" | "alloc")
}

/// `const `, `async `, `unsafe ` and `extern ".." ` of a function.
pub(crate) fn qualifiers(header: &Value) -> String {
    let mut written = String::new();
    for word in ["const", "async", "unsafe"] {
        if header[format!("is_{word}")] == true {
            written += word;
            written += " ";
        }
    }
    match &header["abi"] {
        Value::String(abi) if abi == "Rust" => {}
        Value::Object(abi) => {
            let name = abi.keys().next().map_or("", String::as_str);
            written += &format!("extern {name:?} ");
        }
        abi => written += &format!("extern {abi} "),
    }
    written
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(crate) fn join(parts: impl Iterator<Item = String>, separator: &str) -> String {
    parts.collect::<Vec<_>>().join(separator)
}
