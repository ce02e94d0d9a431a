//! Reads the text format 0.0.4, as other sources of metrics write it: families with their sample
//! lines.
//!
//! Source: prometheus.io, "Exposition formats", "Text format details".

use std::collections::{BTreeMap, HashMap};

use super::escape::unescape_label_value;
use super::family::Header;
use super::labels::push_label;
use super::naming::{Kind, label_name, metric_name};

/// One family of a text, and its lines as they were written.
#[derive(Debug, PartialEq)]
pub(crate) struct TextFamily {
    pub(crate) header: Header,
    pub(crate) samples: Vec<Sample>,
}

/// One sample line.
#[derive(Debug, PartialEq)]
pub(crate) struct Sample {
    /// The line without its line feed.
    pub(crate) line: String,
    /// The labels that tell its series from others of the family, written as our own are; without
    /// `le` or `quantile`.
    pub(crate) labels: String,
    /// What tells this sample from every other one of the text.
    pub(crate) identity: String,
}

/// The families of a text, and how many of its lines a Prometheus would refuse, which are left out.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Exposition {
    pub(crate) families: BTreeMap<String, TextFamily>,
    pub(crate) unreadable: usize,
}

impl Exposition {
    /// Reads a text; `# EOF` and comments are dropped.
    pub(crate) fn parse(text: &str) -> Self {
        let mut helps: HashMap<&str, &str> = HashMap::new();
        let mut exposition = Self::default();
        let mut owners: HashMap<String, String> = HashMap::new();
        for line in text
            .lines()
            .map(str::trim_end)
            .filter(|line| !line.is_empty())
        {
            if let Some(comment) = line.strip_prefix('#') {
                let mut words = comment.trim_start().splitn(3, ' ');
                match (words.next(), words.next(), words.next()) {
                    (Some("HELP"), Some(name), help) => {
                        helps.insert(name, help.unwrap_or_default());
                    }
                    (Some("TYPE"), Some(name), Some(kind)) => {
                        let header = Header {
                            name: name.to_owned(),
                            kind: kind_of(kind),
                            help: None,
                        };
                        owners.extend(
                            header
                                .sample_names()
                                .map(|sample| (sample, name.to_owned())),
                        );
                        exposition.family(header);
                    }
                    _ => {}
                }
                continue;
            }
            match ParsedSample::parse(line) {
                Some(sample) => {
                    let owner = owners
                        .get(sample.name)
                        .map_or(sample.name, String::as_str)
                        .to_owned();
                    let header = Header {
                        name: owner,
                        kind: Kind::Untyped,
                        help: None,
                    };
                    let family = exposition.family(header);
                    let sample = sample.of(family.header.kind, line);
                    family.samples.push(sample);
                }
                None => exposition.unreadable += 1,
            }
        }
        for (name, help) in helps {
            if let Some(family) = exposition.families.get_mut(name) {
                family.header.help = unescape_label_value(help);
            }
        }
        exposition
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

fn kind_of(word: &str) -> Kind {
    [Kind::Counter, Kind::Gauge, Kind::Histogram, Kind::Summary]
        .into_iter()
        .find(|kind| kind.as_str() == word)
        .unwrap_or(Kind::Untyped)
}

struct ParsedSample<'a> {
    name: &'a str,
    labels: Vec<(&'a str, String)>,
}

impl<'a> ParsedSample<'a> {
    /// None for a line that a Prometheus would refuse, a label name given twice included.
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

    fn of(&self, kind: Kind, line: &str) -> Sample {
        let mut labels = String::new();
        let mut own = "";
        for (name, value) in self.labels.iter().filter(|(_, value)| !value.is_empty()) {
            if kind.reserved_label() == Some(name) {
                own = value;
            } else {
                push_label(&mut labels, name, value);
            }
        }
        // A line feed can stand neither in a name nor in an escaped label.
        let identity = format!("{}\n{labels}\n{own}", self.name);
        Sample {
            line: line.to_owned(),
            labels,
            identity,
        }
    }
}

/// Labels sorted by name and what follows the closing brace.
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
    fn families_with_their_lines() {
        let text = "# HELP a_total how \\\\ often\n# TYPE a_total counter\n\
                    a_total{y=\"2\",x=\"1\"} 3\n\n\
                    # TYPE h histogram\nh_bucket{x=\"1\",le=\"+Inf\"} 1\n\
                    h_sum{x=\"1\"} 0.5\nh_count{x=\"1\"} 1\n\
                    lone 5 1700000000000\n# EOF\n";
        let exposition = Exposition::parse(text);
        assert_eq!(exposition.unreadable, 0);
        let names: Vec<_> = exposition.families.keys().collect();
        assert_eq!(names, ["a_total", "h", "lone"]);
        let counter = &exposition.families["a_total"];
        assert_eq!(counter.header.help.as_deref(), Some("how \\ often"));
        assert_eq!(counter.samples[0].labels, r#"x="1",y="2""#);
        let histogram = &exposition.families["h"];
        assert_eq!(histogram.header.kind, Kind::Histogram);
        let labels: Vec<_> = histogram
            .samples
            .iter()
            .map(|s| s.labels.as_str())
            .collect();
        assert_eq!(labels, [r#"x="1""#; 3]);
        assert_eq!(exposition.families["lone"].header.kind, Kind::Untyped);
    }

    #[test]
    fn what_prometheus_would_refuse_is_left_out() {
        let refused = [
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
        for line in refused {
            assert_eq!(Exposition::parse(line).unreadable, 1, "{line}");
        }
        let accepted = [
            "a{} 1",
            "a{x=\"1\",} NaN",
            "a{ x = \"}\\\"\\n\" } +Inf",
            "a\t-5e-324",
        ];
        for line in accepted {
            assert_eq!(Exposition::parse(line).unreadable, 0, "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String, line in "[a{}=\", \\\\#0-9\n]{0,40}") {
            Exposition::parse(&text);
            Exposition::parse(&line);
        }
    }
}
