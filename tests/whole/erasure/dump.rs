//! All that a database keeps, as somebody finds it who takes it away.

use std::process::Command;
use std::str::FromStr as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};
use store::DbUrl;
use store::testing::TestDatabase;
use store::testing::cluster::{program, run};

/// A dump of a database: of SQLite its rows and the bytes of its files, of PostgreSQL what `pg_dump` writes.
pub(super) struct Dump(Vec<u8>);

impl Dump {
    pub(super) async fn of(database: &TestDatabase) -> Self {
        match &database.url {
            DbUrl::Sqlite(path) => {
                let mut all = rows(&format!("sqlite:{}", path.display())).await.into_bytes();
                for end in ["", "-wal", "-shm"] {
                    let mut file = path.as_os_str().to_owned();
                    file.push(end);
                    all.extend(std::fs::read(file).unwrap_or_default());
                }
                Self(all)
            }
            DbUrl::Postgres(_) => {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("dump.sql");
                run(Command::new(program("pg_dump"))
                    .args(["-Fp", "-f"])
                    .arg(&file)
                    .args(["-d", &database.administrator()]))
                .unwrap();
                Self(std::fs::read(file).unwrap())
            }
        }
    }

    /// Whether a text stands in it, as it is, or in base64 from any of the three places that it can begin at.
    pub(super) fn holds(&self, text: &str) -> bool {
        let there = |sought: &[u8]| self.0.windows(sought.len()).any(|window| window == sought);
        let encoded = (0..3).any(|before| {
            let bytes = [&vec![b'"'; before], text.as_bytes()].concat();
            let encoded = STANDARD_NO_PAD.encode(bytes);
            // The first and the last character depend on what stands around.
            there(&encoded.as_bytes()[[0, 2, 3][before]..encoded.len() - 1])
        });
        encoded || there(text.as_bytes())
    }
}

/// Every value of every table of a SQLite file.
async fn rows(url: &str) -> String {
    let options = SqliteConnectOptions::from_str(url).unwrap().read_only(true);
    let mut connection = options.connect().await.unwrap();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let tables: Vec<(String,)> = sqlx::query_as(tables).fetch_all(&mut connection).await.unwrap();
    let mut all = String::new();
    for (table,) in tables {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns: Vec<(String,)> = sqlx::query_as(&columns).fetch_all(&mut connection).await.unwrap();
        let columns: Vec<String> = columns.into_iter().map(|(name,)| format!("quote(\"{name}\")")).collect();
        let select = format!("SELECT {} FROM \"{table}\"", columns.join(" || ',' || "));
        let rows: Vec<(String,)> = sqlx::query_as(&select).fetch_all(&mut connection).await.unwrap();
        for (row,) in rows {
            all.push_str(&row);
            all.push('\n');
        }
    }
    connection.close().await.unwrap();
    all
}
