//! Chromium, driven through its DevTools protocol over a pipe.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

/// Longest wait for a condition, in milliseconds.
const WAIT_MILLISECONDS: u32 = 60_000;

/// The browser reads commands from descriptor 3 and answers on descriptor 4.
const PIPES: &str = "exec chromium \"$@\" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null";

/// A browser without a window, with one tab; closed when dropped.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    next_id: u32,
    session: Option<String>,
    events: VecDeque<Value>,
    profile: PathBuf,
}

impl Browser {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If chromium is not installed.
    #[must_use]
    pub fn start() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let profile = format!("admin-devtools-{}-{number}", std::process::id());
        let profile = std::env::temp_dir().join(profile);
        let mut child = Command::new("sh")
            .args(["-c", PIPES, "sh"])
            .args([
                "--headless",
                "--no-sandbox", // root has none, and the pages are ours
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--no-first-run",
                "--remote-debugging-pipe",
                "--window-size=1280,900",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh starts");
        let commands = child.stdin.take().expect("a pipe");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut browser = Self {
            child,
            commands,
            answers,
            next_id: 0,
            session: None,
            events: VecDeque::new(),
            profile,
        };
        let targets = browser.call("Target.getTargets", json!({}));
        let targets = targets["targetInfos"]
            .as_array()
            .expect("a list of targets");
        let page = targets.iter().find(|target| target["type"] == "page");
        let page = page.expect("a tab")["targetId"].clone();
        let attached = browser.call(
            "Target.attachToTarget",
            json!({"targetId": page, "flatten": true}),
        );
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network", "Audits"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Sends a command of the protocol and returns its result.
    ///
    /// # Panics
    ///
    /// If the browser refuses it or has ended.
    #[track_caller]
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        let result = self.attempt(method, parameters);
        result.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The same, where the browser may refuse it because another document is being opened.
    ///
    /// # Errors
    ///
    /// What the browser says.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub fn attempt(&mut self, method: &str, parameters: Value) -> Result<Value, String> {
        self.next_id += 1;
        let id = self.next_id;
        let mut command = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            command["sessionId"] = json!(session);
        }
        let mut bytes = command.to_string().into_bytes();
        bytes.push(0);
        let sent = self.commands.write_all(&bytes);
        sent.expect("chromium is installed and runs");
        loop {
            let mut answer = self.next_message();
            if answer["id"] == id {
                return match answer["error"].take() {
                    Value::Null => Ok(answer["result"].take()),
                    error => Err(error.to_string()),
                };
            }
            self.events.push_back(answer);
        }
    }

    fn next_message(&mut self) -> Value {
        let mut bytes = Vec::new();
        let read = self.answers.read_until(0, &mut bytes);
        read.expect("the browser answers");
        assert!(
            bytes.pop() == Some(0),
            "the browser has ended; is chromium installed? ci.sh installs it"
        );
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// Opens an address and returns once the document is loaded.
    #[track_caller]
    pub fn open(&mut self, url: &str) {
        let opened = self.call("Page.navigate", json!({"url": url}));
        assert!(
            opened["errorText"].is_null(),
            "{url}: {}",
            opened["errorText"]
        );
        self.wait("document.readyState === 'complete'");
    }

    /// Opens the same address again.
    #[track_caller]
    pub fn reload(&mut self) {
        self.evaluate("globalThis.isReplaced = true");
        self.call("Page.reload", json!({}));
        self.wait("!globalThis.isReplaced && document.readyState === 'complete'");
    }

    /// The value of an expression, once its promise is fulfilled if it is one.
    ///
    /// # Panics
    ///
    /// If it throws.
    #[track_caller]
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let parameters =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let mut result = self.call("Runtime.evaluate", parameters);
        let thrown = &result["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown:#}");
        result["result"]["value"].take()
    }

    /// Waits until an expression is true.
    ///
    /// # Panics
    ///
    /// If it is not within a minute; the message has the text of the page.
    #[track_caller]
    pub fn wait(&mut self, expression: &str) {
        let condition = format!(
            "new Promise((resolve) => {{
               const deadline = performance.now() + {WAIT_MILLISECONDS};
               const check = () => {{
                 if ({expression}) resolve(true);
                 else if (performance.now() > deadline) resolve(false);
                 else setTimeout(check, 30);
               }};
               check();
             }})"
        );
        let parameters =
            json!({"expression": condition, "awaitPromise": true, "returnByValue": true});
        let is_true = loop {
            match self.attempt("Runtime.evaluate", parameters.clone()) {
                Ok(result) => {
                    let thrown = &result["exceptionDetails"];
                    assert!(thrown.is_null(), "{expression}: {thrown:#}");
                    break result["result"]["value"].clone();
                }
                // The document was replaced meanwhile.
                Err(error) => assert!(error.contains("-32000"), "{error}"),
            }
        };
        if is_true != true {
            let text = self.evaluate("document.body.innerText");
            let problems = self.problems();
            panic!(
                "waited for {expression}\nproblems: {problems:?}\n{}",
                text.as_str().unwrap_or_default()
            );
        }
    }

    /// Waits until the text of an element has a part.
    #[track_caller]
    pub fn wait_for_text(&mut self, selector: &str, part: &str) {
        let (selector, part) = (json!(selector), json!(part));
        self.wait(&format!(
            "[...document.querySelectorAll({selector})].some((it) => it.textContent.includes({part}))"
        ));
    }

    /// The text of an element, empty without one.
    pub fn text(&mut self, selector: &str) -> String {
        let selector = json!(selector);
        let text = self.evaluate(&format!(
            "document.querySelector({selector})?.textContent ?? ''"
        ));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Presses an element, once it is there and enabled.
    #[track_caller]
    pub fn click(&mut self, selector: &str) {
        let selector = json!(selector);
        self.wait(&format!("document.querySelector({selector})?.disabled === false || document.querySelector({selector})?.matches('a, summary')"));
        self.evaluate(&format!("document.querySelector({selector}).click()"));
    }

    /// Presses the button with this text.
    #[track_caller]
    pub fn press_button(&mut self, label: &str) {
        let label = json!(label);
        let found = format!(
            "[...document.querySelectorAll('button')].find((it) => !it.disabled && it.textContent.trim() === {label})"
        );
        self.wait(&format!("!!{found}"));
        self.evaluate(&format!("{found}.click()"));
    }

    /// Replaces the text of a field, as a user does.
    #[track_caller]
    pub fn fill(&mut self, selector: &str, text: &str) {
        let quoted = json!(selector);
        self.wait(&format!("!!document.querySelector({quoted})"));
        self.evaluate(&format!(
            "{{ const field = document.querySelector({quoted}); field.focus(); field.select(); }}"
        ));
        if text.is_empty() {
            self.press_key("Delete", "");
        }
        self.call("Input.insertText", json!({"text": text}));
    }

    /// Chooses an option of a list.
    #[track_caller]
    pub fn choose(&mut self, selector: &str, value: &str) {
        let (selector, value) = (json!(selector), json!(value));
        self.wait(&format!("!!document.querySelector({selector})"));
        self.evaluate(&format!(
            "{{ const list = document.querySelector({selector}); list.value = {value};
                list.dispatchEvent(new Event('change', {{ bubbles: true }})); }}"
        ));
    }

    /// Presses a key; the text is what it writes.
    pub fn press_key(&mut self, key: &str, text: &str) {
        let code = match key {
            "Delete" => 46,
            "Escape" => 27,
            "Enter" => 13,
            "Tab" => 9,
            _ => 0,
        };
        let parameters =
            json!({"type": "keyDown", "key": key, "text": text, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", parameters);
        self.call(
            "Input.dispatchKeyEvent",
            json!({"type": "keyUp", "key": key}),
        );
    }

    /// Sets the size of the page, in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Says what the user prefers: `light` or `dark`.
    pub fn prefer_scheme(&mut self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call("Emulation.setEmulatedMedia", json!({"features": [feature]}));
    }

    /// Writes what is visible to a PNG.
    ///
    /// # Panics
    ///
    /// If the file cannot be written.
    pub fn screenshot(&mut self, file: &Path) {
        let captured = self.call("Page.captureScreenshot", json!({}));
        let data = captured["data"].as_str().expect("a picture");
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).expect("a folder");
        }
        fs::write(file, decoded(data)).expect("a file");
    }

    /// What the page did wrong so far: exceptions, errors of the console, and reports of the policy. A
    /// status of 400 and above is an answer to what a test did; 503 is one to what the page asks by itself.
    pub fn problems(&mut self) -> Vec<String> {
        self.evaluate("0"); // what was reported before this is read by now
        let mut problems = Vec::new();
        for event in &self.events {
            let parameters = &event["params"];
            let is_problem = match event["method"].as_str() {
                Some("Runtime.exceptionThrown") => true,
                Some("Runtime.consoleAPICalled") => {
                    parameters["type"] == "error" || parameters["type"] == "warning"
                }
                Some("Log.entryAdded") => {
                    let entry = &parameters["entry"];
                    let text = entry["text"].as_str().unwrap_or_default();
                    entry["level"] != "info"
                        && (entry["source"] != "network" || text.contains("status of 503"))
                }
                Some("Audits.issueAdded") => {
                    parameters["issue"]["code"] == "ContentSecurityPolicyIssue"
                }
                _ => false,
            };
            if is_problem {
                problems.push(parameters.to_string());
            }
        }
        problems
    }

    /// The addresses that were asked so far, in order.
    pub fn requests(&mut self) -> Vec<String> {
        self.evaluate("0"); // what was sent before this is known by now
        let sent = self
            .events
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent");
        let urls = sent.filter_map(|event| event["params"]["request"]["url"].as_str());
        urls.map(str::to_owned).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// The bytes of a text in Base64.
fn decoded(text: &str) -> Vec<u8> {
    let digits = text.bytes().filter_map(|digit| match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    });
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for digit in digits {
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
    }
    bytes
}
