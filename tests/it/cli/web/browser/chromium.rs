//! A headless Chromium that does what a test says, over the `DevTools` protocol on a pipe.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::wait::LONG;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with one page; ends when it is dropped.
pub(super) struct Chromium {
    process: Child,
    ask: Option<ChildStdin>,
    said: Receiver<Value>,
    /// What it said by itself and nobody has asked for yet.
    events: VecDeque<Value>,
    session: Option<String>,
    last: u64,
    /// Where it keeps what browsers keep.
    _home: TempDir,
}

/// How a page is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    pub(super) width: u32,
    /// `light` or `dark`.
    pub(super) scheme: &'static str,
    /// `en` or `ko`.
    pub(super) language: &'static str,
}

impl Chromium {
    /// Starts one, where there is one.
    pub(super) fn start() -> Option<Self> {
        let program = find()?;
        let home = tempfile::tempdir().unwrap();
        let profile = format!("--user-data-dir={}", home.path().join("profile").display());
        // It listens on file descriptor 3 and speaks on 4, and ends when nobody is there any more.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(program)
            .args(["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu"])
            .args(["--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--disable-extensions"])
            .args([&profile, "about:blank"])
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (say, said) = channel();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        std::thread::spawn(move || {
            let messages = stdout.split(0).map_while(Result::ok);
            let mut values = messages.map(|message| serde_json::from_slice(&message).unwrap());
            values.try_for_each(|value| say.send(value))
        });
        let ask = process.stdin.take();
        let events = VecDeque::new();
        let mut browser = Self { process, ask, said, events, session: None, last: 0, _home: home };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &target);
        browser.session = session["sessionId"].as_str().map(ToOwned::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Calls a method; what else is said meanwhile is kept.
    pub(super) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let ask = self.ask.as_mut().unwrap();
        ask.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let said = self.said.recv_timeout(LONG).expect("the browser answers");
            if said["id"] == self.last {
                assert!(said["error"].is_null(), "{method}: {said}");
                return said["result"].clone();
            }
            self.events.push_back(said);
        }
    }

    /// Waits for something that the browser says by itself, and leaves everything else.
    pub(super) fn until(&mut self, method: &str) {
        if let Some(place) = self.events.iter().position(|event| event["method"] == method) {
            self.events.remove(place);
            return;
        }
        loop {
            let said = self.said.recv_timeout(LONG).expect("it happens");
            if said["method"] == method {
                return;
            }
            self.events.push_back(said);
        }
    }

    /// Everything it has said by itself of this kind, and nobody has asked for.
    pub(super) fn said(&self, method: &str) -> Vec<&Value> {
        let events = self.events.iter().filter(|event| event["method"] == method);
        events.map(|event| &event["params"]).collect()
    }

    /// Reads as this reader does from now on.
    pub(super) fn read_as(&mut self, reader: Reader) {
        let Reader { width, scheme, language } = reader;
        let size = json!({
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false,
        });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        self.call("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
        // Where something is must not change while it is clicked on.
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call("Emulation.setEmulatedMedia", &json!({ "features": features }));
        let headers = json!({ "headers": { "Accept-Language": language } });
        self.call("Network.setExtraHTTPHeaders", &headers);
    }

    /// Opens a page and waits until it is there.
    pub(super) fn open(&mut self, url: &str) {
        self.call("Page.navigate", &json!({ "url": url }));
        self.until("Page.loadEventFired");
    }

    /// The value of an expression, awaited where it is a promise.
    pub(super) fn evaluate(&mut self, expression: &str) -> Value {
        let asked =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &asked);
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// Presses Tab.
    pub(super) fn tab(&mut self) {
        for kind in ["keyDown", "keyUp"] {
            let key = json!({
                "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9,
            });
            self.call("Input.dispatchKeyEvent", &key);
        }
    }

    /// Clicks into the middle of what a selector finds first.
    pub(super) fn click(&mut self, selector: &str) {
        let place = self.evaluate(&format!(
            "(() => {{
                const found = document.querySelector({selector:?});
                found.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                const box = found.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let click = json!({
                "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", &click);
        }
    }

    /// Clicks on what leads to another page, and waits until that is there.
    pub(super) fn follow(&mut self, selector: &str) {
        self.click(selector);
        self.until("Page.loadEventFired");
    }

    /// Clicks into a field and types.
    pub(super) fn write(&mut self, selector: &str, text: &str) {
        self.click(selector);
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// Takes a picture of the whole page.
    pub(super) fn picture(&mut self, path: &Path) {
        let asked = json!({ "captureBeyondViewport": true });
        let picture = self.call("Page.captureScreenshot", &asked);
        fs::write(path, STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()).unwrap();
    }

    /// Prints the page as its style says.
    pub(super) fn pdf(&mut self) -> Vec<u8> {
        let printed = self.call("Page.printToPDF", &json!({ "preferCSSPageSize": true }));
        STANDARD.decode(printed["data"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        drop(self.ask.take());
        // It has only what is thrown away.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let mut programs = folders.iter().flat_map(|folder| NAMES.map(|name| folder.join(name)));
    programs.find(|program| program.is_file())
}
