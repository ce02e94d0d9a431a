//! Reading a body, bounded while it is read.

use std::pin::pin;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::future::{Either, poll_immediate, select};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::Instant;

use crate::large_buffer::LargeBuffer;
use crate::limits::Limits;
use crate::request::StopSignal;
use crate::response::AdminError;
use crate::server_context::BodyReservation;

/// Frames without data of one body, empty ones and trailers: 400 beyond.
const MAX_FRAMES_WITHOUT_DATA: usize = 1024;

/// Parts of a body that may be read without a look at the clock, if each is there at once.
const MAX_UNTIMED_PARTS: usize = 8;

/// A client may pause for so long when the server stops.
const MAX_STOP_PAUSE: Duration = Duration::from_millis(500);

/// Refuses a body that is announced too long.
pub(super) fn check_announced(limits: &Limits, headers: &HeaderMap) -> Result<(), AdminError> {
    let max_bytes = limits.max_body_bytes;
    let announced = headers.get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > max_bytes as u64) {
        return Err(too_long(max_bytes));
    }
    Ok(())
}

/// Refuses a body that is encoded in a way that nothing here decodes, such as `gzip, chunked`.
pub(super) fn check_transfer_encoding(headers: &HeaderMap) -> Result<(), AdminError> {
    let codings = headers.get_all(TRANSFER_ENCODING).iter();
    let mut codings = codings.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    if codings.all(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked")) {
        return Ok(());
    }
    Err(AdminError::new(
        StatusCode::NOT_IMPLEMENTED,
        "This Transfer-Encoding is not supported: expected chunked alone",
    ))
}

/// Reads a whole body, within the limits, also one that is not kept, which has no reservation: no handler
/// runs for a request that was cut off. Once the server stops, a client that pauses is refused.
pub(super) async fn read_body<B: Body>(
    limits: &Limits,
    stop: &StopSignal,
    body: B,
    mut reservation: Option<BodyReservation>,
) -> Result<Bytes, AdminError> {
    let is_kept = reservation.is_some();
    let max_bytes = limits.max_body_bytes;
    let mut body = pin!(body);
    let mut deadline = BodyDeadline::new(limits, stop);
    let announced = body.size_hint().exact().filter(|_| is_kept);
    let announced = announced.and_then(|length| usize::try_from(length).ok());
    if let (Some(reservation), Some(announced)) = (&mut reservation, announced) {
        reservation.grow_to(announced.min(max_bytes))?;
    }
    // A chunk of one byte would keep a whole read buffer, if it was not copied.
    let mut kept = LargeBuffer::with_capacity(announced.unwrap_or(0).min(max_bytes));
    let mut frames_without_data = 0;
    loop {
        // A body that is always ready would otherwise block the thread.
        tokio::task::consume_budget().await;
        let frame = deadline.wait_for(body.frame()).await?;
        let Some(frame) = frame else {
            let body = Bytes::from(kept);
            return Ok(match reservation {
                Some(reservation) => reservation.attach(body),
                None => body,
            });
        };
        let frame = frame.map_err(|_| {
            AdminError::bad_request("The body ended early or is not valid HTTP/1.1")
        })?;
        match frame.into_data() {
            Ok(mut chunk) if chunk.has_remaining() => {
                if chunk.remaining() > max_bytes - deadline.received_bytes {
                    return Err(too_long(max_bytes));
                }
                deadline.received_bytes += chunk.remaining();
                if let Some(reservation) = &mut reservation {
                    reservation.step_to(deadline.received_bytes)?;
                }
                while is_kept && chunk.has_remaining() {
                    let bytes = chunk.chunk();
                    kept.extend_from_slice(bytes);
                    let copied = bytes.len();
                    chunk.advance(copied);
                }
            }
            _ => {
                frames_without_data += 1;
                if frames_without_data > MAX_FRAMES_WITHOUT_DATA {
                    return Err(AdminError::bad_request(format!(
                        "The body has more than {MAX_FRAMES_WITHOUT_DATA} frames without data"
                    )));
                }
            }
        }
    }
}

/// Until when a body may be read: each byte that arrives adds to the time.
struct BodyDeadline<'s> {
    stop: &'s StopSignal,
    /// How long the server waits for bodies when it stops, and since when it does.
    stop_timeout: Duration,
    stopped: Option<Instant>,
    timeout: Duration,
    min_bytes_per_second: u32,
    received_bytes: usize,
    parts: usize,
    /// When the time was read first.
    began: Option<Instant>,
}

impl<'s> BodyDeadline<'s> {
    fn new(limits: &Limits, stop: &'s StopSignal) -> Self {
        let stop_timeout = limits.graceful_shutdown_timeout;
        Self {
            stop,
            // The reply has to be written too.
            stop_timeout: stop_timeout
                .saturating_sub(MAX_STOP_PAUSE)
                .max(stop_timeout / 2),
            stopped: None,
            timeout: limits.body_read_timeout,
            min_bytes_per_second: limits.min_body_bytes_per_second.max(1),
            received_bytes: 0,
            parts: 0,
            began: None,
        }
    }

    /// The time that is left after so much of it.
    fn left_after(&self, elapsed: Duration) -> Duration {
        let sending = Duration::from_secs(self.received_bytes as u64) / self.min_bytes_per_second;
        self.timeout.saturating_add(sending).saturating_sub(elapsed)
    }

    /// Waits for the next part of the body.
    async fn wait_for<T>(&mut self, part: impl Future<Output = T>) -> Result<T, AdminError> {
        let mut part = pin!(part);
        self.parts += 1;
        // Most bodies are there at once, and need no timer.
        if let Some(part) = poll_immediate(part.as_mut()).await {
            if self.parts > MAX_UNTIMED_PARTS && self.left() == Duration::ZERO {
                return Err(self.error());
            }
            return Ok(part);
        }
        let left = self.left();
        {
            let paused = pin!(self.paused_at_stop());
            let first = tokio::time::timeout(left, select(part.as_mut(), paused));
            if let Ok(first) = first.await {
                return match first {
                    Either::Left((part, _)) => Ok(part),
                    Either::Right(_) => Err(AdminError::unavailable(
                        "The server is stopping: send the request again",
                    )),
                };
            }
        }
        // After a process was stopped, timers end before what arrived meanwhile is known.
        tokio::task::yield_now().await;
        poll_immediate(part).await.ok_or_else(|| self.error())
    }

    /// Returns once the server stops and the client has sent nothing since then for a while.
    async fn paused_at_stop(&mut self) {
        self.stop.received().await;
        let now = Instant::now();
        let stopped = *self.stopped.get_or_insert(now);
        let left = self.stop_timeout.saturating_sub(now - stopped);
        tokio::time::sleep(left.min(MAX_STOP_PAUSE)).await;
    }

    fn left(&mut self) -> Duration {
        let now = Instant::now();
        let began = *self.began.get_or_insert(now);
        self.left_after(now - began)
    }

    fn error(&self) -> AdminError {
        let (timeout, rate) = (self.timeout, self.min_bytes_per_second);
        AdminError::new(
            StatusCode::REQUEST_TIMEOUT,
            format!("The body did not arrive within {timeout:?} and 1 s for each {rate} bytes"),
        )
    }
}

fn too_long(max_bytes: usize) -> AdminError {
    AdminError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The body is longer than {max_bytes} bytes"),
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream::{self, StreamExt};
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    #[test]
    fn slow_bodies_that_progress_have_time() {
        let second = Duration::from_secs(1);
        for (bytes_per_second, is_accepted) in [(20 << 10, true), (500, true), (400, false)] {
            let stop = StopSignal::default();
            let mut deadline = BodyDeadline::new(&Limits::default(), &stop);
            let seconds = (1 << 20) / bytes_per_second;
            let has_time = (1..=seconds).all(|elapsed| {
                let left = deadline.left_after((elapsed - 1) * second);
                deadline.received_bytes += bytes_per_second as usize;
                left > second
            });
            assert_eq!(has_time, is_accepted, "{bytes_per_second} bytes a second");
        }
    }

    #[test]
    fn longest_times_do_not_overflow() {
        let limits = Limits::default()
            .with_body_read_timeout(Duration::MAX)
            .with_min_body_bytes_per_second(0);
        let stop = StopSignal::default();
        let mut deadline = BodyDeadline::new(&limits, &stop);
        deadline.received_bytes = usize::MAX;
        assert_eq!(deadline.left_after(Duration::ZERO), Duration::MAX);
        assert_eq!(deadline.left_after(Duration::MAX), Duration::ZERO);
    }

    /// The status of a body whose last part comes after a millisecond, if it comes.
    async fn status(limits: Limits, is_complete: bool) -> Option<StatusCode> {
        let timeout = limits.with_body_read_timeout(Duration::from_millis(1));
        let frame = || Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[b'x'; 1000])));
        let last = stream::once(async move {
            tokio::time::sleep(Duration::from_millis(2)).await;
            if !is_complete {
                std::future::pending::<()>().await;
            }
            frame()
        });
        let body = StreamBody::new(stream::iter([frame()]).chain(last).boxed());
        let read = read_body(&timeout, &StopSignal::default(), body, None).await;
        read.err().map(|error| error.status())
    }

    #[tokio::test]
    async fn received_bytes_extend_the_timeout() {
        let patient = Limits::default().with_min_body_bytes_per_second(1);
        assert_eq!(status(patient, true).await, None);
        let strict = Limits::default().with_min_body_bytes_per_second(u32::MAX);
        let refused = Some(StatusCode::REQUEST_TIMEOUT);
        assert_eq!(status(strict, false).await, refused);
    }
}
