//! The whole name of the current thread, looked up once.

use std::cell::OnceCell;
use std::sync::Arc;
use std::thread;

use admin_runtime::thread_names::{current_tid, lookup};

thread_local! {
    static LABEL: OnceCell<Option<Arc<str>>> = const { OnceCell::new() };
}

/// The name that the thread has registered, else the one that it was started with.
pub(super) fn current_thread_label() -> Option<Arc<str>> {
    // A thread that ends has no name any more.
    let label = LABEL.try_with(|label| label.get_or_init(find_label).clone());
    label.ok().flatten()
}

fn find_label() -> Option<Arc<str>> {
    let registered = current_tid().and_then(lookup);
    registered.or_else(|| thread::current().name().map(Arc::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_threads_are_whole() {
        let name = "replication to eu-central-1";
        let builder = thread::Builder::new().name(name.to_owned());
        let label = builder.spawn(current_thread_label).unwrap().join().unwrap();
        assert_eq!(label.as_deref(), Some(name));
        let unnamed = thread::Builder::new().spawn(current_thread_label).unwrap();
        let unnamed = unnamed.join().unwrap();
        assert_eq!(unnamed, None);
    }
}
