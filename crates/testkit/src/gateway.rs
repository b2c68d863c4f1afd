//! The real gateway as a child process: its own data folder, a generated `tollgate.toml`, a key made by the command
//! line, records read by the command line. It can be killed at any moment and started again on the same data.

use crate::client::Call;
use serde_json::Value;
use std::ffi::OsStr;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(20);
/// Between two looks at something that does not tell.
const LOOK: Duration = Duration::from_millis(20);

/// What to start.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The `tollgate` program. A test of the gateway's own crate gives `env!("CARGO_BIN_EXE_tollgate")`.
    pub program: PathBuf,
    /// Providers, written into `tollgate.toml`.
    pub providers: Vec<ProviderEntry>,
    /// More of `tollgate.toml`, as it stands before the providers.
    pub config: String,
    /// Environment variables. Nothing else of the test's own environment reaches the program, so that a developer's
    /// real keys do not.
    pub env: Vec<(String, String)>,
}

/// A provider in `tollgate.toml`.
#[derive(Clone, Debug)]
pub struct ProviderEntry {
    /// Its id.
    pub id: String,
    /// Base URL, the version segment included: `http://127.0.0.1:PORT/v1`.
    pub base_url: String,
    /// The dialect it speaks.
    pub speaks: String,
    /// Its models.
    pub models: Vec<ModelEntry>,
}

/// A model in `tollgate.toml`.
#[derive(Clone, Debug)]
pub struct ModelEntry {
    /// The provider's own name.
    pub id: String,
    /// USD per million input tokens.
    pub input: String,
    /// USD per million output tokens.
    pub output: String,
}

/// A gateway, running or stopped. Dropped, its process is killed and its data removed.
#[derive(Debug)]
pub struct TestGateway {
    program: PathBuf,
    env: Vec<(String, String)>,
    folder: TempDir,
    child: Option<Child>,
    address: SocketAddr,
    key: String,
}

/// Why the gateway did not do as it was told.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A process could not be run, or a file not be written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It did not become ready, or ended instead; with what it printed.
    #[error("the gateway did not become ready: {0}")]
    NotReady(String),
    /// A command failed; with what it printed.
    #[error("`tollgate {0}` failed: {1}")]
    Command(String, String),
    /// What was waited for did not come about.
    #[error("{0}")]
    TimedOut(String),
}

impl ModelEntry {
    /// A model at 1 USD per million input tokens and 2 USD per million output tokens, so that cost shows both counts.
    pub fn priced(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            input: "1".to_owned(),
            output: "2".to_owned(),
        }
    }
}

impl ProviderEntry {
    fn toml(&self) -> String {
        let Self {
            id,
            base_url,
            speaks,
            models,
        } = self;
        let mut text = format!(
            "\n[providers.{id}]\nbase_url = \"{base_url}\"\napi_key = \"fake-key\"\nspeaks = [\"{speaks}\"]\n"
        );
        for ModelEntry {
            id: model,
            input,
            output,
        } in models
        {
            text.push_str(&format!(
                "[[providers.{id}.models]]\nid = \"{model}\"\ninput = \"{input}\"\noutput = \"{output}\"\n"
            ));
        }
        text
    }
}

impl TestGateway {
    /// Starts a gateway on a new data folder, waits until it is ready, and makes a key.
    ///
    /// # Errors
    /// When any of that fails.
    pub async fn start(setup: Setup) -> Result<Self, GatewayError> {
        let folder = TempDir::with_prefix("tollgate-test-")?;
        let providers: String = setup.providers.iter().map(ProviderEntry::toml).collect();
        std::fs::write(
            folder.path().join("tollgate.toml"),
            setup.config + &providers,
        )?;
        let mut gateway = Self {
            program: setup.program,
            env: setup.env,
            folder,
            child: None,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            key: String::new(),
        };
        gateway.restart().await?;
        gateway.key = gateway.create_key("test").await?;
        Ok(gateway)
    }

    /// Starts it again on the same data; a running one is killed first.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn restart(&mut self) -> Result<(), GatewayError> {
        self.kill()?;
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("serve.log"))?;
        let child = self
            .program()
            .args([
                "serve",
                "--config",
                "tollgate.toml",
                "--data",
                "data",
                "--listen",
                "127.0.0.1:0",
            ])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let pid = child.id();
        self.child = Some(child);
        let begun = Instant::now();
        while begun.elapsed() < START {
            if let Some(address) = self.announced(pid)
                && ready(address).await
            {
                self.address = address;
                return Ok(());
            }
            let ended = self
                .child
                .as_mut()
                .map(Child::try_wait)
                .transpose()?
                .flatten();
            if ended.is_some() {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(GatewayError::NotReady(self.log()))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A key that may call every model.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its data folder.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// All that the server printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("serve.log")).unwrap_or_default()
    }

    /// A call to it, with the key.
    pub fn call(&self, path: &str, body: &Value) -> Call {
        Call::post(self.address, path, body.to_string())
            .header("authorization", format!("Bearer {}", self.key))
    }

    /// Kills it as `kill -9` does.
    ///
    /// # Errors
    /// When the process cannot be killed.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks it to stop as `kill -TERM` does, and waits until it has. Whether it exited with success.
    ///
    /// # Errors
    /// When it cannot be asked, or does not stop in time.
    pub async fn terminate(&mut self, within: Duration) -> Result<bool, GatewayError> {
        let Some(child) = &mut self.child else {
            return Ok(true);
        };
        Command::new("kill")
            .args(["-TERM", &child.id().to_string()])
            .status()?;
        let begun = Instant::now();
        while begun.elapsed() < within {
            if let Some(status) = child.try_wait()? {
                self.child = None;
                return Ok(status.success());
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(GatewayError::TimedOut(
            "the gateway did not stop when asked".to_owned(),
        ))
    }

    /// Makes a key.
    ///
    /// # Errors
    /// When the command fails.
    pub async fn create_key(&self, name: &str) -> Result<String, GatewayError> {
        let args = [
            "keys",
            "create",
            "--project",
            "default",
            "--name",
            name,
            "--json",
        ];
        let text = self.command(&args).await?;
        let made: Value = serde_json::from_str(&text).unwrap_or_default();
        match made.get("key").and_then(Value::as_str) {
            Some(key) => Ok(key.to_owned()),
            None => Err(GatewayError::Command(args.join(" "), text)),
        }
    }

    /// All records, the way `tollgate logs --json` prints them.
    ///
    /// # Errors
    /// When the command fails or prints what is not JSON.
    pub async fn records(&self) -> Result<Vec<Value>, GatewayError> {
        let args = ["logs", "--json", "--limit", "1000000"];
        let text = self.command(&args).await?;
        let wrong = |line: &str| GatewayError::Command(args.join(" "), line.to_owned());
        text.lines()
            .map(|line| serde_json::from_str(line).map_err(|_| wrong(line)))
            .collect()
    }

    /// Waits until at least `count` records can be read, and gives all.
    ///
    /// # Errors
    /// When they do not come in time.
    pub async fn wait_for_records(
        &self,
        count: usize,
        within: Duration,
    ) -> Result<Vec<Value>, GatewayError> {
        let begun = Instant::now();
        loop {
            let records = self.records().await?;
            if records.len() >= count {
                return Ok(records);
            }
            if begun.elapsed() > within {
                let message = format!("{} records instead of {count}", records.len());
                return Err(GatewayError::TimedOut(message));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Runs `tollgate <args> --data …` and gives what it prints.
    ///
    /// # Errors
    /// When it exits without success.
    pub async fn command(&self, args: &[&str]) -> Result<String, GatewayError> {
        let mut command = self.program();
        command
            .args(args)
            .args([OsStr::new("--data"), OsStr::new("data")])
            .stdin(Stdio::null());
        // Off the async workers: the fake provider may be running on them.
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output.map_err(io::Error::other)??;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(GatewayError::Command(args.join(" "), text(&output.stderr)))
        }
    }

    /// The program in its folder, with its own environment only.
    fn program(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The address that the process with this id announced.
    fn announced(&self, pid: u32) -> Option<SocketAddr> {
        let file = Path::new("data").join("server.json");
        let text = std::fs::read(self.folder.path().join(file)).ok()?;
        let said: Value = serde_json::from_slice(&text).ok()?;
        // A killed server leaves its file behind.
        if said.get("pid").and_then(Value::as_u64) != Some(u64::from(pid)) {
            return None;
        }
        said.get("url")?
            .as_str()?
            .strip_prefix("http://")?
            .parse()
            .ok()
    }
}

impl Drop for TestGateway {
    fn drop(&mut self) {
        // A process that is gone already is what is wanted.
        let _ = self.kill();
    }
}

async fn ready(address: SocketAddr) -> bool {
    let answer = Call::get(address, "/readyz").send().await;
    answer.is_ok_and(|answer| answer.status.is_success())
}
