//! The words that are valid values of the attribute.

use crate::words::words;

words! {
    /// The method of the requests.
    Method, "endpoint method",
    "GET" => Get,
    "HEAD" => Head,
    "POST" => Post,
    "PUT" => Put,
    "PATCH" => Patch,
    "DELETE" => Delete,
    "OPTIONS" => Options,
}

impl Method {
    /// Whether crawlers and link previews send it without a user.
    pub(super) fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }

    /// Whether its requests have a body.
    pub(super) fn has_body(self) -> bool {
        !matches!(self, Self::Get | Self::Head | Self::Delete)
    }
}

words! {
    /// What a request may change, in ascending order.
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
    /// The format of errors.
    ErrorFormat, "error format",
    "json" => Json,
    "text" => Text,
}
