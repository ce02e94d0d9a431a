//! Doc comments as text.

use syn::{Attribute, Expr, Lit, Meta};

/// Whether an attribute is a doc comment.
pub(crate) fn is_doc(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
}

/// The text of all doc comments, without the space after `///` and without leading and trailing
/// blank lines.
pub(crate) fn text(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes.iter().filter_map(line).collect();
    let all = lines.join("\n");
    let trimmed: Vec<&str> = all
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end())
        .collect();
    trimmed.join("\n").trim_matches('\n').to_owned()
}

fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(doc) = &attribute.meta else {
        return None;
    };
    if !is_doc(attribute) {
        return None;
    }
    // A fragment of `macro_rules!` is wrapped in a group without delimiters.
    let mut value = &doc.value;
    while let Expr::Group(group) = value {
        value = &group.expr;
    }
    match value {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_indentation_are_kept() {
        let attributes: Vec<Attribute> = vec![
            syn::parse_quote!(#[doc = ""]),
            syn::parse_quote!(#[doc = " Drop cached blocks."]),
            syn::parse_quote!(#[must_use]),
            syn::parse_quote!(#[doc = ""]),
            syn::parse_quote!(#[doc = "     let x = 1;  "]),
            syn::parse_quote!(#[doc(hidden)]),
            syn::parse_quote!(#[doc = ""]),
        ];
        assert_eq!(text(&attributes), "Drop cached blocks.\n\n    let x = 1;");
    }

    #[test]
    fn block_comments_have_several_lines() {
        let attribute: Attribute = syn::parse_quote!(#[doc = " One.\n\n Two.\n"]);
        assert_eq!(text(&[attribute]), "One.\n\nTwo.");
        assert_eq!(text(&[]), "");
    }
}
