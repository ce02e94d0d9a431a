//! The index as an HTML page: without scripts and external resources, with all text escaped.

use std::fmt::{self, Display, Formatter};

use http::header::{self, HeaderName};

use super::escaped::Escaped;
use super::markdown::{MarkdownLine, MarkdownText};
use crate::registry::{EndpointEntry, Index, ParameterEntry};

const STYLE: &str = include_str!("page.css");

/// The policy allows only the style above, by its digest.
pub(super) const HEADERS: [(HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'sha256-RrPP8BPktBbxVjy90KxnYdQlBgPnYQbni6fQUqacFRc='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// The page, whose links begin with `base`.
pub(super) fn page(index: &Index, base: &str) -> String {
    Page { index, base }.to_string()
}

struct Page<'a> {
    index: &'a Index,
    base: &'a str,
}

impl Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { index, base } = self;
        let endpoints = &index.endpoints;
        let is_blocked = index.user_runtime.is_some_and(|runtime| runtime.blocked);
        write!(
            f,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>Admin endpoints</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1>Admin endpoints</h1>\n<p>{} endpoints are linked into this program.</p>\n",
            endpoints.len()
        )?;
        if is_blocked {
            f.write_str("<p role=\"alert\">Async handlers block the user runtime.</p>\n")?;
        }
        f.write_str("<nav aria-label=\"Endpoints\">\n<ul>\n")?;
        for endpoint in endpoints {
            let EndpointEntry { method, path, .. } = endpoint;
            let (id, path, summary) = (
                Escaped(&id(endpoint)),
                Escaped(path),
                MarkdownLine::without_links(&endpoint.summary),
            );
            writeln!(
                f,
                "<li><a href=\"#{id}\"><code>{method} {path}</code></a> {summary}</li>"
            )?;
        }
        f.write_str("</ul>\n</nav>\n")?;
        endpoints
            .iter()
            .try_for_each(|endpoint| Entry { endpoint, base }.fmt(f))?;
        f.write_str("</main>\n</body>\n</html>\n")
    }
}

/// The fragment that links of the page refer to.
fn id(endpoint: &EndpointEntry) -> String {
    format!("{}:{}", endpoint.method, endpoint.path)
}

struct Entry<'a> {
    endpoint: &'a EndpointEntry,
    base: &'a str,
}

impl Display for Entry<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let EndpointEntry {
            method,
            path,
            effect,
            effect_if,
            sensitive,
            summary,
            parameters,
            status,
            crate_name,
            source,
        } = self.endpoint;
        let (id, path) = (id(self.endpoint), Escaped(path));
        write!(f, "<section>\n<h2 id=\"{}\">{method} ", Escaped(&id))?;
        if is_link(self.endpoint) {
            // Relative, because a server may be mounted below a prefix.
            write!(f, "<a href=\"{}{path}\">{path}</a>", Escaped(self.base))?;
        } else {
            write!(f, "{path}")?;
        }
        write!(f, " <span class=\"{effect}\">{effect}</span>")?;
        if *sensitive {
            f.write_str(" <span>sensitive</span>")?;
        }
        f.write_str("</h2>\n")?;
        if !summary.is_empty() {
            writeln!(f, "<p>{}</p>", MarkdownLine::new(summary))?;
        }
        for (query, effect) in effect_if {
            let query = Escaped(query);
            writeln!(
                f,
                "<p>With <code>{query}</code> it is <span class=\"{effect}\">{effect}</span>.</p>"
            )?;
        }
        if !parameters.is_empty() {
            f.write_str("<ul aria-label=\"Parameters\">\n")?;
            parameters
                .iter()
                .try_for_each(|parameter| Parameter(parameter).fmt(f))?;
            f.write_str("</ul>\n")?;
        }
        if !status.is_empty() {
            f.write_str("<p>Now:</p>\n<ul aria-label=\"Status\">\n")?;
            for (name, value) in status.facts() {
                writeln!(f, "<li>{}: {}</li>", Escaped(name), Escaped(value))?;
            }
            f.write_str("</ul>\n")?;
        }
        let (crate_name, source) = (Escaped(crate_name), Escaped(source));
        writeln!(
            f,
            "<p class=\"place\">crate <code>{crate_name}</code>, <code>{source}</code></p>\n</section>"
        )
    }
}

/// Whether a link works: a browser follows links with GET only.
fn is_link(endpoint: &EndpointEntry) -> bool {
    let needed = |parameter: &ParameterEntry| parameter.required;
    endpoint.method == "GET" && endpoint.effect == "read" && !endpoint.parameters.iter().any(needed)
}

struct Parameter<'a>(&'a ParameterEntry);

impl Display for Parameter<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let ParameterEntry {
            name,
            location,
            type_name,
            required,
            default,
            expected,
            description,
        } = self.0;
        let need = if *required { "required" } else { "optional" };
        let (name, type_name) = (Escaped(name), Escaped(type_name));
        write!(
            f,
            "<li><code>{name}</code> ({location}, {type_name}, {need}"
        )?;
        if let Some(default) = default {
            write!(f, ", default <code>{}</code>", Escaped(default))?;
        }
        f.write_str(")")?;
        if !description.is_empty() {
            write!(f, " {}", MarkdownText(description))?;
        }
        if !expected.is_empty() {
            write!(f, " Expected: {}.", Escaped(expected))?;
        }
        f.write_str("</li>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::EndpointStatus;
    use crate::registry::UserRuntimeStatus;

    fn entry(method: &'static str, path: &'static str, summary: &str) -> EndpointEntry {
        EndpointEntry {
            method,
            path,
            effect: "read",
            effect_if: vec![],
            sensitive: false,
            summary: summary.to_owned(),
            parameters: vec![],
            status: EndpointStatus::new(),
            crate_name: "engine",
            source: "src/lib.rs:1".to_owned(),
        }
    }

    fn parameter(required: bool) -> ParameterEntry {
        ParameterEntry {
            name: "level",
            location: "query",
            type_name: "string".to_owned(),
            required,
            default: Some("\"><script>"),
            expected: "<text>",
            description: "a & b",
        }
    }

    #[test]
    fn everything_is_escaped() {
        let mut hostile = entry("GET", "/a'&b", "</p><script>alert(1)</script>");
        hostile.parameters.push(parameter(false));
        hostile.effect_if.push(("<q>", "write"));
        hostile.status = EndpointStatus::new().with("<i>", "<u>");
        let endpoints = vec![hostile];
        let user_runtime = None;
        let page = page(
            &Index {
                endpoints,
                server: None,
                user_runtime,
                health_checks: Vec::new(),
            },
            ".",
        );
        assert!(!page.contains("<script") && !page.contains("<text>") && !page.contains("<q>"));
        assert!(page.contains("<li>&lt;i&gt;: &lt;u&gt;</li>"), "{page}");
        assert!(page.contains("href=\"./a&#39;&amp;b\""), "{page}");
        assert!(page.contains("&lt;/p&gt;&lt;script&gt;alert(1)"), "{page}");
        assert!(page.contains("&quot;&gt;&lt;script&gt;"), "{page}");
    }

    #[test]
    fn a_blocked_user_runtime_is_reported() {
        let page_with = |blocked| {
            let user_runtime = Some(UserRuntimeStatus::new(blocked, 3));
            page(
                &Index {
                    endpoints: vec![],
                    server: None,
                    user_runtime,
                    health_checks: Vec::new(),
                },
                ".",
            )
        };
        let alert = "<p role=\"alert\">Async handlers block the user runtime.</p>";
        assert!(page_with(true).contains(alert));
        assert!(!page_with(false).contains(alert));
    }

    #[test]
    fn only_get_routes_without_parameters_are_links() {
        let plain = entry("GET", "/env", "");
        assert!(is_link(&plain));
        assert!(!is_link(&entry("POST", "/run", "")));
        let mut needy = plain.clone();
        needy.parameters.push(parameter(true));
        assert!(!is_link(&needy));
        let mut writing = plain.clone();
        writing.effect = "write";
        assert!(!is_link(&writing));
        let mut optional = plain;
        optional.parameters.push(parameter(false));
        assert!(is_link(&optional));
    }
}
