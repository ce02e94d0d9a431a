//! The printed text of a script, up to its limit.

use std::borrow::Cow;

use monty_types::{ExcType, MontyException, PrintWriterCallback};

/// Collects printed text. Exceeding the limit raises, and counts even if the script catches it.
#[derive(Debug)]
pub(super) struct PrintBuffer {
    text: String,
    limit: usize,
    pub(super) exceeded: bool,
}

impl PrintBuffer {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            text: String::new(),
            limit,
            exceeded: false,
        }
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn push(&mut self, text: &str) -> Result<(), MontyException> {
        if self.exceeded || self.text.len() + text.len() > self.limit {
            self.exceeded = true;
            return Err(MontyException::new(
                ExcType::MemoryError,
                Some("printed output limit exceeded".into()),
            ));
        }
        self.text.push_str(text);
        Ok(())
    }
}

impl PrintWriterCallback for PrintBuffer {
    fn stdout_write(&mut self, output: Cow<'_, str>) -> Result<(), MontyException> {
        self.push(&output)
    }

    fn stdout_push(&mut self, end: char) -> Result<(), MontyException> {
        self.push(end.encode_utf8(&mut [0; 4]))
    }
}
