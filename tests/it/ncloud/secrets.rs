//! Keys and signatures stay where they belong.

use std::io;
use std::sync::{Arc, Mutex};

use lightsout::clock::Clock;
use lightsout::cloud::Cloud;
use lightsout::cloud::ncloud::Timeouts;
use lightsout::model::instance::Action;
use lightsout::model::platform::Platform;
use tracing_subscriber::filter::LevelFilter;

use super::far::{
    ACCESS_KEY, Far, Reply, SECRET_KEY, SHORT, account, client_within, environment, numbers, ok,
    region, status,
};

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_key_and_no_signature_is_printed_logged_or_put_in_an_error() {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);

    let mut shown = Vec::new();
    let mut signatures = Vec::new();
    let accepted: fn() -> Reply = || ok(include_str!("../../ncloud/stop_accepted.xml"));
    let replies: [fn() -> Reply; 8] = [
        accepted,
        accepted,
        || status(401, include_str!("../../ncloud/gateway_denied.json")),
        || status(400, include_str!("../../ncloud/service_refused.xml")),
        || status(429, ""),
        || status(200, "<html>"),
        || Reply::Reset,
        || Reply::Silence(Vec::new()),
    ];
    for reply in replies {
        // An event that another test, without a subscriber, reaches first at the same time stays
        // off until this. So each event must come twice.
        tracing::callsite::rebuild_interest_cache();
        let far = Far::new(move |_| reply()).await;
        let is_silent = matches!(reply(), Reply::Silence(_));
        let timeouts = if is_silent { SHORT } else { Timeouts::default() };
        let (client, clock) = client_within(&account(&far.url, Platform::Vpc), timeouts);
        let answer = client.change(Action::Stop, &region("KR"), &numbers([1_021_003])).await;
        shown.push(format!("{client:?} {client:#?} {answer:?}"));
        if let Err(error) = client.list(&region("KR"), clock.moment()).await {
            shown.push(format!("{error} {error:?}"));
        }
        signatures.extend(
            far.received().into_iter().map(|it| it.header("x-ncp-apigw-signature-v2").to_owned()),
        );
    }
    shown.push(format!("{:?}", environment()));
    let shown = shown.join("\n");
    drop(guard);

    let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("request sent") && log.contains("stopServerInstances"), "{log}");
    assert!(log.contains("answered") && log.contains("request failed"), "{log}");
    // A slow machine may give up on the silent one before that has read anything.
    assert!((14..=16).contains(&signatures.len()), "{signatures:?}");
    for secret in [ACCESS_KEY, SECRET_KEY].into_iter().chain(signatures.iter().map(|it| &**it)) {
        assert!(!secret.is_empty());
        assert!(!shown.contains(secret), "{secret} in {shown}");
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}
