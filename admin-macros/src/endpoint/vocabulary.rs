//! The words that the values of the attribute can be.

use crate::words::words;

words! {
    /// The method of the requests.
    Method, "method of an endpoint",
    "GET" => Get,
    "HEAD" => Head,
    "POST" => Post,
    "PUT" => Put,
    "PATCH" => Patch,
    "DELETE" => Delete,
    "OPTIONS" => Options,
}

impl Method {
    /// Whether clients, proxies and link previews may send it on their own.
    pub(super) fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }

    /// Whether a body of its requests has a meaning.
    pub(super) fn has_body(self) -> bool {
        !matches!(self, Self::Get | Self::Head | Self::Delete)
    }
}

words! {
    /// What a request may change, from harmless to dangerous.
    Effect, "effect",
    "read" => Read,
    "write" => Write,
    "dangerous" => Dangerous,
}

words! {
    /// Which runtime an `async fn` runs on.
    Runtime, "runtime",
    "admin" => Admin,
    "user" => User,
}

words! {
    /// How errors are written.
    ErrorFormat, "format of errors",
    "json" => Json,
    "text" => Text,
}
