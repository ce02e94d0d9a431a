//! The thread that serves the queue.

use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cache_engine::{Block, BlockKey, Engine};

use crate::queue::{Queue, Request};

/// A running dispatcher. It stops when dropped, and closes the queue.
#[derive(Debug)]
#[must_use = "the dispatcher stops when this is dropped"]
pub(crate) struct Dispatcher {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
}

/// Bytes of data of a block that is computed.
const COMPUTED_BYTES: usize = 4096;

impl Dispatcher {
    pub(crate) fn start(
        queue: &Arc<Queue>,
        engine: &Arc<Engine>,
        per_second: NonZeroU32,
    ) -> io::Result<Self> {
        let pause = Duration::from_secs(1) / per_second.get();
        let (served, engine) = (Arc::clone(queue), Arc::clone(engine));
        let thread = thread::Builder::new()
            .name("dispatcher".to_owned())
            .spawn(move || {
                while let Some(request) = served.next() {
                    let (cached, computed) = serve(&engine, &request);
                    served.served(cached, computed);
                    tracing::debug!(id = request.id, cached, computed, "request served");
                    served.rest(pause);
                }
            })?;
        Ok(Self {
            queue: Arc::clone(queue),
            thread: Some(thread),
        })
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the dispatcher thread panicked");
        }
    }
}

/// Reuses the cached beginning of a prompt and computes the rest, since a block depends on all before
/// it. Returns the number of cached and of computed blocks.
fn serve(engine: &Engine, request: &Request) -> (u64, u64) {
    let cached = |key: &&BlockKey| engine.get(**key).is_some();
    let prefix = request.blocks.iter().take_while(cached).count();
    for key in &request.blocks[prefix..] {
        let block = Block::new(*key, vec![key.0 as u8; COMPUTED_BYTES]);
        if let Err(error) = engine.put(block) {
            tracing::debug!(%error, "a computed block is not cached");
        }
    }
    (prefix as u64, (request.blocks.len() - prefix) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cache_engine::EngineConfig;

    #[test]
    fn only_the_cached_beginning_is_reused() {
        let engine = Engine::new(EngineConfig::default()).unwrap();
        let request = |keys: &[u64]| Request {
            id: 1,
            blocks: keys.iter().copied().map(BlockKey).collect(),
        };
        assert_eq!(serve(&engine, &request(&[1, 2, 3])), (0, 3));
        assert_eq!(serve(&engine, &request(&[1, 2, 9, 3])), (2, 2));
        assert_eq!(serve(&engine, &request(&[1, 2, 9, 3])), (4, 0));
    }

    #[test]
    fn a_dropped_dispatcher_has_ended() {
        let queue = Arc::new(Queue::new(1));
        let engine = Arc::new(Engine::new(EngineConfig::default()).unwrap());
        let dispatcher = Dispatcher::start(&queue, &engine, NonZeroU32::MIN).unwrap();
        queue.submit(vec![BlockKey(1)]).unwrap();
        drop(dispatcher);
        assert_eq!(Arc::strong_count(&engine), 1);
    }
}
