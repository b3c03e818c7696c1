//! Machines under other schedules.toml, and who tells people.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::wait;
use crate::world::{World, rule};

const FLEET: &str = "[[servers]]\nname = \"dev\"\nno = \"1\"\nstop_takes = \"1s\"\n";

/// Hears notices, and refuses them at first.
struct Listener {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
    /// The status line of each answer.
    answer: Arc<Mutex<&'static str>>,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    async fn new(answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, answer) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(Mutex::new(answer)));
        let (list, given) = (Arc::clone(&heard), Arc::clone(&answer));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = String::new();
                while !is_whole(&request) {
                    let mut buffer = [0; 4_096];
                    let Ok(read @ 1..) = stream.read(&mut buffer).await else { break };
                    request.push_str(&String::from_utf8_lossy(&buffer[..read]));
                }
                let status = *given.lock().unwrap();
                list.lock().unwrap().push(format!("{status} {request}"));
                let answer =
                    format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.ok();
            }
        });
        Self { port, heard, answer, task }
    }

    fn target(&self) -> String {
        format!(
            "[[notify]]\nname = \"team\"\nurl = \"http://127.0.0.1:{}/\"\non = [\"summary\"]\n",
            self.port
        )
    }

    fn heard(&self, status: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|it| it.starts_with(status)).count()
    }
}

fn is_whole(request: &str) -> bool {
    let Some((head, body)) = request.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
    });
    body.len() >= length.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_node_on_duty_tells_and_another_file_ends_none_of_its_notices() {
    let Some(world) = World::of(FLEET).await else { return };
    let team = Listener::new("500 Not Now").await;
    let (a, b) = world.pair().await;
    let told = |at| rule("night", "stop", "dev", at) + &team.target();
    let at = world.plan(&[&a], told).await;
    // The other one knows of no target.
    b.write(&rule("night", "stop", "dev", at));
    b.signal(rustix::process::Signal::HUP);
    world.has("notice", 1).await;
    wait::until_so("it is told", async || team.heard("500") > 0).await;
    world.is_whole(&[&a, &b]).await;
    *team.answer.lock().unwrap() = "200 OK";
    world.has("notice_end", 1).await;
    let entries = world.entries().await;
    assert_eq!(entries.of("notice").count(), 1);
    let ends: Vec<_> = entries.of("notice_end").map(|it| it.body["result"].clone()).collect();
    assert_eq!(ends, ["delivered"]);
    assert_eq!(team.heard("200"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_given_up_once_no_node_s_file_names_its_target() {
    let Some(world) = World::of(FLEET).await else { return };
    let team = Listener::new("500 Not Now").await;
    let (a, b) = world.pair().await;
    let at = world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at) + &team.target()).await;
    wait::until_so("it is told", async || team.heard("500") > 0).await;
    // Their files differ already, and mean the same.
    let differ = async || a.run("status --format json").await.stdout.contains("nodes_differ");
    assert!(!differ().await);
    let without = |node: &crate::node::Node| {
        node.write(&rule("night", "stop", "dev", at));
        node.signal(rustix::process::Signal::HUP);
    };
    without(&a);
    wait::until_so("status shows it", differ).await;
    let loads = world.entries().await.of("file_load").count();
    assert_eq!(world.entries().await.of("notice_end").count(), 0);
    without(&b);
    world.has("file_load", loads + 1).await;
    world.has("notice_end", 1).await;
    assert_eq!(world.entries().await.of("notice_end").next().unwrap().body["result"], "given_up");
    world.is_whole(&[&a, &b]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_that_its_node_has_not_delivered_is_delivered_once_by_the_next() {
    let Some(world) = World::of(FLEET).await else { return };
    let team = Listener::new("500 Not Now").await;
    let (mut a, b) = world.pair().await;
    world.plan(&[&a, &b], |at| rule("night", "stop", "dev", at) + &team.target()).await;
    wait::until_so("it is told", async || team.heard("500") > 0).await;
    a.kill().await;
    *team.answer.lock().unwrap() = "200 OK";
    world.has("notice_end", 1).await;
    assert_eq!(team.heard("200"), 1);
    let entries = world.entries().await;
    assert_eq!(entries.of("notice").count(), 1);
    assert_eq!(entries.of("notice_end").next().unwrap().body["result"], "delivered");
    world.is_whole(&[&b]).await;
}
