//! A connection to PostgreSQL that breaks at the worst moment: while a commit is under way.

use std::sync::{Arc, Mutex};

use sqlx::postgres::PgConnectOptions;
use store::DbUrl;
use store::testing::TestDatabase;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};

use crate::harness::id;

/// What happens to the next commit.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    /// The connection is cut before the server hears of it.
    NeverSent,
    /// The server commits; the connection is cut before the client hears of it.
    AnswerLost,
    /// The server commits; the client hears nothing more, not even that the connection is gone.
    Silence,
}

/// A proxy in front of the test server.
pub(crate) struct Proxy {
    next: Arc<Mutex<Option<Fate>>>,
    /// The database, through the proxy.
    pub(crate) database: TestDatabase,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connect(server: &PgConnectOptions) -> std::io::Result<Box<dyn Stream>> {
    Ok(match server.get_socket() {
        Some(folder) => Box::new(UnixStream::connect(folder.join(format!(".s.PGSQL.{}", server.get_port()))).await?),
        None => Box::new(TcpStream::connect((server.get_host(), server.get_port())).await?),
    })
}

impl Proxy {
    pub(crate) async fn before(database: &TestDatabase) -> Self {
        let DbUrl::Postgres(url) = &database.url else { panic!("a proxy is for PostgreSQL") };
        let server: PgConnectOptions = id(url);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        let user =
            url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).map_or("postgres", |(user, _)| user);
        let name = server.get_database().unwrap();
        let proxied = format!("postgres://{user}@{here}/{name}?sslmode=disable");
        let next = Arc::new(Mutex::new(None));
        tokio::spawn({
            let next = Arc::clone(&next);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let (server, next) = (server.clone(), Arc::clone(&next));
                    tokio::spawn(async move {
                        // However it ends, both sides are closed.
                        if let Ok(server) = connect(&server).await {
                            let _ = carry(client, server, &next).await;
                        }
                    });
                }
            }
        });
        let mut through = TestDatabase::sqlite().unwrap();
        through.url = DbUrl::Postgres(proxied);
        Self { next, database: through }
    }

    /// Decides the fate of the next commit, and of no other.
    pub(crate) fn next_commit(&self, fate: Fate) {
        *self.next.lock().unwrap() = Some(fate);
    }

    /// Whether the commit has come.
    pub(crate) fn sprung(&self) -> bool {
        self.next.lock().unwrap().is_none()
    }
}

async fn carry(mut client: TcpStream, mut server: Box<dyn Stream>, next: &Mutex<Option<Fate>>) -> std::io::Result<()> {
    let (mut asked, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    // The appender's own connection says at its start that it plans once. All that it runs are groups written ahead,
    // one statement each that commits by itself: prepared once, bound (`B`) each time.
    let mut writes_ahead = false;
    let says = |message: &[u8], text: &[u8]| message.windows(text.len()).any(|part| part == text);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let asked = &asked[..read?];
                if asked.is_empty() {
                    return Ok(());
                }
                writes_ahead |= says(asked, b"force_generic_plan");
                let commits = says(asked, b"COMMIT\0") || (writes_ahead && asked.starts_with(b"B"));
                let fate = if commits { next.lock().unwrap().take() } else { None };
                match fate {
                    None => server.write_all(asked).await?,
                    Some(Fate::NeverSent) => return Ok(()),
                    Some(Fate::AnswerLost) => {
                        server.write_all(asked).await?;
                        // Whatever it says: by then it has committed.
                        server.read(&mut answered).await.map(|_| ())?;
                        return Ok(());
                    }
                    Some(Fate::Silence) => {
                        server.write_all(asked).await?;
                        while server.read(&mut answered).await? > 0 {}
                        return std::future::pending().await;
                    }
                }
            }
            read = server.read(&mut answered) => {
                let answered = &answered[..read?];
                if answered.is_empty() {
                    return Ok(());
                }
                client.write_all(answered).await?;
            }
        }
    }
}
