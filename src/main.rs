//! `hatchery`: the system in which an award office runs its incubation pool (创奖孵化池).

mod accounts;
mod chain;
mod cli;
mod demo;
mod erasures;
mod logging;
mod openid;
mod serve;
mod settings;

use anyhow::Context as _;
use clap::Parser as _;

use cli::{Cli, Command};
use settings::Settings;

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let settings = Settings::load(&cli.settings)?;
    logging::start(settings.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    runtime.block_on(run(cli.command, settings))
}

async fn run(command: Command, settings: Settings) -> anyhow::Result<()> {
    match command {
        Command::Serve => serve::serve(&settings).await,
        Command::Demo => serve::demo(settings).await,
        Command::Migrate { server_role } => serve::migrate(&settings, server_role.as_deref()).await,
        Command::Rebuild { models } => serve::rebuild(&settings, &models).await,
        Command::Backup { to } => erasures::backup(&settings, &to).await,
        Command::Restore { from, to } => erasures::restore(&settings, &from, &to).await,
        Command::Erasures { to } => erasures::export(&settings, &to).await,
        Command::Erase { list } => erasures::apply(&settings, &list).await,
        Command::User { command } => accounts::user(&settings, command).await,
        Command::Token { command } => accounts::token(&settings, command).await,
        Command::Verify { against } => chain::verify(&settings, &against).await,
        Command::ChainHead { to } => chain::head(&settings, to.as_deref()).await,
        Command::Openapi => cli::print_openapi(),
    }
}
