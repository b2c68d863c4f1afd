//! The command line, with and without a running server.

mod catalog;
mod doctor;
mod keys;
mod logs;
mod price;
mod usage;

use serde_json::Value;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A folder in which commands are run, with no environment but their own.
pub(crate) struct Folder(TempDir);

/// What a command did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::with_prefix("tollgate-cli-").unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Makes an empty data folder, as a server would.
    pub(crate) fn with_data(&self) {
        self.said(&["doctor"]);
    }

    /// `tollgate`, not run yet.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env_clear()
            .stdin(Stdio::null());
        command
    }

    /// Runs `tollgate` to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Done {
        let output = self.command(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Done {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Runs `tollgate`, which must succeed, and gives what it prints.
    pub(crate) fn said(&self, args: &[&str]) -> String {
        let done = self.run(args);
        assert_eq!(done.code, 0, "{args:?}: {}", done.stderr);
        done.stdout
    }

    /// Runs `tollgate`, which must print one JSON value.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.said(args)).unwrap()
    }
}

/// A command that reads finds nothing in the wrong folder, says so, and leaves no data folder behind.
#[test]
fn reading_makes_no_data_folder() {
    let folder = Folder::new();
    for args in [
        &["logs"][..],
        &["logs", "--json"],
        &["usage"],
        &["keys", "list"],
        &["keys", "revoke", "k"],
    ] {
        let done = folder.run(args);
        assert_eq!((done.code, done.stdout.as_str()), (1, ""), "{args:?}");
        assert!(
            done.stderr.contains("there is no data in ./data"),
            "{}",
            done.stderr
        );
        assert!(!folder.path("data").exists(), "{args:?}");
    }
}

/// A first start that finds its address taken does not use up the token that is shown once.
#[test]
fn the_first_token_outlives_a_start_that_fails() {
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = folder.run(&["serve", "--listen", &address]);
    assert_eq!(done.code, 1);
    assert!(done.stderr.contains("cannot listen on"), "{}", done.stderr);
    let mut server = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(folder.0.path())
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // The greeting is written at once.
    let mut greeting = [0; 4096];
    let read = server.stdout.as_mut().unwrap().read(&mut greeting).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let greeting = String::from_utf8_lossy(&greeting[..read]).into_owned();
    assert!(greeting.contains("\nToken      tgm_"), "{greeting}");
}

/// The names of a JSON object's members in the order in which they are written.
pub(crate) fn members(object: &str) -> Vec<String> {
    let document = protocol::splice::Document::parse(object.as_bytes()).unwrap();
    let mut names: Vec<(usize, String)> = Vec::new();
    let parsed: Value = serde_json::from_str(object).unwrap();
    for name in parsed.as_object().unwrap().keys() {
        // The value's text is a part of the object's, so its place tells the order.
        let value = document.get(name).unwrap();
        names.push((value.as_ptr() as usize, name.clone()));
    }
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}
