//! What of a documentation is an example, and what an example calls.

/// The tags of a code block that rustdoc runs or compiles.
const RUNNABLE_TAGS: [&str; 4] = ["rust", "should_panic", "standalone_crate", "no_run"];

/// The code of all blocks that rustdoc compiles as they are, one after the other.
///
/// `no_run` is for an example that never returns; what is ignored or must not compile shows nothing.
pub(crate) fn examples(docs: &str) -> String {
    let mut code = String::new();
    let mut fence = None;
    for line in docs.lines() {
        let text = line.trim_start();
        let ticks = text.len() - text.trim_start_matches('`').len();
        match fence {
            None if ticks >= 3 => fence = Some((ticks, is_run(&text[ticks..]))),
            Some((open, _)) if ticks >= open && text.trim_end().len() == ticks => fence = None,
            Some((_, true)) => {
                code.push_str(line);
                code.push('\n');
            }
            _ => {}
        }
    }
    code
}

fn is_run(tags: &str) -> bool {
    let mut tags = tags
        .split([',', ' '])
        .map(str::trim)
        .filter(|tag| !tag.is_empty());
    tags.all(|tag| RUNNABLE_TAGS.contains(&tag) || tag.starts_with("edition"))
}

/// Whether code calls a function of this name, names it by a path, or implements it.
pub(crate) fn calls(code: &str, name: &str) -> bool {
    let lines = code.lines().filter_map(|line| line.split("// ").next());
    lines.into_iter().any(|line| {
        line.match_indices(name).any(|(at, _)| {
            let before = line[..at].trim_end();
            let is_named = [".", "::", "fn"].iter().any(|mark| before.ends_with(mark));
            let ends_range = before.ends_with("..");
            is_named && !ends_range && !line[at + name.len()..].starts_with(is_part_of_name)
        })
    })
}

fn is_part_of_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_rustdoc_runs_is_an_example() {
        for (tags, is_example) in [
            ("", true),
            ("rust", true),
            ("standalone_crate", true),
            ("should_panic, edition2021", true),
            ("no_run", true),
            ("ignore", false),
            ("rust,ignore", false),
            ("compile_fail", false),
            ("text", false),
            ("json", false),
            ("console", false),
        ] {
            let docs = format!("Text.\n\n```{tags}\nlet a = 1;\n```\n\nMore `text`.");
            let expected = if is_example { "let a = 1;\n" } else { "" };
            assert_eq!(examples(&docs), expected, "{tags}");
        }
    }

    #[test]
    fn a_block_ends_at_its_closing_fence() {
        assert_eq!(
            examples("````\na\n```\nb\n````\nc\n```text\nd\n```\ne"),
            "a\n```\nb\n"
        );
        assert_eq!(examples("```\n```"), "");
        assert_eq!(examples("No block."), "");
    }

    #[test]
    fn a_word_alone_is_not_a_call() {
        for (code, is_call) in [
            ("list.push(1);", true),
            ("list\n    .push(1);", true),
            ("let add = Vec::push;", true),
            ("impl Stack { fn push(&mut self) {} }", true),
            ("list.push_str(x);", false),
            ("list.rpush(x);", false),
            ("let push = 1;", false),
            ("0..push", false),
            ("f(\"push\"); // then .push", false),
        ] {
            assert_eq!(calls(code, "push"), is_call, "{code}");
        }
    }
}
