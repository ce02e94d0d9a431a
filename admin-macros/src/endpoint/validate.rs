//! Validates the attribute. Only an [`EndpointFunction`] can be expanded, and only this module creates one.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, ExprArray, Ident, LitStr, Path, ReturnType, Signature, Type};

use super::input::EndpointInput;
use super::parse::WrittenEndpoint;
use super::path::{self, PathParameter};
use super::vocabulary::{Effect, ErrorFormat, Method, Runtime};
use crate::args::{Arguments, Key};
use crate::emit::{cfgs, parse_runtime_crate, rust_path};
use crate::errors::Errors;
use crate::literal::error_inside;
use crate::signature::{self, Function, Wording};
use crate::suggest::{did_you_mean, nearest};
use crate::words::{parse_word, word};
use crate::{docs, duration};

/// A valid endpoint.
pub(super) struct EndpointFunction {
    pub(super) method: Method,
    pub(super) path: LitStr,
    pub(super) effect: Effect,
    pub(super) effect_if: Vec<EffectCondition>,
    pub(super) timeout: Option<Duration>,
    pub(super) runs: Runs,
    pub(super) errors: Option<ErrorFormat>,
    /// `produces = ".."`: media types.
    pub(super) produces: Vec<String>,
    /// `deny_unknown = true`.
    pub(super) deny_unknown: bool,
    /// `sensitive = true`.
    pub(super) sensitive: bool,
    /// `status = ".."`.
    pub(super) status: Option<Path>,
    /// `resource = ".."`.
    pub(super) resource: Option<Path>,
    /// `crate = ".."`.
    pub(super) runtime_crate: Option<Path>,
    pub(super) docs: String,
    /// `#[cfg]` of the function.
    pub(super) cfgs: Vec<Attribute>,
    pub(super) name: Ident,
    pub(super) arguments: Vec<EndpointArgument>,
    pub(super) output: Option<Type>,
}

/// Where the function runs.
#[derive(Clone, Copy)]
pub(super) enum Runs {
    /// An `async fn`, on this runtime.
    Async(Runtime),
    /// A `fn`, on the blocking thread pool.
    Blocking,
}

/// A query parameter that raises the effect.
pub(super) struct EffectCondition {
    pub(super) query: LitStr,
    pub(super) effect: Effect,
}

/// One argument of the function.
pub(super) struct EndpointArgument {
    pub(super) name: String,
    /// Whether clients can send a value with this name.
    pub(super) is_named: bool,
    pub(super) docs: String,
    pub(super) place: Place,
    pub(super) default: Option<LitStr>,
    pub(super) cfgs: Vec<Attribute>,
    pub(super) r#type: Type,
}

/// Where an argument comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The n-th parameter of the path.
    Path(usize),
    /// The query, the body or the server, as the type decides.
    Elsewhere,
}

const WORDING: Wording = Wording {
    noun: "an endpoint",
    instead_of_self: "take `state: State<T>`, given by `builder().state(..)`",
    instead_of_impl_return: "write `String`, `Json<T>`, `Response` or `Result<_, AdminError>`",
};

/// A valid status, for error messages.
const STATUS_EXAMPLE: &str =
    "`status = \"ready\"` and `fn ready(request: &RequestContext) -> EndpointStatus`";

/// A valid resource, for error messages.
const RESOURCE_EXAMPLE: &str = "`resource = \"open\"` and \
    `fn open(context: &ResourceContext<'_>) -> Result<File, std::io::Error>`";

/// Checks everything; adds errors and returns `None` if it is not a valid endpoint.
pub(super) fn validate(
    written: WrittenEndpoint,
    function: &Function,
    errors: &mut Errors,
) -> Option<EndpointFunction> {
    let WrittenEndpoint {
        mut settings,
        inputs,
    } = written;
    let signature = &function.signature;
    let method = method_of(&mut settings, errors);
    let (path, parameters) = path_of(&mut settings, signature, errors);
    let arguments = arguments_of(inputs, parameters.as_deref(), errors);
    if let (Some(literal), Some(parameters)) = (&path, &parameters) {
        check_parameters(literal, parameters, &arguments, signature, errors);
    }
    let effect = effect_of(&mut settings, method, errors);
    let effect_if = effects_if(&mut settings, effect, &arguments, errors);
    let timeout = settings.take_text("timeout", errors);
    let timeout = timeout.and_then(|literal| errors.handle(duration::parse(&literal)));
    let runs = runs_of(&mut settings, signature, errors);
    let format = settings.take_text("errors", errors);
    let format = format.and_then(|literal| errors.handle(parse_word(&literal)));
    let produces = produces_of(&mut settings, errors);
    let deny_unknown = settings.take_bool("deny_unknown", errors);
    let sensitive = settings.take_bool("sensitive", errors);
    let status = settings.take_text("status", errors);
    let status =
        status.and_then(|literal| rust_path(&literal, "a function", STATUS_EXAMPLE, errors));
    let resource = settings.take_text("resource", errors);
    let resource =
        resource.and_then(|literal| rust_path(&literal, "a function", RESOURCE_EXAMPLE, errors));
    let runtime_crate = settings.take_text("crate", errors);
    let runtime_crate = runtime_crate.and_then(|literal| parse_runtime_crate(&literal, errors));

    signature::check(signature, &WORDING, errors);

    Some(EndpointFunction {
        method: method?,
        path: path?,
        effect: effect?,
        effect_if,
        timeout,
        runs: runs?,
        errors: format,
        produces,
        deny_unknown: deny_unknown.unwrap_or(false),
        sensitive: sensitive.unwrap_or(false),
        status,
        resource,
        runtime_crate,
        docs: docs::text(&function.attributes),
        cfgs: cfgs(&function.attributes),
        name: signature.ident.clone(),
        arguments,
        output: match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, output) => Some((**output).clone()),
        },
    })
}

/// The media types of the replies; none if the return type tells them.
fn produces_of(settings: &mut Arguments, errors: &mut Errors) -> Vec<String> {
    let Some(literal) = settings.take_text("produces", errors) else {
        return Vec::new();
    };
    let value = literal.value();
    let types: Vec<_> = value.split(',').map(str::trim).collect();
    for media_type in types.iter().filter(|media_type| !is_media_type(media_type)) {
        let message = format!(
            "`{media_type}` is not a media type: write `text/csv`, or `text/plain; charset=utf-8, application/json`"
        );
        errors.at(&literal, message);
    }
    types.into_iter().map(str::to_owned).collect()
}

/// Whether a text is `type/subtype`, with or without parameters.
fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        let is_token_char = |c: char| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c);
        !part.is_empty() && part.chars().all(is_token_char)
    };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().and_then(|essence| essence.split_once('/'));
    essence.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
        && parts.all(|parameter| {
            let parameter = parameter.split_once('=');
            parameter.is_some_and(|(name, value)| is_token(name) && is_token(value))
        })
}

/// The method; `None` if it is invalid, so that the default causes no further errors.
fn method_of(settings: &mut Arguments, errors: &mut Errors) -> Option<Method> {
    if !settings.has("method") {
        return Some(Method::Get);
    }
    if let Some(tokens) = settings.value_tokens("method")
        && syn::parse2::<ExprArray>(tokens.clone()).is_ok()
    {
        let message = "an endpoint has one method: annotate a function for each method, and call \
                       what they share from both";
        errors.at(tokens, message.to_owned());
        return None;
    }
    let literal = settings.take_text("method", errors)?;
    errors.handle(parse_word(&literal))
}

/// The path and, if it is valid, its parameters.
fn path_of(
    settings: &mut Arguments,
    signature: &Signature,
    errors: &mut Errors,
) -> (Option<LitStr>, Option<Vec<PathParameter>>) {
    if !settings.has("path") {
        let name = &signature.ident;
        let message = format!("the path is missing: write `#[admin_endpoint(path = \"/{name}\")]`");
        errors.push(syn::Error::new(proc_macro2::Span::call_site(), message));
        return (None, None);
    }
    let Some(literal) = settings.take_text("path", errors) else {
        return (None, None);
    };
    let has_slash = settings.take_bool("trailing_slash", errors);
    check_trailing_slash(&literal, has_slash.unwrap_or(false), errors);
    let checked = path::parameters(&literal.value())
        .map_err(|wrong| error_inside(&literal, wrong.bytes, wrong.message));
    let parameters = errors.handle(checked);
    (Some(literal), parameters)
}

/// A `/` at the end is another path, which clients rarely ask for: most often it is a mistake.
fn check_trailing_slash(literal: &LitStr, is_wanted: bool, errors: &mut Errors) {
    let path = literal.value();
    let has_slash = path.len() > 1 && path.ends_with('/') && !path.ends_with("//");
    if has_slash && !is_wanted {
        let message =
            "`/` at the end: remove it, or add `trailing_slash = true` if clients ask for it";
        let end = path.len() - 1..path.len();
        errors.push(error_inside(literal, end, message.to_owned()));
    } else if is_wanted && !has_slash {
        let message =
            format!("`trailing_slash = true` needs a path that ends with `/`: write `{path}/`");
        errors.at(literal, message);
    }
}

/// The arguments with their names and places. Without a valid path none is a path parameter.
fn arguments_of(
    inputs: Vec<EndpointInput>,
    parameters: Option<&[PathParameter]>,
    errors: &mut Errors,
) -> Vec<EndpointArgument> {
    let mut arguments: Vec<EndpointArgument> = Vec::new();
    for (position, input) in inputs.into_iter().enumerate() {
        let is_named = input.name.is_some();
        let name = input
            .name
            .unwrap_or_else(|| format!("argument_{}", position + 1));
        if arguments.iter().any(|earlier| earlier.name == name) {
            let message = format!(
                "two arguments are named `{name}`: rename one with `#[param(name = \"..\")]`"
            );
            errors.at(&input.name_tokens, message);
        }
        let in_path = parameters
            .into_iter()
            .flatten()
            .position(|parameter| parameter.name == name);
        if let (Some(_), Some(default)) = (in_path, &input.default) {
            let message = format!(
                "`{name}` is a path parameter, which is always present: remove the default"
            );
            errors.at(default, message);
        }
        arguments.push(EndpointArgument {
            name,
            is_named,
            docs: input.docs,
            place: in_path.map_or(Place::Elsewhere, Place::Path),
            default: input.default,
            cfgs: input.cfgs,
            r#type: input.r#type,
        });
    }
    arguments
}

/// Checks that every parameter of the path has an argument.
fn check_parameters(
    literal: &LitStr,
    parameters: &[PathParameter],
    arguments: &[EndpointArgument],
    signature: &Signature,
    errors: &mut Errors,
) {
    let free = arguments
        .iter()
        .filter(|argument| argument.place == Place::Elsewhere);
    let free: Vec<&str> = free.map(|argument| argument.name.as_str()).collect();
    for PathParameter { name, bytes } in parameters {
        if arguments.iter().any(|argument| argument.name == *name) {
            continue;
        }
        let function = &signature.ident;
        let hint = match nearest(name, &free) {
            Some(argument) => format!("did you mean `{{{argument}}}`?"),
            None => format!("add `{name}: String` to `fn {function}`"),
        };
        let message = format!("no argument is named `{{{name}}}`: {hint}");
        errors.push(error_inside(literal, bytes.clone(), message));
    }
}

/// The effect of every request.
fn effect_of(
    settings: &mut Arguments,
    method: Option<Method>,
    errors: &mut Errors,
) -> Option<Effect> {
    if !settings.has("effect") {
        let safe = method.is_none_or(Method::is_safe);
        return Some(if safe { Effect::Read } else { Effect::Write });
    }
    let literal = settings.take_text("effect", errors)?;
    let effect = errors.handle(parse_word::<Effect>(&literal))?;
    if let Some(method) = method.filter(|method| method.is_safe())
        && effect > Effect::Read
    {
        let (method, effect) = (word(method), word(effect));
        let message = format!(
            "a {method} endpoint must be `read`, because crawlers and link previews send such requests: \
             write `method = \"POST\"`, or raise the effect by a query parameter: `effect_if(query = \"..\", effect = \"{effect}\")`"
        );
        errors.at(literal, message);
    }
    Some(effect)
}

const EFFECT_IF_KEYS: &[Key] = &[
    Key::once("query", "query = \"level\""),
    Key::once("effect", "effect = \"write\""),
];

/// The query parameters that raise the effect.
fn effects_if(
    settings: &mut Arguments,
    base: Option<Effect>,
    arguments: &[EndpointArgument],
    errors: &mut Errors,
) -> Vec<EffectCondition> {
    let queries: Vec<&str> = arguments
        .iter()
        .filter(|argument| argument.place == Place::Elsewhere)
        .map(|argument| argument.name.as_str())
        .collect();
    let mut found: Vec<EffectCondition> = Vec::new();
    for (key, list) in settings.take_lists("effect_if", errors) {
        let before = errors.len();
        let mut inner = Arguments::parse(list, EFFECT_IF_KEYS, errors);
        let query = inner.take_text("query", errors);
        let effect = inner.take_text("effect", errors);
        let (Some(query), Some(effect)) = (query, effect) else {
            if errors.len() == before {
                errors.at(
                    key,
                    "`effect_if` needs `query` and `effect`: `effect_if(query = \"level\", effect = \"write\")`",
                );
            }
            continue;
        };
        if let Some(message) = invalid_query(&query.value(), &queries, &found) {
            errors.at(&query, message);
        }
        let Some(raised) = errors.handle(parse_word::<Effect>(&effect)) else {
            continue;
        };
        if base.is_some_and(|base| raised <= base) {
            let base = base.map_or("", word);
            let message =
                format!("`effect_if` must raise the effect, and every request is already `{base}`");
            errors.at(&effect, message);
        }
        found.push(EffectCondition {
            query,
            effect: raised,
        });
    }
    found
}

fn invalid_query(name: &str, queries: &[&str], earlier: &[EffectCondition]) -> Option<String> {
    if earlier.iter().any(|earlier| earlier.query.value() == name) {
        return Some(format!(
            "duplicate `effect_if` for `{name}`: remove one of them"
        ));
    }
    if queries.contains(&name) {
        return None;
    }
    Some(match queries {
        [] => format!("no argument is named `{name}`: add `{name}: Option<String>`"),
        _ => format!(
            "no query parameter is named `{name}`: {}",
            did_you_mean(name, queries)
        ),
    })
}

/// Where the function runs.
fn runs_of(settings: &mut Arguments, signature: &Signature, errors: &mut Errors) -> Option<Runs> {
    let is_async = signature.asyncness.is_some();
    let Some(literal) = settings.take_text("runtime", errors) else {
        return Some(if is_async {
            Runs::Async(Runtime::User)
        } else {
            Runs::Blocking
        });
    };
    let runtime = errors.handle(parse_word(&literal))?;
    if !is_async {
        let message =
            "a `fn` runs on the blocking thread pool: remove `runtime`, or write `async fn`";
        errors.at(literal, message);
    }
    Some(Runs::Async(runtime))
}

impl EndpointFunction {
    /// The return type; `()` with the span of the name if there is none.
    pub(super) fn output_tokens(&self) -> TokenStream {
        match &self.output {
            Some(output) => output.to_token_stream(),
            None => quote::quote_spanned!(self.name.span()=> ()),
        }
    }
}
