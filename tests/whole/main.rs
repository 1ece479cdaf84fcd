//! The whole program, as a process of its own, over HTTP only, on SQLite and on PostgreSQL.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod access;
mod audit;
mod browser;
mod crash;
mod cycles;
mod erasure;
mod exports;
mod faults;
mod hangzhou;
mod hardening;
mod impossible;
mod keys;
mod openapi;
mod openid;
mod pool;
mod race;
mod recovery;
mod refusals;
mod restore;
mod server;
mod story;
mod town;

/// Runs each named test on both databases.
#[macro_export]
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(store::testing::TestDatabase::sqlite().unwrap()).await;
            })+
        }

        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(store::testing::TestDatabase::postgres().await.unwrap()).await;
            })+
        }
    };
}
