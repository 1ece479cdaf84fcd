//! What can go wrong in the store.

use domain::{Refused, StreamId};

/// Whether something was written before an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was written.
    None,
    /// The connection went away between commit and answer; a retry with the same key settles it.
    Unknown,
}

/// A failure of the store itself.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is away, or answered with an error.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// An event cannot be read.
    #[error("event {stream} version {version}: {reason}")]
    Undecodable {
        /// Its stream.
        stream: StreamId,
        /// Its version in the stream.
        version: u64,
        /// Why.
        reason: String,
    },
    /// Something cannot be written as JSON.
    #[error("encoding: {0}")]
    Encoding(#[from] serde_json::Error),
    /// The database is not set up as it must be.
    #[error("{0}")]
    Setup(String),
    /// Somebody is in the way for now.
    #[error("{0}")]
    Busy(String),
    /// A reader of a single stream failed.
    #[error("stream: {0}")]
    Stream(String),
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A rule or form refuses it; nothing was written.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// The same idempotency key is being worked on.
    #[error("the same idempotency key is being worked on")]
    InFlight,
    /// The same idempotency key was used with another payload.
    #[error("the idempotency key was used with another payload")]
    KeyReused,
    /// The idempotency key was used by a request that names somebody who was erased since.
    #[error("the idempotency key concerns a person who was erased")]
    Erased,
    /// The database is away, or did not answer in time.
    #[error("the store is not available (outcome: {0:?})")]
    Unavailable(Outcome),
    /// The node is shutting down.
    #[error("shutting down")]
    ShuttingDown,
    /// Something that should not happen; details are in the log.
    #[error("internal error")]
    Internal,
}

impl StoreError {
    /// Whether the database is away or overloaded, so that trying again may help; everything else is a defect.
    #[must_use]
    pub fn is_away(&self) -> bool {
        let Self::Database(error) = self else {
            return matches!(self, Self::Busy(_));
        };
        if let sqlx::Error::Database(cause) = error {
            // SQLSTATE 08 connection, 40 rolled back for the sake of others (deadlock), 53 resources, 55 lock not
            // available, 57 operator intervention (shutdown, time-out), 58 the system below; SQLite 5 busy, 6 locked,
            // 10 input/output, 13 full.
            return cause.code().is_some_and(|code| match code.parse::<u32>() {
                Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 10 | 13),
                _ => ["08", "40", "53", "55", "57", "58"].iter().any(|class| code.starts_with(class)),
            });
        }
        matches!(
            error,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                // A server that is going away answers what nobody understands, or half of it.
                | sqlx::Error::Protocol(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
        )
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use crate::{Db, DbUrl};

    #[tokio::test]
    async fn a_server_that_answers_nonsense_on_its_way_out_is_away() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = DbUrl::Postgres(format!("postgres://nobody@{}/none", listener.local_addr().unwrap()));
        let server = async {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut asked = [0; 8];
                stream.read_exact(&mut asked).await.unwrap();
                stream.write_all(&[0]).await.unwrap();
            }
        };
        let opened = tokio::select! {
            opened = Db::open(&url) => opened,
            () = server => unreachable!("it serves for ever"),
        };
        let error = opened.map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("unexpected"), "{error}");
        assert!(error.is_away(), "{error}");
    }
}
