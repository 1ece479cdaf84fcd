//! A PostgreSQL server of a test's own, to be dumped into, stopped and started.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A program of PostgreSQL: where `HATCHERY_TEST_PG_BIN` says, or where `pg_config` does.
pub(crate) fn program(name: &str) -> PathBuf {
    let folder = std::env::var("HATCHERY_TEST_PG_BIN").ok().or_else(|| {
        let answer = Command::new("pg_config").arg("--bindir").output().ok()?;
        String::from_utf8(answer.stdout).ok().filter(|_| answer.status.success())
    });
    folder.map_or_else(|| PathBuf::from(name), |folder| Path::new(folder.trim()).join(name))
}

/// Runs a program to its end; its failure is the test's.
#[track_caller]
pub(crate) fn run(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// A server with a folder of its own, gone with this value.
pub(crate) struct Cluster {
    folder: TempDir,
    port: u16,
    root: bool,
}

impl Cluster {
    /// Makes and starts one.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        if root {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let cluster = Self { folder, port, root };
        let data = cluster.data();
        run(cluster.command("initdb").arg("-D").arg(data).args(["-U", "postgres", "-A", "trust", "-N", "-E", "UTF8"]));
        cluster.up();
        cluster
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// PostgreSQL does not run as root; there its own user runs it.
    fn command(&self, name: &str) -> Command {
        let mut command = if self.root { Command::new("runuser") } else { Command::new(program(name)) };
        if self.root {
            command.args(["-u", "postgres", "--"]).arg(program(name));
        }
        command.current_dir(self.folder.path());
        command
    }

    /// Starts it again.
    pub(crate) fn up(&self) {
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c shared_buffers=16MB",
            self.port
        );
        let log = self.folder.path().join("log");
        run(self
            .command("pg_ctl")
            .arg("-D")
            .arg(self.data())
            .arg("-l")
            .arg(log)
            .args(["-w", "-o", &settings, "start"]));
    }

    /// Stops it as a crash would.
    pub(crate) fn crash(&self) {
        run(self.command("pg_ctl").arg("-D").arg(self.data()).args(["-w", "-m", "immediate", "stop"]));
    }

    /// The database that every cluster has, empty.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.command("pg_ctl");
        stop.arg("-D").arg(self.data()).args(["-m", "immediate", "stop"]);
        // It may be down already.
        let _ = stop.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}
