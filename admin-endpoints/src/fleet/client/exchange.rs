//! Requests and answers over one connection.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::bounded_stream::BoundedStream;
use super::destination::Destination;
use super::error::{ClientError, with_causes};
use crate::fleet::limits::MAX_ANSWER_BYTES;

/// Longest head of an answer, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// A request whose body is in memory.
pub(crate) type OutgoingRequest = Request<Full<Bytes>>;

/// The answer to one request.
#[derive(Clone, Debug)]
pub(crate) struct ClientAnswer {
    pub(crate) status: StatusCode,
    /// When to try again, if it is said in seconds.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Bytes,
}

impl ClientAnswer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends requests, one after the other, over one connection, and over another one where it is closed behind an
/// answer: what is sent here more than once only reads.
///
/// Returns the answers until all are there, one fails or the time is over, and why the next one is
/// missing.
pub(crate) async fn exchange(
    destination: &Destination,
    requests: Vec<OutgoingRequest>,
    time: Duration,
) -> (Vec<ClientAnswer>, Option<ClientError>) {
    let mut answers = Vec::with_capacity(requests.len());
    let result = timeout(time, send_each(destination, &requests, &mut answers)).await;
    let error = match result {
        Ok(result) => result.err(),
        Err(_) => Some(ClientError::TimedOut(time)),
    };
    (answers, error)
}

/// Sends one request.
pub(crate) async fn exchange_one(
    destination: &Destination,
    request: OutgoingRequest,
    time: Duration,
) -> Result<ClientAnswer, ClientError> {
    let (mut answers, error) = exchange(destination, vec![request], time).await;
    match (answers.pop(), error) {
        (Some(answer), _) => Ok(answer),
        (None, Some(error)) => Err(error),
        (None, None) => Err(ClientError::NoAnswer("nothing was sent".to_owned())),
    }
}

/// Why the requests of a connection ended early.
enum Interrupted {
    /// It brings no more answers: the next request needs another one.
    Closed(ClientError),
    Failed(ClientError),
}

async fn send_each(
    destination: &Destination,
    requests: &[OutgoingRequest],
    answers: &mut Vec<ClientAnswer>,
) -> Result<(), ClientError> {
    loop {
        let answered = answers.len();
        let sent = connect_and_send(destination, &requests[answered..], answers).await;
        match sent {
            Ok(()) => return Ok(()),
            // A connection that has brought an answer was a usable one, so that the loop ends.
            Err(Interrupted::Closed(_)) if answers.len() > answered => {}
            Err(Interrupted::Closed(error) | Interrupted::Failed(error)) => return Err(error),
        }
    }
}

async fn connect_and_send(
    destination: &Destination,
    requests: &[OutgoingRequest],
    answers: &mut Vec<ClientAnswer>,
) -> Result<(), Interrupted> {
    let no_connection =
        |error: io::Error| Interrupted::Failed(ClientError::NoConnection(error.to_string()));
    match destination {
        Destination::Unix(path) => {
            let stream = UnixStream::connect(path).await.map_err(no_connection)?;
            send_over(stream, requests, answers).await
        }
        Destination::Tcp { host, port, tls } => {
            let stream = TcpStream::connect((host.as_str(), *port)).await;
            let stream = stream.map_err(no_connection)?;
            // Requests and answers are small: none waits for more of it.
            let _ = stream.set_nodelay(true);
            let Some(tls) = tls else {
                return send_over(stream, requests, answers).await;
            };
            let connector = TlsConnector::from(Arc::clone(&tls.config));
            let stream = connector.connect(tls.name.clone(), stream).await;
            let stream = stream.map_err(|error| {
                Interrupted::Failed(ClientError::NoTlsSession(with_causes(&error)))
            })?;
            send_over(stream, requests, answers).await
        }
    }
}

async fn send_over<S>(
    stream: S,
    requests: &[OutgoingRequest],
    answers: &mut Vec<ClientAnswer>,
) -> Result<(), Interrupted>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let max_bytes = requests.len() * (MAX_HEAD_BYTES + 2 * MAX_ANSWER_BYTES);
    let stream = BoundedStream::new(stream, max_bytes);
    let mut builder = Builder::new();
    builder.max_buf_size(MAX_HEAD_BYTES);
    let (sender, connection) = builder
        .handshake(TokioIo::new(stream))
        .await
        .map_err(closed)?;
    // Both in this task: dropping it closes the connection, whatever is still to be read. Boxed, so that it is
    // dropped where it ends: until then the sender would wait for it.
    let connection = Box::pin(connection);
    match select(pin!(send_all(sender, requests, answers)), connection).await {
        Either::Left((result, _)) => result,
        Either::Right((_, send_all)) => send_all.await,
    }
}

async fn send_all(
    mut sender: SendRequest<Full<Bytes>>,
    requests: &[OutgoingRequest],
    answers: &mut Vec<ClientAnswer>,
) -> Result<(), Interrupted> {
    for request in requests {
        sender.ready().await.map_err(closed)?;
        let response = sender.send_request(request.clone()).await;
        let response = response.map_err(closed)?;
        let status = response.status();
        // The connection speaks something else from now on, and nothing was asked for it.
        if status.is_informational() {
            let reason = format!("it answered {}, which was not asked for", status.as_u16());
            return Err(Interrupted::Failed(ClientError::NoAnswer(reason)));
        }
        if status.is_redirection() {
            return Err(Interrupted::Failed(ClientError::Redirected(status)));
        }
        let retry_after = retry_after(response.headers());
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES);
        let body = body.collect().await.map_err(|error| {
            Interrupted::Failed(if error.is::<LengthLimitError>() {
                ClientError::TooLong
            } else {
                ClientError::NoAnswer(with_causes(&*error))
            })
        })?;
        answers.push(ClientAnswer {
            status,
            retry_after,
            body: body.to_bytes(),
        });
    }
    Ok(())
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}

fn closed(error: hyper::Error) -> Interrupted {
    Interrupted::Closed(ClientError::NoAnswer(with_causes(&error)))
}
