//! The formats of a profile: what is sent first, meanwhile and at the end.

use std::io;

use admin_runtime::Param;

use super::collapsed;
use super::data::{Profile, ProfileKind};
use super::flame_graph::flame_graph;
use super::gzip::{self, GzipTail};
use super::pprof;

/// The format of a reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum ProfileFormat {
    /// `profile.proto`, compressed.
    #[default]
    Pprof,
    /// Text, one stack a line.
    Collapsed,
    /// A flame graph.
    Svg,
}

impl Param for ProfileFormat {
    const EXPECTED: &'static str = "pprof, collapsed or svg";
    const JSON_SCHEMA: &'static str = r#"{"enum":["pprof","collapsed","svg"]}"#;

    fn parse(text: &str) -> Option<Self> {
        let formats = [
            ("pprof", Self::Pprof),
            ("collapsed", Self::Collapsed),
            ("svg", Self::Svg),
        ];
        let found = formats
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, format)| format)
    }
}

impl ProfileFormat {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Pprof => "application/octet-stream",
            Self::Collapsed => "text/plain; charset=utf-8",
            Self::Svg => "image/svg+xml",
        }
    }

    /// What a reply begins with, before there is a profile.
    pub(super) fn head(self) -> &'static [u8] {
        match self {
            Self::Pprof => gzip::HEAD,
            Self::Collapsed => b"",
            Self::Svg => b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        }
    }

    /// Bytes that change nothing, to notice that the client has gone. A line of text would be a
    /// stack.
    pub(super) fn filler(self) -> &'static [u8] {
        match self {
            Self::Pprof => gzip::EMPTY_BLOCK,
            Self::Collapsed => b"",
            Self::Svg => b"\n",
        }
    }

    /// The rest of a reply.
    ///
    /// # Errors
    ///
    /// None are known: the output is memory.
    pub(super) fn tail(self, profile: &Profile) -> io::Result<Vec<u8>> {
        Ok(match self {
            Self::Pprof => {
                let mut tail = GzipTail::new();
                pprof::write(profile, &mut tail)?;
                tail.finish()?
            }
            Self::Collapsed => collapsed::lines(profile).into_bytes(),
            Self::Svg => flame_graph(profile, &title(profile)).into_bytes(),
        })
    }

    /// A whole reply, for a profile that is there at once.
    ///
    /// # Errors
    ///
    /// None are known: the output is memory.
    pub(super) fn whole(self, profile: &Profile) -> io::Result<Vec<u8>> {
        let mut bytes = self.head().to_vec();
        bytes.extend(self.tail(profile)?);
        Ok(bytes)
    }
}

fn title(profile: &Profile) -> String {
    let time = match profile.kind {
        ProfileKind::Cpu => "CPU time",
        _ => "Wall-clock time",
    };
    let seconds = profile.duration.as_secs_f64();
    let samples: u64 = profile.samples.iter().map(|sample| sample.count).sum();
    format!("{time}: {samples} samples in {seconds:.1} s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_accepted_in_any_case() {
        for (text, format) in [
            ("pprof", Some(ProfileFormat::Pprof)),
            ("SVG", Some(ProfileFormat::Svg)),
            ("Collapsed", Some(ProfileFormat::Collapsed)),
            ("proto", None),
            ("", None),
        ] {
            assert_eq!(ProfileFormat::parse(text), format, "{text:?}");
        }
    }
}
