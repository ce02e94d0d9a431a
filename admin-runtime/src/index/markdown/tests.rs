use proptest::prelude::*;

use super::*;

fn line(text: &str) -> String {
    MarkdownLine::new(text).to_string()
}

#[test]
fn markup_of_a_line_is_html() {
    for (text, html) in [
        ("plain", "plain"),
        (
            "the `heap` & `a<b>`",
            "the <code>heap</code> &amp; <code>a&lt;b&gt;</code>",
        ),
        ("`` a`b ``, `c", "<code>a`b</code>, `c"),
        (
            "*one* and **two** and ***three***",
            "<em>one</em> and <strong>two</strong> and <strong><em>three</em></strong>",
        ),
        ("_one_ and __two__", "<em>one</em> and <strong>two</strong>"),
        ("*a **b** c*", "<em>a <strong>b</strong> c</em>"),
        ("*a **b***", "<em>a <strong>b</strong></em>"),
        (
            "snake_case_name and 2 * 3 * 4",
            "snake_case_name and 2 * 3 * 4",
        ),
        ("a*b*c", "a<em>b</em>c"),
        ("*open and **open", "*open and **open"),
        ("*a `*` b*", "<em>a <code>*</code> b</em>"),
        (r"\*a\* \`b\` \d", r"*a* `b` \d"),
        ("****", "****"),
        ("/cache/*, /env/*", "/cache/*, /env/*"),
        (
            "[the *docs*](https://a.example/?x=1&y=2)!",
            "<a href=\"https://a.example/?x=1&amp;y=2\" rel=\"noopener noreferrer\">the <em>docs</em></a>!",
        ),
        (
            "<https://a.example>",
            "<a href=\"https://a.example\" rel=\"noopener noreferrer\">https://a.example</a>",
        ),
        (
            "see [`Limits`] and [`x`](crate::Limits)",
            "see <code>Limits</code> and <code>x</code>",
        ),
        ("[a](crate::A), [b], [c](x", "a, [b], [c](x"),
        (
            "[a [b]](https://c)",
            "<a href=\"https://c\" rel=\"noopener noreferrer\">a [b]</a>",
        ),
    ] {
        assert_eq!(line(text), html, "{text}");
    }
}

#[test]
fn paragraphs_and_lists_are_elements() {
    let text = "How many,\nat most 9:\n- *none*\n  at all\n- or `9`\n\nOr more.\n\n1. one\n2) two";
    let html = "How many, at most 9:<ul><li><em>none</em> at all</li><li>or <code>9</code></li></ul>\
        <p>Or more.</p><ul><li>one</li><li>two</li></ul>";
    assert_eq!(MarkdownText(text).to_string(), html);
    assert_eq!(MarkdownText("").to_string(), "");
    assert_eq!(MarkdownText("-5 to 5, 10.5").to_string(), "-5 to 5, 10.5");
}

#[test]
fn links_are_only_to_the_web() {
    for target in [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        " data:text/html,x",
        "//evil.example",
        "/loglevel?level=off",
        "https://",
        "https://a b",
        "https://a\u{1}",
    ] {
        for text in [format!("[x]({target})"), format!("<{target}>")] {
            assert!(!line(&text).contains("href"), "{text}");
        }
    }
    let quoted = line("[x](https://a\"onclick='y')");
    assert!(
        quoted.contains("href=\"https://a&quot;onclick=&#39;y&#39;\""),
        "{quoted}"
    );
}

#[test]
fn a_line_beside_a_link_has_no_links() {
    let text = "[the `docs`](https://a.example) <https://b.example>";
    let html = MarkdownLine::without_links(text).to_string();
    assert_eq!(html, "the <code>docs</code> https://b.example");
    let nested = line("[a <https://b> [c](https://d)](https://e)");
    assert_eq!(nested.matches("<a ").count(), 1, "{nested}");
}

#[test]
fn deep_and_long_text_is_bounded() {
    let deep = format!("{}a{}", "[*".repeat(1000), "*](https://a)".repeat(1000));
    assert!(line(&deep).len() < 100 * deep.len());
    let long = "*a ".repeat(100_000);
    assert_eq!(line(&long), long, "too long for markup");
}

/// Removes the elements that the markup makes; fails if they are not nested properly.
fn without_elements(html: &str) -> String {
    let (mut text, mut open, mut rest) = (String::new(), Vec::new(), html);
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let end = at + rest[at..].find('>').expect("an element ends");
        match &rest[at + 1..end] {
            tag @ ("code" | "em" | "strong" | "p" | "ul" | "li") => open.push(tag),
            tag if tag.starts_with("a href=\"http") => {
                assert!(!open.contains(&"a"), "a link within a link: {html}");
                open.push("a");
            }
            tag => assert_eq!(tag.strip_prefix('/'), open.pop(), "{html}"),
        }
        rest = &rest[end + 1..];
    }
    assert_eq!(open, Vec::<&str>::new(), "{html}");
    text + rest
}

proptest! {
    #[test]
    fn any_text_makes_only_known_elements(
        text in r#"([a-c&"' \n]|[-*_`\[\]()<>\\]|\*\*|__|``|\[a\]\(|https://a|\n- |ä|</p><script>){0,60}"#
    ) {
        for html in [line(&text), MarkdownText(&text).to_string()] {
            let left = without_elements(&html);
            prop_assert!(!left.contains(['<', '>', '"', '\'']), "{}", html);
        }
    }
}
