//! The attribute in surroundings that break careless macros: every module here compiles, and its
//! endpoint is registered and callable as written.

#![deny(warnings, missing_docs, clippy::pedantic, unsafe_code)]

use std::time::Duration;

use admin_runtime::AdminServer;
use admin_runtime::describe::{Effect, Runtime};
use admin_runtime::introspect::Registry;
use admin_tests::{Case, cases};

pub(crate) fn cases() -> Vec<Case> {
    cases![
        annotated_functions_stay_callable,
        each_function_is_registered_once,
        what_was_written_is_what_is_registered,
        shadowed_names_change_no_answer
    ]
}

/// Own items named as std's and as the framework's.
#[allow(dead_code)]
pub mod shadows {
    use ::admin_runtime::admin_endpoint;

    /// Not std's.
    #[derive(Debug)]
    pub enum Result {}
    /// Not std's.
    #[derive(Debug)]
    pub enum Option {}
    /// Not std's.
    #[derive(Debug)]
    pub struct Vec;
    /// Not std's.
    #[derive(Debug)]
    pub struct Box;
    /// Not the crate.
    pub mod core {}
    /// Not the crate.
    pub mod std {}
    /// Not the crate.
    pub mod warp {}
    /// Not the crate.
    pub mod inventory {}
    /// Not the crate.
    pub mod admin_runtime {}
    /// Not the prelude's.
    #[allow(non_camel_case_types)]
    pub type str = u8;
    /// Not the prelude's.
    #[allow(non_camel_case_types)]
    pub type u32 = u8;
    /// Not the prelude's.
    #[allow(non_camel_case_types)]
    pub type usize = u8;
    type String = ::std::string::String;

    /// Not the prelude's.
    #[allow(non_snake_case)]
    pub fn Ok() {}
    /// Not the prelude's.
    #[allow(non_snake_case)]
    pub fn Some() {}

    /// Shadowed on all sides.
    #[admin_endpoint(path = "/hygiene/shadows/{tier}", timeout = "1s", errors = "json")]
    pub(crate) async fn size(
        tier: String,
        #[param(name = "tenant-id", default = "none")] tenant: String,
    ) -> ::std::result::Result<String, ::admin_runtime::AdminError> {
        ::std::result::Result::Ok(::std::format!("{tier}/{tenant}"))
    }

    /// A name that the expansion could use itself.
    #[admin_endpoint(path = "/hygiene/handle")]
    pub(crate) fn handle(call: ::std::option::Option<String>) -> String {
        call.unwrap_or_default()
    }
}

/// Without any prelude.
pub mod bare {
    #![no_implicit_prelude]

    /// No name is in scope.
    #[::admin_runtime::admin_endpoint(
        method = "POST",
        path = "/hygiene/bare",
        effect = "dangerous"
    )]
    pub(crate) fn bare(names: ::std::vec::Vec<::std::string::String>) -> ::std::string::String {
        names.join("+")
    }
}

/// Through the crate's other name.
pub mod renamed {
    use crate::plane::{Caller, admin_endpoint};

    /// Registered through `plane`.
    #[admin_endpoint(path = "/hygiene/renamed", crate = "crate::plane")]
    pub(crate) fn renamed(caller: Caller) -> String {
        caller.to_string()
    }
}

/// Written by a macro.
pub mod generated {
    use admin_runtime::admin_endpoint;

    macro_rules! constant {
        ($(#[$docs:meta])* $name:ident, $path:literal, $argument:ident: $type:ty => $value:expr) => {
            $(#[$docs])*
            #[admin_endpoint(path = $path)]
            pub(crate) fn $name($argument: $type) -> String {
                format!("{}{}", $value, $argument.map_or_else(String::new, |n| n.to_string()))
            }
        };
    }

    constant!(
        /// The first.
        one, "/hygiene/one", plus: Option<u8> => 1
    );
    constant!(
        /// The second.
        two, "/hygiene/two", plus: Option<u16> => 2
    );
}

/// Functions of one name.
pub mod twins {
    /// The first.
    pub mod a {
        /// Named as its twin.
        #[admin_runtime::admin_endpoint(path = "/hygiene/twins/a")]
        pub(crate) fn twin() -> &'static str {
            "a"
        }
    }
    /// The second.
    pub mod b {
        /// Named as its twin.
        #[admin_runtime::admin_endpoint(path = "/hygiene/twins/b")]
        pub(crate) fn twin() -> &'static str {
            "b"
        }
    }
}

/// Attributes beside the attribute.
pub mod attributes {
    use admin_runtime::{State, admin_endpoint};

    /// Never there: its types and arguments do not exist either.
    #[admin_endpoint(path = "/hygiene/absent")]
    #[cfg(any())]
    pub(crate) fn absent(argument: Absent) -> Absent {
        argument
    }

    /// One of its arguments is never there.
    #[admin_endpoint(path = "/hygiene/attributes")]
    #[must_use]
    #[deprecated = "its registration must not count as a use"]
    pub(crate) fn old(
        #[cfg(any())] absent: Absent,
        /// Kept.
        #[cfg(unix)]
        r#type: Option<String>,
    ) -> String {
        r#type.unwrap_or_default()
    }

    /// A pattern, a mutable name and an alias.
    #[admin_endpoint(path = "/hygiene/patterns", runtime = "admin")]
    pub(crate) async fn patterns(
        State(engine): State<u64>,
        mut count: Maybe<u64>,
        _quiet: Maybe<bool>,
    ) -> String {
        count.get_or_insert(1);
        std::future::ready(format!("{engine}/{count:?}")).await
    }

    type Maybe<T> = Option<T>;
}

fn registry() -> Registry {
    AdminServer::builder()
        .state(7_u64)
        .exclude("/taken")
        .build()
        .expect("every registration is right")
        .registry()
        .clone()
}

fn annotated_functions_stay_callable() {
    assert_eq!(bare::bare(vec!["a".to_owned(), "b".to_owned()]), "a+b");
    assert_eq!(shadows::handle(Some("x".to_owned())), "x");
    assert_eq!(generated::one(Some(2)), "12");
    assert_eq!((twins::a::twin(), twins::b::twin()), ("a", "b"));
}

fn each_function_is_registered_once() {
    let registry = registry();
    let mut own: Vec<_> = registry
        .endpoints()
        .iter()
        .filter(|endpoint| endpoint.path().starts_with("/hygiene/"))
        .map(|endpoint| {
            (
                endpoint.path(),
                endpoint.source().module(),
                endpoint.source().function(),
            )
        })
        .collect();
    own.sort_unstable();
    assert_eq!(
        own,
        [
            (
                "/hygiene/attributes",
                "registration::hygiene::attributes",
                "old"
            ),
            ("/hygiene/bare", "registration::hygiene::bare", "bare"),
            (
                "/hygiene/handle",
                "registration::hygiene::shadows",
                "handle"
            ),
            ("/hygiene/one", "registration::hygiene::generated", "one"),
            (
                "/hygiene/patterns",
                "registration::hygiene::attributes",
                "patterns"
            ),
            (
                "/hygiene/renamed",
                "registration::hygiene::renamed",
                "renamed"
            ),
            (
                "/hygiene/shadows/{tier}",
                "registration::hygiene::shadows",
                "size"
            ),
            (
                "/hygiene/twins/a",
                "registration::hygiene::twins::a",
                "twin"
            ),
            (
                "/hygiene/twins/b",
                "registration::hygiene::twins::b",
                "twin"
            ),
            ("/hygiene/two", "registration::hygiene::generated", "two"),
        ]
    );
}

fn what_was_written_is_what_is_registered() {
    let registry = registry();
    let find = |path: &str| {
        let found = registry
            .endpoints()
            .iter()
            .find(|endpoint| endpoint.path() == path);
        *found.expect("it is registered")
    };
    let arguments = |path: &str| -> Vec<_> {
        find(path)
            .arguments()
            .iter()
            .map(|a| (a.name(), a.docs(), a.default()))
            .collect()
    };
    assert_eq!(arguments("/hygiene/attributes"), [("type", "Kept.", None)]);
    assert_eq!(
        arguments("/hygiene/shadows/{tier}"),
        [("tier", "", None), ("tenant-id", "", Some("none"))]
    );
    assert_eq!(
        arguments("/hygiene/patterns"),
        [
            ("engine", "", None),
            ("count", "", None),
            ("_quiet", "", None)
        ]
    );
    assert_eq!(find("/hygiene/two").docs(), "The second.");
    assert_eq!(
        find("/hygiene/shadows/{tier}").timeout(),
        Some(Duration::from_secs(1))
    );
    assert_eq!(find("/hygiene/bare").effect(), Effect::Dangerous);
    assert_eq!(find("/hygiene/patterns").runtime(), Runtime::Admin);
    assert_eq!(find("/hygiene/bare").runtime(), Runtime::Blocking);
}

fn shadowed_names_change_no_answer() {
    let server = AdminServer::builder()
        .state(7_u64)
        .exclude("/taken")
        .bind("127.0.0.1:0")
        .start();
    let server = server.expect("the server starts");
    let get = |target: &str| {
        let url = format!("http://{}{target}", server.local_addr());
        let mut reply = ureq::get(url).call().expect("the server answers");
        reply
            .body_mut()
            .read_to_string()
            .expect("the answer is text")
    };
    assert_eq!(get("/hygiene/shadows/hot?tenant-id=a"), "hot/a");
    assert_eq!(get("/hygiene/shadows/hot"), "hot/none");
    assert_eq!(get("/hygiene/handle?call=x"), "x");
    assert_eq!(get("/hygiene/one?plus=5"), "15");
    assert_eq!(get("/hygiene/two"), "2");
    assert_eq!(get("/hygiene/attributes?type=t"), "t");
    assert_eq!(get("/hygiene/patterns?count=3"), "7/Some(3)");
}
