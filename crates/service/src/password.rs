//! Passwords: argon2id, off the threads that serve, a few at a time so that a burst of sign-ins cannot take all memory.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash};
use std::sync::{Arc, LazyLock};
use tokio::sync::Semaphore;

/// The 19 MiB, two passes, one lane that are the least recommended for argon2id.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// A hash that no password has: checking against it takes as long as checking against a real one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(&crate::chance::token()));

fn hash_now(password: &str) -> String {
    argon2().hash_password(password.as_bytes()).expect("the parameters are valid").to_string()
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(2)) }
    }

    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _turn = self.turns.acquire().await.expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work).await.expect("hashing does not panic")
    }

    /// The hash of a password, in PHC form.
    pub async fn hash(&self, password: String) -> String {
        self.off_thread(move || hash_now(&password)).await
    }

    /// Is it the password? `None` for an account that is not there: as slow, and never right.
    pub async fn check(&self, password: String, hash: Option<String>) -> bool {
        self.off_thread(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.clone());
            let right = PasswordHash::new(&hash).is_ok_and(|h| argon2().verify_password(password.as_bytes(), &h).is_ok());
            right && known
        })
        .await
    }
}
