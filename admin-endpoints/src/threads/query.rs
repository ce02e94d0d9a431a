//! Which threads are asked for, and how deep.

/// The most frames that one stack is unwound for.
///
/// ```
/// use admin_endpoints::threads::{MOST_FRAMES, Query};
///
/// assert_eq!(Query::default().frames, MOST_FRAMES);
/// ```
pub const MOST_FRAMES: usize = 256;

/// What a dump shall contain.
///
/// ```
/// use admin_endpoints::threads::Query;
///
/// let query = Query { name: Some("tokio".into()), frames: 20, ..Query::default() };
/// assert!(query.matches(17, "Tokio-runtime-worker"));
/// assert!(!query.matches(18, "heartbeat"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Only threads whose name contains this, in any case.
    pub name: Option<String>,
    /// Only the thread with this kernel id.
    pub thread_id: Option<u64>,
    /// Frames per thread, at most [`MOST_FRAMES`].
    pub frames: usize,
}

impl Default for Query {
    /// Every thread, all frames.
    fn default() -> Self {
        Self {
            name: None,
            thread_id: None,
            frames: MOST_FRAMES,
        }
    }
}

impl Query {
    /// Whether a thread is asked for.
    pub fn matches(&self, tid: u64, name: &str) -> bool {
        self.thread_id.is_none_or(|wanted| wanted == tid)
            && self.name.as_ref().is_none_or(|part| {
                part.is_empty() || name.to_lowercase().contains(&part.to_lowercase())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_name_in_any_case_is_enough() {
        let query = Query {
            name: Some("HeartB".to_owned()),
            ..Query::default()
        };
        assert!(query.matches(7, "engine-heartbeat"));
        assert!(!query.matches(7, "eviction"));
        assert!(
            Query {
                name: Some(String::new()),
                ..Query::default()
            }
            .matches(7, "any")
        );
    }

    #[test]
    fn both_filters_must_hold() {
        let query = Query {
            name: Some("a".to_owned()),
            thread_id: Some(7),
            frames: 1,
        };
        assert!(query.matches(7, "a"));
        assert!(!query.matches(8, "a"));
        assert!(!query.matches(7, "b"));
    }
}
