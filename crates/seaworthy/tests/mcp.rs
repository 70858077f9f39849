//! `seaworthy mcp`: what an agent is told, line by line.

// Arguments are made where they are handed over.
#![allow(clippy::needless_pass_by_value)]

mod harness;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use harness::App;
use serde_json::{Value, json};

/// A client that speaks as agents do.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    number: u64,
}

impl Client {
    fn start(folder: &Path) -> Self {
        let mut client = Self::connect(folder);
        let info = client.call(
            "initialize",
            json!({
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": { "name": "test", "version": "0" },
            }),
        );
        assert_eq!(info["serverInfo"]["name"], "seaworthy");
        assert!(
            info["instructions"]
                .as_str()
                .is_some_and(|text| text.contains("Nothing is ever written"))
        );
        client.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        client
    }

    fn connect(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
            .arg("mcp")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("its output is ours"));
        Self {
            child,
            input,
            output,
            number: 0,
        }
    }

    fn say(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        writeln!(input, "{line}").expect("the server listens");
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let number = self.number;
        self.say(
            &json!({ "jsonrpc": "2.0", "id": number, "method": method, "params": params })
                .to_string(),
        );
        loop {
            let mut line = String::new();
            let read = self.output.read_line(&mut line).expect("a line");
            assert!(read > 0, "the server ended before it answered {method}");
            let told: Value =
                serde_json::from_str(&line).expect("only the protocol is on standard output");
            if told["id"] == number {
                assert!(told["error"].is_null(), "{told}");
                return told["result"].clone();
            }
        }
    }

    fn tool(&mut self, name: &str, arguments: Value) -> Value {
        self.call(
            "tools/call",
            json!({ "name": name, "arguments": arguments }),
        )
    }

    /// The result of a tool that has one.
    fn told(&mut self, name: &str, arguments: Value) -> Value {
        let result = self.tool(name, arguments);
        assert_eq!(result["isError"], false, "{result}");
        let text = result["content"][0]["text"].as_str().expect("a text");
        let structured = result["structuredContent"].clone();
        assert_eq!(
            serde_json::from_str::<Value>(text).expect("JSON"),
            structured
        );
        structured
    }

    /// What a tool says that refuses.
    fn refused(&mut self, name: &str, arguments: Value) -> String {
        let result = self.tool(name, arguments);
        assert_eq!(result["isError"], true, "{result}");
        result["content"][0]["text"]
            .as_str()
            .expect("a text")
            .to_owned()
    }

    fn end(mut self) -> i32 {
        self.input = None;
        let mut said = String::new();
        let mut beside = self
            .child
            .stderr
            .take()
            .expect("what it says beside is ours");
        beside.read_to_string(&mut said).expect("text");
        assert_eq!(said, "", "nothing is said beside the protocol");
        let status = self.child.wait().expect("it ends");
        status.code().expect("it was not killed")
    }
}

fn clean_app() -> App {
    let app = App::golden("postgresql-importmap");
    app.run(&["init", "--yes", "--domain", "app.example.org"])
        .exits(0);
    app
}

#[test]
fn tools_are_described_and_only_read() {
    let app = clean_app();
    let mut client = Client::start(app.path());
    let tools = client.call("tools/list", json!({}))["tools"]
        .as_array()
        .expect("tools")
        .clone();
    let mut names: Vec<&str> = tools
        .iter()
        .map(|tool| tool["name"].as_str().expect("a name"))
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["ask", "check", "diagnose", "explain", "facts"]);
    for tool in &tools {
        assert_eq!(tool["annotations"]["readOnlyHint"], true, "{tool}");
        assert_eq!(tool["annotations"]["destructiveHint"], false, "{tool}");
        assert_eq!(tool["annotations"]["openWorldHint"], false, "{tool}");
        assert!(
            tool["description"]
                .as_str()
                .is_some_and(|text| text.len() > 80),
            "{tool}"
        );
        let properties = tool["inputSchema"]["properties"]
            .as_object()
            .expect("arguments");
        assert!(properties.contains_key("app"), "{tool}");
        for (name, property) in properties {
            assert!(property["description"].is_string(), "{name} of {tool}");
        }
    }
    assert_eq!(client.end(), 0);
}

#[test]
fn tools_say_what_the_command_line_says_and_write_nothing() {
    let app = clean_app();
    app.edit(
        "config/deploy.yml",
        "    image: postgres:17\n",
        "    image: postgres:17\n    port: 5432\n",
    );
    app.write(
        "deploy.log",
        "docker stderr: Error: target failed to become healthy within configured timeout (30s)\n",
    );
    let before = app.snapshot();
    let mut client = Client::start(app.path());
    for (tool, arguments, line) in [
        ("facts", json!({}), vec!["facts"]),
        ("check", json!({}), vec!["check"]),
        (
            "check",
            json!({ "select": ["kamal"], "pedantic": true }),
            vec!["check", "--select", "kamal", "--pedantic"],
        ),
        (
            "explain",
            json!({ "name": "kamal/public-accessory-port" }),
            vec!["explain", "kamal/public-accessory-port"],
        ),
        (
            "explain",
            json!({ "name": "proxy.app_port" }),
            vec!["explain", "proxy.app_port"],
        ),
        (
            "explain",
            json!({ "name": "deploy/not-healthy" }),
            vec!["explain", "deploy/not-healthy"],
        ),
        (
            "ask",
            json!({ "question": "is my database port open?" }),
            vec!["ask", "is my database port open?"],
        ),
    ] {
        let told = client.told(tool, arguments);
        let said = app.run(&[&line[..], &["--format", "json"]].concat());
        assert_eq!(told, said.json(), "{tool}");
    }
    let of_file = client.told("diagnose", json!({ "path": "deploy.log" }));
    assert_eq!(of_file["diagnoses"][0]["id"], "deploy/not-healthy");
    let log = app.read("deploy.log");
    let of_text = client.told("diagnose", json!({ "log": log }));
    assert_eq!(of_text["diagnoses"][0]["id"], "deploy/not-healthy");
    let fix = client.told("ask", json!({ "question": "database-port" }));
    assert_eq!(fix["changes"][0]["path"], "config/deploy.yml");
    assert_eq!(client.end(), 0);
    assert_eq!(app.snapshot(), before);
}

#[test]
fn an_agent_sees_what_it_changed() {
    let app = clean_app();
    let mut client = Client::start(app.path());
    let count = |told: &Value| told["findings"].as_array().expect("a list").len();
    let select = json!({ "select": ["kamal/public-accessory-port"] });
    assert_eq!(count(&client.told("check", select.clone())), 0);
    app.edit(
        "config/deploy.yml",
        "    image: postgres:17\n",
        "    image: postgres:17\n    port: 5432\n",
    );
    assert_eq!(count(&client.told("check", select)), 1);
}

#[test]
fn what_is_outside_is_not_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let apps = folder.path().join("apps");
    let secret = folder.path().join("other");
    harness::copy(
        &harness::workspace().join("tests/apps/sqlite-importmap/app"),
        &apps.join("one"),
    );
    harness::copy(
        &harness::workspace().join("tests/apps/sqlite-importmap/app"),
        &secret,
    );
    std::os::unix::fs::symlink(&secret, apps.join("link")).expect("a link can be made");
    let mut client = Client::start(&apps);
    assert!(client.told("facts", json!({ "app": "one" }))["facts"].is_array());
    for app in ["../other", "link", "/", secret.to_str().expect("text")] {
        let said = client.refused("facts", json!({ "app": app }));
        assert!(said.contains("outside"), "{app}: {said}");
        assert!(
            client
                .refused("diagnose", json!({ "path": app }))
                .contains("outside")
        );
    }
    assert!(
        client
            .refused("facts", json!({ "app": "nowhere" }))
            .contains("nowhere")
    );
    let said = client.refused("facts", json!({}));
    assert!(said.contains("not in a Rails app"), "{said}");
    assert_eq!(client.end(), 0);
}

#[test]
fn mistakes_are_answers_with_help() {
    let app = clean_app();
    let mut client = Client::start(app.path());
    let said = client.refused("explain", json!({ "name": "kamal/public-accesory-port" }));
    assert!(
        said.contains("seaworthy explain kamal/public-accessory-port"),
        "{said}"
    );
    assert!(
        client
            .refused("check", json!({ "select": ["nonsense"] }))
            .contains("nonsense")
    );
    assert!(
        client
            .refused("check", json!({ "destination": "nowhere" }))
            .contains("nowhere")
    );
    assert!(client.refused("diagnose", json!({})).contains("log"));
    let nothing = client.told("ask", json!({ "question": "what is the weather" }));
    assert!(nothing["topic"].is_null());
    assert_eq!(client.end(), 0);
}

#[test]
fn secrets_of_a_log_are_not_told() {
    let app = clean_app();
    let mut client = Client::start(app.path());
    let log = "PG::ConnectionBad: connection to postgres://me:hunter22secret@db:5432/x failed: FATAL:  password authentication failed for user \"me\"\n";
    let told = client.told("diagnose", json!({ "log": log }));
    assert!(
        !told["diagnoses"].as_array().expect("a list").is_empty(),
        "{told}"
    );
    assert!(!told.to_string().contains("hunter22secret"), "{told}");
}

#[test]
fn what_is_no_message_ends_nothing() {
    let app = clean_app();
    let mut client = Client::start(app.path());
    client.say("this is not JSON");
    client.say("{\"jsonrpc\":\"2.0\",\"method\":\"unheard/of\"}");
    client.say(&format!("{{\"x\":\"{}\"}}", "y".repeat(300_000)));
    assert!(client.told("facts", json!({}))["facts"].is_array());
    assert_eq!(client.end(), 0);
    // An end before the first message is an end, too.
    assert_eq!(Client::connect(app.path()).end(), 0);
}
