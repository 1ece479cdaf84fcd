//! Logs: to standard error, for people or as JSON; `RUST_LOG` narrows or widens them.

use anyhow::anyhow;
use tracing_subscriber::EnvFilter;

use crate::settings::LogForm;

/// Starts logging.
pub(crate) fn start(form: LogForm) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match form {
        LogForm::Human => logs.try_init(),
        LogForm::Json => logs.json().flatten_event(true).try_init(),
    }
    .map_err(|error| anyhow!("starting the log: {error}"))
}
