//! A web server of another origin.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// Answers every request with one page, until the test ends.
pub(crate) struct Elsewhere {
    pub(crate) url: String,
}

impl Elsewhere {
    pub(crate) fn serve(page: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let page = page.to_owned();
        std::thread::Builder::new()
            .name("elsewhere".into())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    let _ = answer(stream, &page); // a browser may leave at any time
                }
            })
            .expect("a thread");
        Self { url }
    }
}

fn answer(mut stream: TcpStream, page: &str) -> std::io::Result<()> {
    let mut request = BufReader::new(stream.try_clone()?);
    let mut line = String::from(" ");
    while !line.trim_end_matches(['\r', '\n']).is_empty() {
        line.clear();
        request.read_line(&mut line)?;
    }
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    )
}
