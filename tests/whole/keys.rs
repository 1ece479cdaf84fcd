//! Tokens for whoever a test says that it acts as.

use app::access::grant::Claim;
use app::access::passwords;
use app::testing::Keyring;
use chrono::Utc;
use reqwest::Method;
use store::Db;
use store::access::accounts;
use store::testing::TestDatabase;

/// Another system, which reads everything but people: who reads where a test names nobody.
pub(crate) const READER: &str = "integration/all/exchange";

/// Makes accounts and tokens in a database, beside the server that is at work on it.
pub(crate) struct Keys {
    db: Db,
    ring: Keyring,
    program: &'static str,
}

impl Keys {
    pub(crate) async fn beside(database: &TestDatabase) -> Self {
        Self { db: database.beside().await.unwrap(), ring: Keyring::default(), program: "wuhu-incubation" }
    }

    /// The token of an actor, written `role/unit/person`.
    pub(crate) async fn token(&self, actor: &str) -> String {
        let claim: Claim = actor.parse().unwrap();
        let (secret, _) = self.ring.token(&self.db, &claim, self.program).await.unwrap();
        secret.reveal().to_owned()
    }

    /// Gives an account, which has a token already, a password.
    pub(crate) async fn password(&self, login: &str, password: &str) {
        let account = accounts::by_login(&self.db, login).await.unwrap().unwrap();
        let phc = passwords::hash(password.to_owned()).await.unwrap();
        accounts::set_password(&self.db, account.account_id, &phc, Utc::now(), false, None).await.unwrap();
    }

    /// What a request is to be sent with: the token of the actor that it names, or of [`READER`] where it only reads.
    pub(crate) async fn of(&self, method: &Method, headers: &[(&'static str, &str)]) -> Option<String> {
        let find = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        if find("authorization").is_some() || find("cookie").is_some() {
            return None;
        }
        match find("hatchery-actor").map(str::parse::<Claim>) {
            Some(Ok(claim)) => Some(self.token(&claim.to_string()).await),
            None if *method == Method::POST => None,
            Some(Err(_)) | None => Some(self.token(READER).await),
        }
    }
}
