//! Parses the text format 0.0.4 of sources into families with their sample lines.
//!
//! Source: prometheus.io, "Exposition formats", "Text format details".

use std::collections::{BTreeMap, HashMap, TryReserveError};

use super::escape::unescape_label_value;
use super::family::Header;
use super::labels::push_label;
use super::naming::{MetricType, label_name, metric_name};

/// One family of a text, with its lines unchanged.
#[derive(Debug, PartialEq)]
pub(super) struct TextFamily {
    pub(super) header: Header,
    pub(super) samples: Vec<Sample>,
}

/// One sample line.
#[derive(Debug, PartialEq)]
pub(super) struct Sample {
    /// The line without its line feed.
    pub(super) line: String,
    /// The labels of the series in the recorder's own notation, without `le` or `quantile`.
    pub(super) labels: String,
    /// Equal for two samples with the same name and labels.
    pub(super) identity: String,
}

/// The families of a text, and how many invalid lines were left out.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Exposition {
    pub(super) families: BTreeMap<String, TextFamily>,
    pub(super) invalid_lines: usize,
}

/// Parses a text line by line. `# EOF` and comments are dropped.
#[derive(Debug, Default)]
pub(super) struct ExpositionParser {
    exposition: Exposition,
    helps: HashMap<String, String>,
    /// Sample name to the name of its family.
    owners: HashMap<String, String>,
}

impl ExpositionParser {
    /// Reads one line, with or without its end.
    ///
    /// # Errors
    ///
    /// If there is no memory for the list of samples.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), TryReserveError> {
        let Ok(line) = str::from_utf8(line) else {
            self.exposition.invalid_lines += 1;
            return Ok(());
        };
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(());
        }
        if let Some(comment) = line.strip_prefix('#') {
            self.comment(comment);
            return Ok(());
        }
        let Some(sample) = ParsedSample::parse(line) else {
            self.exposition.invalid_lines += 1;
            return Ok(());
        };
        let owner = self.owners.get(sample.name);
        let header = Header {
            name: owner.map_or(sample.name, String::as_str).to_owned(),
            kind: MetricType::Untyped,
            help: None,
        };
        let family = self.exposition.family(header);
        family.samples.try_reserve(1)?;
        let sample = sample.into_sample(family.header.kind, line);
        family.samples.push(sample);
        Ok(())
    }

    fn comment(&mut self, comment: &str) {
        let mut words = comment.trim_start().splitn(3, ' ');
        match (words.next(), words.next(), words.next()) {
            (Some("HELP"), Some(name), help) => {
                let help = help.unwrap_or_default();
                self.helps.insert(name.to_owned(), help.to_owned());
            }
            (Some("TYPE"), Some(name), Some(kind)) => {
                let header = Header {
                    name: name.to_owned(),
                    kind: MetricType::from_type_line(kind),
                    help: None,
                };
                let samples = header.sample_names();
                let owned = samples.map(|sample| (sample, name.to_owned()));
                self.owners.extend(owned);
                self.exposition.family(header);
            }
            _ => {}
        }
    }

    pub(super) fn finish(mut self) -> Exposition {
        for (name, help) in self.helps {
            if let Some(family) = self.exposition.families.get_mut(&name) {
                family.header.help = unescape_label_value(&help);
            }
        }
        self.exposition
    }
}

impl Exposition {
    /// Parses a whole text.
    ///
    /// # Errors
    ///
    /// If there is no memory for the list of samples.
    pub(super) fn parse(text: &str) -> Result<Self, TryReserveError> {
        let mut parser = ExpositionParser::default();
        for line in text.lines() {
            parser.line(line.as_bytes())?;
        }
        Ok(parser.finish())
    }

    fn family(&mut self, header: Header) -> &mut TextFamily {
        let empty = |header| TextFamily {
            header,
            samples: Vec::new(),
        };
        self.families
            .entry(header.name.clone())
            .or_insert_with(|| empty(header))
    }
}

struct ParsedSample<'a> {
    name: &'a str,
    labels: Vec<(&'a str, String)>,
}

impl<'a> ParsedSample<'a> {
    /// `None` for a line that Prometheus does not accept, such as one with a repeated label name.
    fn parse(line: &'a str) -> Option<Self> {
        let end = line.find(['{', ' ', '\t'])?;
        let name = &line[..end];
        let (labels, rest) = match line[end..].strip_prefix('{') {
            Some(rest) => parse_labels(rest)?,
            None => (Vec::new(), &line[end..]),
        };
        let mut words = rest.split_ascii_whitespace();
        words.next()?.parse::<f64>().ok()?;
        let timestamp = words.next().is_none_or(|word| word.parse::<i64>().is_ok());
        let unique = labels
            .iter()
            .zip(labels.iter().skip(1))
            .all(|((a, _), (b, _))| a != b);
        (metric_name(name) == name && timestamp && words.next().is_none() && unique)
            .then_some(Self { name, labels })
    }

    fn into_sample(self, kind: MetricType, line: &str) -> Sample {
        let mut labels = String::new();
        let mut reserved = "";
        for (name, value) in self.labels.iter().filter(|(_, value)| !value.is_empty()) {
            if kind.reserved_label() == Some(name) {
                reserved = value;
            } else {
                push_label(&mut labels, name, value);
            }
        }
        // Neither a name nor an escaped label contains a line feed.
        let identity = format!("{}\n{labels}\n{reserved}", self.name);
        Sample {
            line: line.to_owned(),
            labels,
            identity,
        }
    }
}

/// The labels sorted by name, and the text after the closing brace.
fn parse_labels(mut rest: &str) -> Option<(Vec<(&str, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            labels.sort();
            return Some((labels, after));
        }
        let (name, after) = rest.split_once('=')?;
        let name = name.trim();
        let value = after.trim_start().strip_prefix('"')?;
        let end = closing_quote(value)?;
        if label_name(name) != name {
            return None;
        }
        labels.push((name, unescape_label_value(&value[..end])?));
        rest = value[end + 1..].trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after,
            None if rest.starts_with('}') => {}
            None => return None,
        }
    }
}

fn closing_quote(value: &str) -> Option<usize> {
    let mut escaped = false;
    value.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_grouped_into_families() {
        let text = "# HELP a_total how \\\\ often\n# TYPE a_total counter\n\
                    a_total{y=\"2\",x=\"1\"} 3\n\n\
                    # TYPE h histogram\nh_bucket{x=\"1\",le=\"+Inf\"} 1\n\
                    h_sum{x=\"1\"} 0.5\nh_count{x=\"1\"} 1\n\
                    lone 5 1700000000000\n# EOF\n";
        let exposition = Exposition::parse(text).unwrap();
        assert_eq!(exposition.invalid_lines, 0);
        let names: Vec<_> = exposition.families.keys().collect();
        assert_eq!(names, ["a_total", "h", "lone"]);
        let counter = &exposition.families["a_total"];
        assert_eq!(counter.header.help.as_deref(), Some("how \\ often"));
        assert_eq!(counter.samples[0].labels, r#"x="1",y="2""#);
        let histogram = &exposition.families["h"];
        assert_eq!(histogram.header.kind, MetricType::Histogram);
        let labels: Vec<_> = histogram
            .samples
            .iter()
            .map(|s| s.labels.as_str())
            .collect();
        assert_eq!(labels, [r#"x="1""#; 3]);
        assert_eq!(exposition.families["lone"].header.kind, MetricType::Untyped);
    }

    #[test]
    fn invalid_lines_are_left_out() {
        let invalid = [
            "a{x=\"1\",x=\"2\"} 1",
            "a{x=\"1} 1",
            "a{x=1} 1",
            "a{x.y=\"1\"} 1",
            "a-b 1",
            "a",
            "a one",
            "a 1 soon",
            "a 1 2 3",
            "{x=\"1\"} 1",
        ];
        for line in invalid {
            assert_eq!(Exposition::parse(line).unwrap().invalid_lines, 1, "{line}");
        }
        let valid = [
            "a{} 1",
            "a{x=\"1\",} NaN",
            "a{ x = \"}\\\"\\n\" } +Inf",
            "a\t-5e-324",
        ];
        for line in valid {
            assert_eq!(Exposition::parse(line).unwrap().invalid_lines, 0, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_text_does_not_panic(text: String, line in "[a{}=\", \\\\#0-9\n]{0,40}") {
            Exposition::parse(&text).unwrap();
            Exposition::parse(&line).unwrap();
        }
    }
}
