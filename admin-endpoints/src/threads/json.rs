//! The JSON form: the same as the text, field by field.

use super::facts::Facts;
use super::fold::{self, Line};
use super::frame::Frame;
use super::group;
use super::report::{NoStack, Report, Stack};
use super::text::Layout;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    threads: Option<Vec<Thread<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<Group<'a>>>,
    notes: &'a [std::borrow::Cow<'static, str>],
    total: usize,
}

#[derive(Serialize)]
struct Thread<'a> {
    #[serde(flatten)]
    facts: &'a Facts,
    #[serde(flatten)]
    stack: StackBody<'a>,
}

#[derive(Serialize)]
struct Group<'a> {
    count: usize,
    threads: Vec<&'a Facts>,
    #[serde(flatten)]
    stack: StackBody<'a>,
}

/// Either frames, or the reason why there are none.
#[derive(Serialize)]
struct StackBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<Vec<Numbered<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    folded: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_stack: Option<String>,
}

#[derive(Serialize)]
struct Numbered<'a> {
    index: usize,
    #[serde(flatten)]
    frame: &'a Frame,
}

/// Renders a report as `GET /threads?format=json` answers it.
pub(super) fn render(report: &Report, layout: Layout) -> serde_json::Result<Vec<u8>> {
    let total = report.threads.len();
    let mut document = Document {
        threads: None,
        groups: None,
        notes: &report.notes,
        total,
    };
    if layout.group {
        document.groups = Some(
            group::grouped(report)
                .iter()
                .filter_map(|group| {
                    Some(Group {
                        count: group.threads.len(),
                        stack: StackBody::of(&group.threads.first()?.stack, layout.full),
                        threads: group.threads.iter().map(|thread| &thread.facts).collect(),
                    })
                })
                .collect(),
        );
    } else {
        document.threads = Some(
            report
                .threads
                .iter()
                .map(|thread| Thread {
                    facts: &thread.facts,
                    stack: StackBody::of(&thread.stack, layout.full),
                })
                .collect(),
        );
    }
    serde_json::to_vec(&document)
}

impl<'a> StackBody<'a> {
    fn of(stack: &'a Result<Stack, NoStack>, full: bool) -> Self {
        let none = Self {
            method: None,
            frames: None,
            folded: None,
            cut: None,
            no_stack: None,
        };
        let stack = match stack {
            Ok(stack) => stack,
            Err(reason) => {
                return Self {
                    no_stack: Some(reason.to_string()),
                    ..none
                };
            }
        };
        let lines = if full {
            fold::unfolded(&stack.frames)
        } else {
            fold::folded(&stack.frames)
        };
        let mut frames = Vec::new();
        let mut folded = 0;
        for line in lines {
            match line {
                Line::Frame(index, frame) => frames.push(Numbered { index, frame }),
                Line::Folded(count) => folded += count,
            }
        }
        Self {
            method: Some(stack.method.word()),
            frames: Some(frames),
            folded: (folded > 0).then_some(folded),
            cut: stack.cut.map(super::report::Cut::words),
            ..none
        }
    }
}
