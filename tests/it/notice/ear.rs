//! A web server that hears what it is told, and answers as it was told to.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::json;
use crate::wait::LONG;

/// What an answer is.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// A status line's end, such as `500 Internal Server Error`, and more headers.
    Status(&'static str),
    /// 400 to a body that holds this text, 200 to any other.
    Refusal(&'static str),
    /// None at all, with the connection kept open.
    Silence,
}

/// A request that was heard.
#[derive(Clone, Debug)]
pub struct Heard {
    /// `POST /path`.
    pub line: String,
    /// All of it before the body, in lower case.
    pub head: String,
    pub body: String,
}

/// Ends with the test.
pub struct Ear {
    pub port: u16,
    answers: Arc<Mutex<Vec<Answer>>>,
    heard: watch::Receiver<Vec<Heard>>,
    task: JoinHandle<()>,
}

impl Ear {
    /// Gives these answers, the last one again and again.
    pub async fn answering(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self::on(listener, answers)
    }

    /// Begins to listen where nobody did before.
    pub async fn at(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        Self::on(listener, &[Answer::Status("200 OK")])
    }

    fn on(listener: TcpListener, answers: &[Answer]) -> Self {
        let port = listener.local_addr().unwrap().port();
        let (sender, heard) = watch::channel(Vec::new());
        let (sender, answers) = (Arc::new(sender), Arc::new(Mutex::new(answers.to_vec())));
        let given = Arc::clone(&answers);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (sender, answers) = (Arc::clone(&sender), Arc::clone(&given));
                tokio::spawn(async move {
                    let answer = {
                        let mut answers = answers.lock().unwrap();
                        if answers.len() > 1 { answers.remove(0) } else { answers[0] }
                    };
                    converse(stream, answer, &sender).await;
                });
            }
        });
        Self { port, answers, heard, task }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?key=secret", self.port)
    }

    /// Gives this answer from now on.
    pub fn answer(&self, answer: Answer) {
        *self.answers.lock().unwrap() = vec![answer];
    }

    /// All that was heard, as soon as it is that much.
    pub async fn hear(&self, count: usize) -> Vec<Heard> {
        let mut heard = self.heard.clone();
        let enough = heard.wait_for(|heard| heard.len() >= count);
        tokio::time::timeout(LONG, enough).await.expect("it is told").unwrap().clone()
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.borrow().clone()
    }
}

/// Whatever was heard is held against its schema, once nobody waits for anything any more.
impl Drop for Ear {
    fn drop(&mut self) {
        self.task.abort();
        if !std::thread::panicking() {
            self.heard().iter().for_each(|it| json::hold_notice(&it.body));
        }
    }
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn converse(mut stream: TcpStream, answer: Answer, heard: &watch::Sender<Vec<Heard>>) {
    let Some(request) = read(&mut stream).await else { return };
    let status = match answer {
        Answer::Status(status) => Some(status),
        Answer::Refusal(text) if request.body.contains(text) => Some("400 Bad Request"),
        Answer::Refusal(_) => Some("200 OK"),
        Answer::Silence => None,
    };
    heard.send_modify(|heard| heard.push(request));
    let Some(status) = status else { return std::future::pending().await };
    let said = "heard\u{1b}[31m";
    let length = said.len();
    let answer =
        format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{said}");
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

async fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                let line = text.split(" HTTP/").next()?.to_owned();
                return Some(Heard { line, head, body: body.to_owned() });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
