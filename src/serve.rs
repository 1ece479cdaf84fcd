//! Wiring: settings to a store, use cases, a router and a listener; and an orderly end (O2).

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use api::layers::Limits;
use app::access::Policy;
use app::{App, Clock, Rulebooks};
use chrono::{TimeDelta, Utc};
use store::{Db, DbUrl, Store, StoreConfig};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::accounts;
use crate::demo;
use crate::openid::SingleSignOn;
use crate::settings::Settings;

/// How long requests under way may take once the server was told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// Wuhu's day, which the demo's story is told by.
const DEMO_OFFSET: TimeDelta = TimeDelta::hours(8);

/// Serves until told to stop.
pub(crate) async fn serve(settings: &Settings) -> anyhow::Result<()> {
    let app = open(settings, settings.database()?, Clock::System).await?;
    accounts::first_start(app.store().db()).await?;
    let erased = app.apply_erasures().await.context("applying the list of erasures")?;
    if let Some(list) = &settings.erasures {
        tracing::info!(list = %list.display(), erased, "the list of erasures is applied");
    } else {
        tracing::warn!(
            "no list of erasures is kept outside of the database (setting `erasures`): whoever was erased since a \
             backup was made comes back with it"
        );
    }
    listen(settings, app).await
}

/// Fills an empty database with the demo's story, and serves it.
pub(crate) async fn demo(mut settings: Settings) -> anyhow::Result<()> {
    if settings.database.is_none() && settings.data_dir.is_none() {
        settings.data_dir = Some(std::env::temp_dir().join(format!("hatchery-demo-{}", uuid::Uuid::now_v7())));
    }
    let url = settings.database()?;
    let now = Utc::now();
    let scripted = open(&settings, url.clone(), Clock::scripted(now)).await?;
    if scripted.store().feed().head().await? > 0 {
        bail!("{url} is not empty; the demo fills only an empty database");
    }
    if !store::access::accounts::none(scripted.store().db()).await? {
        bail!("there are accounts in {url}; the demo fills only an empty database");
    }
    let today = (now + DEMO_OFFSET).date_naive();
    let story = demo::fill(&scripted, today).await.context("telling the demo's story")?;
    scripted.store().stop().await;
    drop(scripted);
    let app = open(&settings, url.clone(), Clock::System).await?;
    let accounts = accounts::of_demo(app.store().db(), &story.actors, demo::PROGRAM).await?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", story.guide(&settings.listen.to_string(), &url.to_string(), &accounts))?;
    out.flush()?;
    listen(&settings, app).await
}

/// Brings the tables up to date, and lets a role of the server use them.
pub(crate) async fn migrate(settings: &Settings, server_role: Option<&str>) -> anyhow::Result<()> {
    let url = settings.database()?;
    let db = Db::open(&url).await.with_context(|| format!("opening {url}"))?;
    db.migrate().await?;
    if let Some(role) = server_role {
        db.grant(role).await.with_context(|| format!("granting what a server needs to {role}"))?;
    }
    db.close().await;
    tracing::info!(database = %url, "the tables are up to date");
    Ok(())
}

/// Rebuilds read models; all if none is named.
pub(crate) async fn rebuild(settings: &Settings, models: &[String]) -> anyhow::Result<()> {
    let app = open(settings, settings.database()?, Clock::System).await?;
    let all: Vec<String> = app.store().models().iter().map(|m| m.table().name.to_owned()).collect();
    if let Some(unknown) = models.iter().find(|m| !all.contains(m)) {
        bail!("there is no read model {unknown}; there are: {}", all.join(", "));
    }
    let wanted: Vec<&str> = if models.is_empty() { &all } else { models }.iter().map(String::as_str).collect();
    let position = app.store().rebuild_together(&wanted).await?;
    tracing::info!(models = wanted.join(", "), position, "rebuilt");
    app.store().stop().await;
    Ok(())
}

async fn open(settings: &Settings, url: DbUrl, clock: Clock) -> anyhow::Result<Arc<App>> {
    let rulebooks = Rulebooks::load(settings.rulebooks.as_deref()).context("reading the rulebooks")?;
    let policy = Policy::load(settings.policy.as_deref()).context("reading the policy")?;
    let opening = format!("opening {url}");
    let config = StoreConfig { chain_hash: settings.chain_hash, ..StoreConfig::new(url, projections::models()) };
    let store = Store::start(config).await.context(opening)?;
    let (store, rulebooks) = (Arc::new(store), Arc::new(rulebooks));
    let app = App::with_profile(store, rulebooks, Arc::new(policy), clock, settings.password_profile);
    let openid = settings.openid.as_ref().map(SingleSignOn::open).transpose()?;
    let app = app.keeping_erasures(settings.erasures.clone()).with_openid(openid).with_rates(settings.rates);
    Ok(Arc::new(app))
}

/// Serves until a signal, or until a task of the store has ended; then finishes what is under way.
async fn listen(settings: &Settings, app: Arc<App>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("listening on {}: is another server running there?", settings.listen))?;
    let address = listener.local_addr()?;
    tracing::info!(%address, "serving");
    // It ends with the process.
    tokio::spawn(api::metrics::keep_up());
    let limits = Limits { behind_proxy: settings.behind_proxy, ..Limits::default() };
    let router = api::service::service(Arc::clone(&app), limits)?;
    let router = match api::cors::cors(&settings.cors_origins).context("`cors_origins`")? {
        Some(cors) => router.layer(cors),
        None => router,
    };
    let router = web::beside(router, limits).into_make_service_with_connect_info::<SocketAddr>();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        // A sender that is gone means that it is time, too.
        let _ = stopped.await;
    });
    let server = tokio::spawn(async move { server.await });
    let broken = tokio::select! {
        () = told_to_stop() => None,
        task = app.store().ended() => Some(task),
    };
    app.drain();
    tracing::info!("stopping: finishing what is under way");
    drop(stop);
    if tokio::time::timeout(DRAIN, server).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    if tokio::time::timeout(DRAIN, app.store().stop()).await.is_err() {
        tracing::warn!("the store did not stop in time");
    }
    match broken {
        None => Ok(()),
        Some(task) => bail!("the store's {task} has ended; the process must not go on without it"),
    }
}

/// Waits for SIGTERM or Ctrl-C.
async fn told_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be heard");
            let _ = interrupt.await;
        }
    }
}
