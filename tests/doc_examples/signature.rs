//! The declaration of an item as one line, from rustdoc's JSON.

use serde_json::Value;

use crate::json::{Crate, Item, id, ids};
use crate::type_text::{TypeText, join, list, qualifiers, text};

/// Renders the declarations of one crate.
pub(crate) struct Signatures<'a> {
    krate: &'a Crate,
    types: TypeText<'a>,
}

impl<'a> Signatures<'a> {
    pub(crate) fn new(krate: &'a Crate) -> Self {
        let root = krate.index.get(&krate.root);
        let own_crate = root.and_then(|root| root.name.as_deref());
        let types = TypeText {
            paths: &krate.paths,
            own_crate: own_crate.unwrap_or_default(),
        };
        Self { krate, types }
    }

    /// The declaration of an item under a name, without what is declared inside.
    pub(crate) fn declaration(&self, item: &Item, name: &str) -> String {
        let (kind, inner) = item.inner();
        let visible = if item.is_public() { "pub " } else { "" };
        let generics = &inner["generics"];
        let (params, conditions) = (self.params(generics), self.conditions(generics));
        let unsafe_word = if inner["is_unsafe"] == true {
            "unsafe "
        } else {
            ""
        };
        let declared = match kind {
            "function" => {
                let signature = &inner["sig"];
                let inputs = list(&signature["inputs"]).iter();
                let inputs = join(inputs.map(|input| self.input(input)), ", ");
                let output = self.types.output(&signature["output"]);
                let qualifiers = qualifiers(&inner["header"]);
                // Only the functions of traits can have no body; only theirs are not `pub`.
                let body = if !item.is_public() && inner["has_body"] == true {
                    " { .. }"
                } else {
                    ""
                };
                format!(
                    "{visible}{qualifiers}fn {name}{params}({inputs}){output}{conditions}{body}"
                )
            }
            "struct" => {
                let hidden = hidden_fields(&inner["kind"]);
                format!("{visible}struct {name}{params}{hidden}{conditions}")
            }
            "struct_field" => format!("{visible}{name}: {}", self.types.render(inner)),
            "enum" | "union" => format!("{visible}{kind} {name}{params}{conditions}"),
            "variant" => name.to_owned() + &self.variant(inner),
            "trait" => {
                let bounds = prefixed(": ", &self.types.bounds(&inner["bounds"]));
                format!("{visible}{unsafe_word}trait {name}{params}{bounds}{conditions}")
            }
            "assoc_const" => {
                let is_default = !item.is_public() && !inner["value"].is_null();
                let default = if !is_default { "" } else { " = .." };
                format!(
                    "{visible}const {name}: {}{default}",
                    self.types.render(&inner["type"])
                )
            }
            "assoc_type" => self.associated_type(inner, name),
            "constant" => {
                let r#type = self.types.render(&inner["type"]);
                let value = prefixed(" = ", text(&inner["const"]["value"]));
                format!("{visible}const {name}: {type}{value}")
            }
            "static" => {
                let mutable = if inner["is_mutable"] == true {
                    "mut "
                } else {
                    ""
                };
                let r#type = self.types.render(&inner["type"]);
                format!("{visible}{unsafe_word}static {mutable}{name}: {type}")
            }
            "type_alias" => {
                let r#type = self.types.render(&inner["type"]);
                format!("{visible}type {name}{params} = {type}{conditions}")
            }
            "macro" => format!("macro_rules! {name}"),
            "proc_macro" => match text(&inner["kind"]) {
                "attr" => format!("#[{name}]"),
                "derive" => format!("#[derive({name})]"),
                _ => format!("{name}!"),
            },
            other => panic!("rustdoc's JSON has an item of kind `{other}`: render it here"),
        };
        attributes(item) + &declared
    }

    /// `impl<..> Trait for Type` with the associated types, or `impl<..> Type`.
    pub(crate) fn implementation(&self, inner: &Value) -> String {
        let (params, conditions) = (
            self.params(&inner["generics"]),
            self.conditions(&inner["generics"]),
        );
        let unsafe_word = if inner["is_unsafe"] == true {
            "unsafe "
        } else {
            ""
        };
        let r#type = self.types.render(&inner["for"]);
        if inner["trait"].is_null() {
            return format!("impl{params} {type}{conditions}");
        }
        let negative = if inner["is_negative"] == true {
            "!"
        } else {
            ""
        };
        let named = self.types.path(&inner["trait"]);
        let members = ids(&inner["items"]).into_iter();
        let types = members.filter_map(|member| {
            let item = self.krate.index.get(&member)?;
            let (kind, inner) = item.inner();
            let name = item.name.as_deref()?;
            (kind == "assoc_type").then(|| self.associated_type(inner, name))
        });
        let types = match join(types, "; ") {
            types if types.is_empty() => types,
            types => format!(" {{ {types} }}"),
        };
        format!("{unsafe_word}impl{params} {negative}{named} for {type}{conditions}{types}")
    }

    /// Whether the methods of an inherent `impl` need more than the type itself.
    pub(crate) fn has_conditions(&self, inner: &Value) -> bool {
        let generics = &inner["generics"];
        self.params(generics).contains(": ") || !self.conditions(generics).is_empty()
    }

    fn associated_type(&self, inner: &Value, name: &str) -> String {
        let params = self.params(&inner["generics"]);
        let bounds = prefixed(": ", &self.types.bounds(&inner["bounds"]));
        let default = &inner["type"];
        let default = if default.is_null() {
            String::new()
        } else {
            self.types.render(default)
        };
        format!("type {name}{params}{bounds}{}", prefixed(" = ", &default))
    }

    /// `name: Type`, or one of the short forms of `self`.
    fn input(&self, input: &Value) -> String {
        let (name, r#type) = (text(&input[0]), self.types.render(&input[1]));
        match (name, r#type.as_str()) {
            ("self", "Self") => "self".to_owned(),
            ("self", "&Self") => "&self".to_owned(),
            ("self", "&mut Self") => "&mut self".to_owned(),
            _ => format!("{name}: {type}"),
        }
    }

    /// `<'a, T: Bound = Default, const N: usize>`, without the parameters of `impl Trait`.
    fn params(&self, generics: &Value) -> String {
        let params = list(&generics["params"]).iter().filter_map(|param| {
            let (name, kind) = (text(&param["name"]), &param["kind"]);
            if let Some(lifetime) = kind.get("lifetime") {
                let outlives = list(&lifetime["outlives"])
                    .iter()
                    .map(|other| text(other).to_owned());
                return Some(name.to_owned() + &prefixed(": ", &join(outlives, " + ")));
            }
            if let Some(constant) = kind.get("const") {
                let default = prefixed(" = ", text(&constant["default"]));
                return Some(format!(
                    "const {name}: {}{default}",
                    self.types.render(&constant["type"])
                ));
            }
            let r#type = &kind["type"];
            let bounds = prefixed(": ", &self.types.bounds(&r#type["bounds"]));
            let default = &r#type["default"];
            let default = if default.is_null() {
                String::new()
            } else {
                self.types.render(default)
            };
            let default = prefixed(" = ", &default);
            (r#type["is_synthetic"] != true).then(|| format!("{name}{bounds}{default}"))
        });
        match join(params, ", ") {
            params if params.is_empty() => params,
            params => format!("<{params}>"),
        }
    }

    /// ` where ..`, or nothing.
    fn conditions(&self, generics: &Value) -> String {
        let conditions = list(&generics["where_predicates"]).iter().map(|condition| {
            if let Some(bound) = condition.get("bound_predicate") {
                let binder = self.types.binder(&bound["generic_params"]);
                let r#type = self.types.render(&bound["type"]);
                return format!("{binder}{type}: {}", self.types.bounds(&bound["bounds"]));
            }
            let Some(lifetime) = condition.get("lifetime_predicate") else {
                panic!("rustdoc's JSON has another condition: {condition}");
            };
            let outlives = list(&lifetime["outlives"])
                .iter()
                .map(|other| text(other).to_owned());
            format!("{}: {}", text(&lifetime["lifetime"]), join(outlives, " + "))
        });
        prefixed(" where ", &join(conditions, ", "))
    }

    /// The fields of a tuple variant, and a given discriminant.
    fn variant(&self, inner: &Value) -> String {
        let fields = inner["kind"]
            .get("tuple")
            .map_or_else(String::new, |fields| {
                let fields = list(fields).iter().map(|field| {
                    let field = id(field).and_then(|field| self.krate.index.get(&field));
                    field.map_or_else(
                        || "_".to_owned(),
                        |field| self.types.render(field.inner().1),
                    )
                });
                format!("({})", join(fields, ", "))
            });
        fields + &prefixed(" = ", text(&inner["discriminant"]["value"]))
    }
}

/// ` { .. }` or `(..)` for a struct with private fields, which cannot be written as a literal.
fn hidden_fields(kind: &Value) -> &'static str {
    if kind["plain"]["has_stripped_fields"] == true {
        return " { .. }";
    }
    let has_private = list(&kind["tuple"]).iter().any(Value::is_null);
    if has_private { "(..)" } else { "" }
}

/// The attributes that callers notice.
fn attributes(item: &Item) -> String {
    let mut written = String::new();
    if let Some(deprecation) = item.deprecation.as_ref().filter(|given| !given.is_null()) {
        let keys = ["since", "note"].into_iter();
        let given =
            keys.filter_map(|key| Some(format!("{key} = {:?}", deprecation[key].as_str()?)));
        written += &format!("#[deprecated({})] ", join(given, ", "));
    }
    for attribute in &item.attrs {
        if attribute.get("must_use").is_some() {
            written += "#[must_use] ";
        } else if attribute == "non_exhaustive" {
            written += "#[non_exhaustive] ";
        }
    }
    written
}

fn prefixed(prefix: &str, text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{prefix}{text}")
    }
}
