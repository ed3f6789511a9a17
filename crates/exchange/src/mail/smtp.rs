//! Letters to a mail server.
//!
//! lettre's own pool does not say which command was refused, and has no time limit after the connection stands. Both matter here: a
//! password that has run out must not make a bounce of every letter, and a server that falls silent must not hold the sender up. So this
//! speaks the commands itself, over lettre's connection.

use super::{CONNECTIONS, one_line};
use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, Tls},
        commands::{Data, Mail, Quit, Rcpt, Rset},
        extension::ClientId,
        response::Response,
    },
};
use std::{fmt, sync::Mutex, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};

/// To reach the server, for each of its addresses.
const CONNECT: Duration = Duration::from_secs(10);
/// For the answer to one command.
const COMMAND: Duration = Duration::from_secs(30);
/// For the answer to the letter itself. Servers look through it first; who hangs up too early sends it twice.
const CONTENT: Duration = Duration::from_secs(120);
/// A connection that has rested longer may be gone without a word.
const REST: Duration = Duration::from_secs(60);
/// What a server says is cut here.
const WORDS: usize = 300;

/// A mail server and the open connections to it.
pub struct Smtp {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    /// What must never be repeated.
    secrets: Option<[String; 2]>,
    turns: Semaphore,
    resting: Mutex<Vec<(AsyncSmtpConnection, Instant)>>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// Where in the talk with the server something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Connect,
    StartTls,
    SignIn,
    Sender,
    Recipient,
    Content,
}

impl Step {
    fn words(self) -> &'static str {
        match self {
            Self::Connect => "the mail server cannot be reached",
            Self::StartTls => "the connection to the mail server cannot be encrypted",
            Self::SignIn => "the mail server refuses the sign-in",
            Self::Sender => "the mail server refuses the sender",
            Self::Recipient => "the mail server refuses the recipient",
            Self::Content => "the mail server refuses the letter",
        }
    }
}

/// A refusal, and when it holds.
pub(super) struct Refused {
    pub permanent: bool,
    pub code: Option<u16>,
    pub words: String,
    step: Step,
}

/// A message and the dot that ends it, in one piece: lettre sends the dot by itself, and the system then holds it back until the server has
/// acknowledged the rest. That was 40 ms for each letter.
struct Content<'a>(&'a str);

impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.trim_end().split("\r\n") {
            // A line of one dot would be the end.
            let dot = if line.starts_with('.') { "." } else { "" };
            write!(f, "{dot}{line}\r\n")?;
        }
        f.write_str(".\r\n")
    }
}

impl Smtp {
    pub(super) fn new(host: String, port: u16, tls: Tls, sign_in: Option<(Credentials, [String; 2])>) -> Self {
        let (credentials, secrets) = sign_in.unzip();
        Self { host, port, tls, credentials, secrets, turns: Semaphore::new(CONNECTIONS), resting: Mutex::default() }
    }

    /// The server.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Sends one message and gives back the server's answer.
    pub(super) async fn send(&self, from: Address, to: Address, message: &str) -> Result<String, Refused> {
        let _turn = self.turns.acquire().await.expect("nobody closes it");
        if let Some(mut connection) = self.rested() {
            match self.hand_over(&mut connection, &from, &to, message).await {
                // The server has hung up meanwhile, or takes no more over this connection. Nothing was handed over, so a fresh one may try.
                Err(r) if r.step == Step::Sender => {}
                done => return self.put_back(connection, done).await,
            }
        }
        let mut connection = self.connect(&from).await?;
        let done = self.hand_over(&mut connection, &from, &to, message).await;
        self.put_back(connection, done).await
    }

    /// Ends the connections that rest.
    pub(super) async fn rest(&self) {
        for (mut connection, _) in self.take_all() {
            let _ = timeout(CONNECT, connection.command(Quit)).await;
        }
    }

    fn take_all(&self) -> Vec<(AsyncSmtpConnection, Instant)> {
        std::mem::take(&mut *self.resting.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn rested(&self) -> Option<AsyncSmtpConnection> {
        let mut resting = self.resting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        resting.retain(|(_, since)| since.elapsed() < REST);
        resting.pop().map(|(connection, _)| connection)
    }

    /// Keeps the connection, if the server is ready for another letter over it.
    async fn put_back(&self, mut connection: AsyncSmtpConnection, done: Result<String, Refused>) -> Result<String, Refused> {
        let ready = match &done {
            Ok(_) => true,
            // 421 is a goodbye, and without a code nothing is certain.
            Err(r) => r.code.is_some_and(|c| c != 421) && matches!(timeout(COMMAND, connection.command(Rset)).await, Ok(Ok(_))),
        };
        if ready {
            self.resting.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((connection, Instant::now()));
        }
        done
    }

    async fn connect(&self, from: &Address) -> Result<AsyncSmtpConnection, Refused> {
        // Servers like a full name here, which a machine seldom knows of itself.
        let hello = ClientId::Domain(from.domain().to_owned());
        let wrapper = if let Tls::Wrapper(tls) = &self.tls { Some(tls.clone()) } else { None };
        let server = (self.host.as_str(), self.port);
        let connect = AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT), &hello, wrapper, None);
        let mut connection = self.within(Step::Connect, COMMAND + CONNECT, connect).await?;
        if let Tls::Required(tls) = &self.tls {
            self.within(Step::StartTls, COMMAND, connection.starttls(tls.clone(), &hello)).await?;
        }
        if let Some(credentials) = &self.credentials {
            self.within(Step::SignIn, COMMAND, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(connection)
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Address,
        to: &Address,
        message: &str,
    ) -> Result<String, Refused> {
        self.within(Step::Sender, COMMAND, connection.command(Mail::new(Some(from.clone()), vec![]))).await?;
        self.within(Step::Recipient, COMMAND, connection.command(Rcpt::new(to.clone(), vec![]))).await?;
        self.within(Step::Content, COMMAND, connection.command(Data)).await?;
        let answer: Response = self.within(Step::Content, CONTENT, connection.command(Content(message))).await?;
        Ok(self.clean(&answer.message().collect::<Vec<_>>().join(" ")))
    }

    /// One step, within its time.
    async fn within<T>(&self, step: Step, limit: Duration, talk: impl Future<Output = Result<T, Error>>) -> Result<T, Refused> {
        match timeout(limit, talk).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.refused(step, &error)),
            Err(_) => Err(Refused {
                permanent: false,
                code: None,
                words: format!("{}: no answer within {} seconds", step.words(), limit.as_secs()),
                step,
            }),
        }
    }

    fn refused(&self, step: Step, error: &Error) -> Refused {
        let code = error.status().map(u16::from);
        // The server may want a sign-in, a new password or encryption at any step: that says nothing about the recipient.
        let ours = matches!(code, Some(530 | 534 | 535 | 538));
        let permanent = error.is_permanent() && !ours && matches!(step, Step::Recipient | Step::Content);
        let words = match (step, code) {
            // What a server says to a wrong password is not repeated, not even in part.
            (Step::SignIn, Some(code)) => format!("{}: {code}", step.words()),
            (_, Some(code)) => {
                let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
                format!("{}: {code} {}", step.words(), self.clean(&said))
            }
            (_, None) => format!("{}: {}", step.words(), self.clean(&error.to_string())),
        };
        Refused { permanent, code, words: words.trim_end().to_owned(), step }
    }

    /// What the server said, in one line and without the sign-in.
    fn clean(&self, words: &str) -> String {
        let mut words = words.to_owned();
        for secret in self.secrets.iter().flatten() {
            words = words.replace(secret.as_str(), "…");
        }
        one_line(&words, WORDS)
    }
}
