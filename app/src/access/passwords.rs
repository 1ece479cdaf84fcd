//! Passwords: argon2id, and the rules of the profile that the office has chosen (S5).

use std::str::FromStr;
use std::sync::LazyLock;

use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::TimeDelta;

/// Which rules passwords follow. The two best known ones contradict each other, so the office picks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Profile {
    /// OWASP ASVS 5.0: 12 characters and more, any of them, no rotation.
    #[default]
    Asvs,
    /// 等级保护 (GB/T 22239-2019, level 2): 8 characters and more of at least three kinds, changed every 90 days.
    Dengbao,
}

/// A word that names no profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password profile is asvs or dengbao")]
pub struct UnknownProfile;

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(text: &str) -> Result<Self, UnknownProfile> {
        match text {
            "asvs" => Ok(Self::Asvs),
            "dengbao" => Ok(Self::Dengbao),
            _ => Err(UnknownProfile),
        }
    }
}

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Fewer characters than the profile asks for.
    #[error("密码至少 {0} 个字符。")]
    Short(usize),
    /// More than 128.
    #[error("密码至多 128 个字符。")]
    Long,
    /// Fewer than three of: lower case, upper case, digits, others.
    #[error("密码须含小写字母、大写字母、数字、其他字符中的至少三种。")]
    Simple,
    /// The login stands in it, or it is one that everybody tries first.
    #[error("密码过于常见，或含有账号名。")]
    Common,
    /// The same as before.
    #[error("新密码不能与原密码相同。")]
    Same,
}

impl Profile {
    /// How long a password may be used.
    #[must_use]
    pub const fn lasts(self) -> Option<TimeDelta> {
        match self {
            Self::Asvs => None,
            Self::Dengbao => Some(TimeDelta::days(90)),
        }
    }

    /// Accepts a password for a login, or says why not.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(self, password: &str, login: &str) -> Result<(), Weak> {
        let length = password.chars().count();
        let least = match self {
            Self::Asvs => 12,
            Self::Dengbao => 8,
        };
        if length < least {
            return Err(Weak::Short(least));
        }
        if length > 128 {
            return Err(Weak::Long);
        }
        if self == Self::Dengbao && kinds(password) < 3 {
            return Err(Weak::Simple);
        }
        let plain = password.to_lowercase();
        let repeats = plain.chars().collect::<std::collections::BTreeSet<_>>().len() < 4;
        let stem =
            COMMON.iter().any(|word| plain.trim_matches(|c: char| !c.is_alphabetic()) == *word || plain == *word);
        if repeats || stem || (login.len() >= 3 && plain.contains(&login.to_lowercase())) {
            return Err(Weak::Common);
        }
        Ok(())
    }
}

/// What is tried first, alone or with digits around it.
const COMMON: [&str; 14] = [
    "password",
    "passw0rd",
    "qwertyuiop",
    "qwerty",
    "qazwsxedc",
    "1qaz2wsx3edc",
    "iloveyou",
    "administrator",
    "admin",
    "welcome",
    "letmein",
    "woaini",
    "123456789012",
    "hatchery",
];

fn kinds(password: &str) -> usize {
    let is: [fn(char) -> bool; 4] = [
        char::is_lowercase,
        char::is_uppercase,
        |c| c.is_ascii_digit(),
        |c| !c.is_lowercase() && !c.is_uppercase() && !c.is_ascii_digit(),
    ];
    is.iter().filter(|is| password.chars().any(is)).count()
}

/// 19 MiB, two passes: OWASP's least for argon2id.
static ARGON2: LazyLock<Argon2<'static>> = LazyLock::new(|| {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19_456, 2, 1, None).unwrap_or_default())
});

/// The PHC string of nobody's password: what is verified where there is no account, so that time tells nothing.
static NOBODY: LazyLock<String> = LazyLock::new(|| hashed("nobody's password").unwrap_or_default());

fn hashed(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(ARGON2.hash_password(password.as_bytes(), &SaltString::generate(&mut OsRng))?.to_string())
}

/// Hashes a password, on a thread that may take its time. None if it could not be done.
pub async fn hash(password: String) -> Option<String> {
    tokio::task::spawn_blocking(move || hashed(&password).ok()).await.ok().flatten()
}

/// Whether a password is that of a PHC string; without one, as long and never.
pub async fn verify(password: String, phc: Option<String>) -> bool {
    let verified = tokio::task::spawn_blocking(move || {
        let known = phc.is_some();
        let phc = phc.unwrap_or_else(|| NOBODY.clone());
        let right =
            PasswordHash::new(&phc).is_ok_and(|hash| ARGON2.verify_password(password.as_bytes(), &hash).is_ok());
        right && known
    });
    verified.await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_verified_by_its_hash_and_by_no_other() {
        let hash = hash("正确的马 电池 订书钉".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("正确的马 电池 订书钉".to_owned(), Some(hash.clone())).await);
        assert!(!verify("错误的马 电池 订书钉".to_owned(), Some(hash)).await);
        assert!(!verify("nobody's password".to_owned(), None).await);
    }

    #[test]
    fn each_profile_asks_for_what_it_says() {
        assert_eq!(Profile::Asvs.check("short", "zhang"), Err(Weak::Short(12)));
        assert_eq!(Profile::Asvs.check("correct horse battery", "zhang"), Ok(()));
        assert_eq!(Profile::Dengbao.check("correct horse battery", "zhang"), Err(Weak::Simple));
        assert_eq!(Profile::Dengbao.check("Correct7horse", "zhang"), Ok(()));
        assert_eq!(Profile::Asvs.check(&"ab".repeat(80), "zhang"), Err(Weak::Long));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for password in ["Password12345", "zhangwei-2026-x", "aaaaaaaaaaaaaa", "123456789012"] {
            assert_eq!(Profile::Asvs.check(password, "zhangwei"), Err(Weak::Common), "{password}");
        }
    }
}
