//! A headless Chromium, driven over the W3C's protocol for it (`WebDriver`) by a chromedriver of its own.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a page may take to show what a test waits for.
const PATIENCE: Duration = Duration::from_secs(20);
/// The name of an element in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Where tests find the script of axe-core, as tests/run fetches it.
const AXE: &str = "HATCHERY_TEST_AXE";

/// A browser with one window; stopped when dropped.
pub(crate) struct Browser {
    driver: Child,
    /// The process of the browser itself, which outlives its driver.
    process: u64,
    client: Client,
    session: String,
    width: u32,
    _profile: TempDir,
}

impl Browser {
    /// A browser with a window so wide.
    pub(crate) async fn start(width: u32) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is not installed");
        let port = port(&mut driver);
        let profile = tempfile::tempdir().unwrap();
        let client = crate::server::client();
        let base = format!("http://127.0.0.1:{port}");
        let options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--lang=zh-CN", format!("--user-data-dir={}", profile.path().display()),
        ], "prefs": { "intl.accept_languages": "zh-CN,zh" } });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let made = begun(&client, &format!("{base}/session"), &wanted).await;
        let id = made["sessionId"].as_str().unwrap();
        let mut browser = Self {
            driver,
            process: made["capabilities"]["goog:processID"].as_u64().unwrap(),
            session: format!("{base}/session/{id}"),
            client,
            width,
            _profile: profile,
        };
        browser.resize(width).await;
        browser
    }

    /// The same without scripts in pages.
    pub(crate) async fn without_scripts(width: u32) -> Self {
        let browser = Self::start(width).await;
        browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
        browser
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        call(&self.client, Method::POST, &format!("{}{path}", self.session), &body).await
    }

    async fn devtools(&self, command: &str, params: Value) -> Value {
        self.post("/goog/cdp/execute", json!({ "cmd": command, "params": params })).await
    }

    /// Makes the window another width.
    pub(crate) async fn resize(&mut self, width: u32) {
        self.width = width;
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// Takes the network away, or gives it back.
    pub(crate) async fn set_offline(&self, offline: bool) {
        self.devtools("Network.enable", json!({})).await;
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.devtools("Network.emulateNetworkConditions", conditions).await;
    }

    /// Forgets all cookies.
    pub(crate) async fn forget(&self) {
        self.devtools("Network.clearBrowserCookies", json!({})).await;
    }

    /// All cookies, as a request carries them.
    pub(crate) async fn cookies(&self) -> String {
        let url = format!("{}/cookie", self.session);
        let found = call(&self.client, Method::GET, &url, &Value::Null).await;
        let pair =
            |cookie: &Value| format!("{}={}", cookie["name"].as_str().unwrap(), cookie["value"].as_str().unwrap());
        found.as_array().unwrap().iter().map(pair).collect::<Vec<_>>().join("; ")
    }

    /// Opens an address.
    pub(crate) async fn go(&self, url: &str) {
        self.post("/url", json!({ "url": url })).await;
    }

    /// Goes back.
    pub(crate) async fn back(&self) {
        self.post("/back", json!({})).await;
    }

    /// Runs a script in the page; also where the page's own scripts are off.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// The address.
    pub(crate) async fn url(&self) -> String {
        self.run("return location.href").await.as_str().unwrap().to_owned()
    }

    /// The title.
    pub(crate) async fn title(&self) -> String {
        self.run("return document.title").await.as_str().unwrap().to_owned()
    }

    /// The text that is seen.
    pub(crate) async fn text(&self) -> String {
        self.run("return document.body.innerText").await.as_str().unwrap().to_owned()
    }

    async fn find(&self, css: &str) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = self.post("/elements", json!({ "using": "css selector", "value": css })).await;
            if let Some(element) = found[0][ELEMENT].as_str() {
                return element.to_owned();
            }
            assert!(Instant::now() < until, "no {css} on {}\n{}", self.url().await, self.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// How many elements there are.
    pub(crate) async fn count(&self, css: &str) -> usize {
        let found = self.post("/elements", json!({ "using": "css selector", "value": css })).await;
        found.as_array().unwrap().len()
    }

    /// The value of a field.
    pub(crate) async fn value(&self, css: &str) -> String {
        let element = self.find(css).await;
        let url = format!("{}/element/{element}/property/value", self.session);
        call(&self.client, Method::GET, &url, &Value::Null).await.as_str().unwrap_or_default().to_owned()
    }

    /// Clicks.
    pub(crate) async fn click(&self, css: &str) {
        let element = self.find(css).await;
        self.post(&format!("/element/{element}/click"), json!({})).await;
    }

    /// Clicks on what leads to another page, and waits for it.
    pub(crate) async fn send(&self, css: &str) {
        let element = self.find(css).await;
        self.leave(&element).await;
    }

    async fn leave(&self, element: &str) {
        self.run("document.documentElement.dataset.left = '1'").await;
        self.post(&format!("/element/{element}/click"), json!({})).await;
        let script = "return document.readyState === 'complete' && !document.documentElement.dataset.left";
        let url = format!("{}/execute/sync", self.session);
        let until = Instant::now() + PATIENCE;
        loop {
            // Between two pages there is none that could be asked.
            let asked = self.client.post(&url).json(&json!({ "script": script, "args": [] })).send().await.unwrap();
            if asked.json::<Value>().await.unwrap()["value"] == true {
                return;
            }
            assert!(Instant::now() < until, "still on {}\n{}", self.url().await, self.text().await);
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Follows the first link with these words.
    pub(crate) async fn follow(&self, words: &str) {
        let found = self.post("/elements", json!({ "using": "partial link text", "value": words })).await;
        let element = found[0][ELEMENT].as_str().unwrap_or_else(|| panic!("no link {words}")).to_owned();
        self.leave(&element).await;
    }

    /// Types into a field, in place of what it holds.
    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let element = self.find(css).await;
        self.post(&format!("/element/{element}/clear"), json!({})).await;
        self.post(&format!("/element/{element}/value"), json!({ "text": text })).await;
    }

    /// Chooses a file.
    pub(crate) async fn choose(&self, css: &str, file: &Path) {
        let element = self.find(css).await;
        self.post(&format!("/element/{element}/value"), json!({ "text": file.to_str().unwrap() })).await;
    }

    /// Waits until the page says something.
    pub(crate) async fn says(&self, words: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.text().await.contains(words) {
            assert!(Instant::now() < until, "no “{words}” on {}\n{}", self.url().await, self.text().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Looks the page over: axe finds nothing (U9), and nothing sticks out of a window 320 px wide.
    pub(crate) async fn is_sound(&mut self) {
        let url = self.url().await;
        let path = std::env::var(AXE).unwrap_or_else(|_| panic!("{AXE} names no file: axe-core's axe.min.js"));
        self.run(&std::fs::read_to_string(path).unwrap()).await;
        let script = "const done = arguments[arguments.length - 1]; axe.run(document).then(found => done(\
            found.violations.map(v => v.id + ': ' + v.help + '\\n' + v.nodes.map(n => n.html).join('\\n'))))";
        let found = self.post("/execute/async", json!({ "script": script, "args": [] })).await;
        assert_eq!(found, json!([]), "{url}");
        let wide = self.width;
        self.resize(320).await;
        let width = self.run("return document.scrollingElement.scrollWidth").await;
        assert!(width.as_u64().unwrap() <= 320, "{url} is {width} px wide");
        self.resize(wide).await;
    }

    /// A picture of the whole page, as PNG.
    pub(crate) async fn picture(&self) -> Vec<u8> {
        let height = self.run("return document.scrollingElement.scrollHeight").await;
        let clip = json!({ "x": 0, "y": 0, "width": self.width, "height": height, "scale": 1 });
        let params = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let taken = self.devtools("Page.captureScreenshot", params).await;
        STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whatever has ended already is no error.
        let _ = Command::new("kill").arg(self.process.to_string()).status();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// The port that a driver has taken.
fn port(driver: &mut Child) -> u16 {
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
    let said = lines.find(|line| line.contains("started successfully on port")).expect("chromedriver did not start");
    // Reads to the end: a full pipe would stop the driver.
    std::thread::spawn(move || lines.for_each(drop));
    said.trim_end_matches('.').rsplit(' ').next().unwrap().parse().unwrap()
}

/// Begins a session. On a machine that is busy elsewhere a browser now and then ends while it starts; no page was asked
/// for by then, and it is started again.
async fn begun(client: &Client, url: &str, wanted: &Value) -> Value {
    for _ in 0..2 {
        let response = client.post(url).json(wanted).send().await.unwrap();
        let (begun, answer) = (response.status().is_success(), response.json::<Value>().await.unwrap());
        if begun {
            return answer["value"].clone();
        }
        eprintln!("the browser is started again: {}", answer["value"]["message"]);
    }
    call(client, Method::POST, url, wanted).await
}

async fn call(client: &Client, method: Method, url: &str, body: &Value) -> Value {
    let request = client.request(method, url);
    let request = if body.is_null() { request } else { request.json(body) };
    let response = request.send().await.unwrap();
    let (status, answer) = (response.status(), response.json::<Value>().await.unwrap());
    assert!(status.is_success(), "{url} {body}\n{:#}", answer["value"]);
    answer["value"].clone()
}
