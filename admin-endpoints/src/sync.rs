//! Locks that ignore poisoning: no code of this crate leaves guarded data half changed when it
//! panics, and one panic must not end a route for the life of the process.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex, whether or not a thread panicked while it held it.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn poisoned_mutex_is_still_locked() {
        let mutex = Mutex::new(1);
        let panicked = thread::scope(|threads| {
            let poisoner = threads.spawn(|| {
                let _guard = mutex.lock();
                panic!("poisons the mutex");
            });
            poisoner.join().is_err()
        });
        assert!(panicked && mutex.is_poisoned());
        assert_eq!(*lock(&mutex), 1);
    }
}
