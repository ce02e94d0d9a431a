//! Renders a report as JSON.

use std::borrow::Cow;

use serde::Serialize;

use super::elide::{self, StackLine};
use super::group::{self, ThreadGroup};
use super::layout::Layout;
use crate::frames::{Frame, Truncation};
use crate::threads::info::ThreadInfo;
use crate::threads::report::{NoStack, Report, Stack, ThreadReport};

impl Report {
    /// The JSON form, as `GET /threads?format=json` returns it.
    ///
    /// # Errors
    ///
    /// The same as [`serde_json::to_vec`]; no report is known to cause one.
    pub fn to_json(&self, layout: Layout) -> serde_json::Result<Vec<u8>> {
        let (mut threads, mut groups) = (None, None);
        if layout.group {
            groups = Some(
                group::grouped(self)
                    .into_iter()
                    .filter_map(|group| GroupJson::new(group, layout))
                    .collect(),
            );
        } else {
            let thread = |thread| ThreadJson::new(thread, layout);
            threads = Some(self.threads.iter().map(thread).collect());
        }
        serde_json::to_vec(&ReportJson {
            threads,
            groups,
            notes: &self.notes,
            total: self.threads.len(),
        })
    }
}

#[derive(Serialize)]
struct ReportJson<'a> {
    /// Absent if the threads are grouped.
    #[serde(skip_serializing_if = "Option::is_none")]
    threads: Option<Vec<ThreadJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<GroupJson<'a>>>,
    notes: &'a [Cow<'static, str>],
    total: usize,
}

#[derive(Serialize)]
struct ThreadJson<'a> {
    #[serde(flatten)]
    info: &'a ThreadInfo,
    #[serde(flatten)]
    stack: StackBody<'a>,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    count: usize,
    threads: Vec<&'a ThreadInfo>,
    #[serde(flatten)]
    stack: StackBody<'a>,
}

/// Either frames or the reason why there are none.
#[derive(Serialize)]
struct StackBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<Vec<Numbered<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden_frames: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    truncation: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_stack: Option<String>,
}

#[derive(Serialize)]
struct Numbered<'a> {
    index: usize,
    #[serde(flatten)]
    frame: &'a Frame,
}

impl<'a> ThreadJson<'a> {
    fn new(thread: &'a ThreadReport, layout: Layout) -> Self {
        Self {
            info: &thread.info,
            stack: StackBody::new(&thread.stack, layout.full),
        }
    }
}

impl<'a> GroupJson<'a> {
    fn new(group: ThreadGroup<'a>, layout: Layout) -> Option<Self> {
        Some(Self {
            count: group.threads.len(),
            stack: StackBody::new(&group.threads.first()?.stack, layout.full),
            threads: group.threads.iter().map(|thread| &thread.info).collect(),
        })
    }
}

impl<'a> StackBody<'a> {
    fn new(stack: &'a Result<Stack, NoStack>, full: bool) -> Self {
        let none = Self {
            method: None,
            frames: None,
            hidden_frames: None,
            truncation: None,
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
            elide::all_lines(&stack.frames)
        } else {
            elide::application_lines(&stack.frames)
        };
        let mut frames = Vec::new();
        let mut hidden_frames = 0;
        for line in lines {
            match line {
                StackLine::Frame(index, frame) => frames.push(Numbered { index, frame }),
                StackLine::Hidden(count) => hidden_frames += count,
            }
        }
        Self {
            method: Some(stack.method.as_str()),
            frames: Some(frames),
            hidden_frames: (hidden_frames > 0).then_some(hidden_frames),
            truncation: stack.truncation.map(Truncation::as_str),
            ..none
        }
    }
}
