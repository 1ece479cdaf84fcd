//! A PostgreSQL server of a test's own, to be dumped into, crashed, hung and started.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use uuid::Uuid;

use crate::error::StoreError;

/// Whether what a server acknowledges survives the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As installed: `fsync` and `synchronous_commit` are on.
    Full,
    /// What the kernel has, it keeps: enough where nothing but processes is killed.
    Kernel,
}

/// A server with a folder of its own; it ends with this value.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    durability: Durability,
}

/// A program of PostgreSQL: where `HATCHERY_TEST_PG_BIN` says, or where `pg_config` does.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let folder = std::env::var("HATCHERY_TEST_PG_BIN").ok().or_else(|| {
        let answer = Command::new("pg_config").arg("--bindir").output().ok()?;
        String::from_utf8(answer.stdout).ok().filter(|_| answer.status.success())
    });
    folder.map_or_else(|| PathBuf::from(name), |folder| Path::new(folder.trim()).join(name))
}

/// Runs a program to its end.
///
/// # Errors
/// If it cannot be run, or says that it failed.
pub fn run(command: &mut Command) -> Result<(), StoreError> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(StoreError::Setup(format!("{command:?}: {status}"))),
        Err(error) => Err(StoreError::Setup(format!("{command:?}: {error}"))),
    }
}

/// A server refuses to run as root; its own user runs it there.
fn as_server(name: &str) -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !root {
        return Command::new(program(name));
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program(name));
    command
}

impl Cluster {
    /// Makes and starts one.
    ///
    /// # Errors
    /// If PostgreSQL is not there, or does not start.
    pub fn start(durability: Durability) -> Result<Self, StoreError> {
        let setup = |error: std::io::Error| StoreError::Setup(error.to_string());
        let folder = std::env::temp_dir().join(format!("hatchery-cluster-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&folder).map_err(setup)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(setup)?.port();
        let cluster = Self { folder, port, durability };
        // Only root can give a folder away, and only root needs to.
        let _ = Command::new("chown").arg("postgres").arg(&cluster.folder).stderr(Stdio::null()).status();
        let mut make = cluster.command("initdb");
        run(make.arg("-D").arg(cluster.data()).args(["-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]))?;
        cluster.up()?;
        Ok(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn command(&self, name: &str) -> Command {
        let mut command = as_server(name);
        command.current_dir(&self.folder);
        command
    }

    /// Starts it again.
    pub fn up(&self) -> Result<(), StoreError> {
        let mut settings = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''", self.port);
        if self.durability == Durability::Kernel {
            settings.push_str(" -c fsync=off -c full_page_writes=off -c shared_buffers=16MB");
        }
        let mut start = self.command("pg_ctl");
        run(start
            .arg("-D")
            .arg(self.data())
            .arg("-l")
            .arg(self.folder.join("log"))
            .args(["-w", "-o", &settings, "start"]))
    }

    /// Stops it as a crash would.
    pub fn crash(&self) -> Result<(), StoreError> {
        run(self.command("pg_ctl").arg("-D").arg(self.data()).args(["-w", "-m", "immediate", "stop"]))
    }

    /// The process that started all others of the server.
    ///
    /// # Errors
    /// If it is not running.
    pub fn process(&self) -> Result<String, StoreError> {
        let file = std::fs::read_to_string(self.data().join("postmaster.pid"));
        let file = file.map_err(|error| StoreError::Setup(format!("the server is not running: {error}")))?;
        Ok(file.lines().next().unwrap_or_default().to_owned())
    }

    /// Sends a signal, e.g. `STOP` or `CONT`, to each of its processes.
    ///
    /// # Errors
    /// If it is not running.
    pub fn signal(&self, name: &str) -> Result<(), StoreError> {
        let postmaster = self.process()?;
        let children = Command::new("ps").args(["-o", "pid=", "--ppid", &postmaster]).output();
        let children = children.map_err(|error| StoreError::Setup(error.to_string()))?.stdout;
        let children = String::from_utf8_lossy(&children).into_owned();
        // The one that makes new ones goes first; one that has ended meanwhile needs no signal.
        run(Command::new("kill").arg(format!("-{name}")).arg(&postmaster))?;
        let all = children.split_whitespace();
        let _ = Command::new("kill").arg(format!("-{name}")).args(all).stderr(Stdio::null()).status();
        Ok(())
    }

    /// The database that every server has, empty.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // One that hangs would not stop; one that is down needs no stopping.
        let _ = self.signal("CONT");
        let mut stop = self.command("pg_ctl");
        stop.arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]);
        let _ = stop.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
