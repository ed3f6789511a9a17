//! Reads where mail goes, as the operator writes it. No complaint repeats the sign-in.

use super::{Transport, folder::Folder, smtp::Smtp};
use lettre::transport::smtp::{
    authentication::Credentials,
    client::{Certificate, Tls, TlsParameters},
};
use percent_encoding::percent_decode_str;
use std::{
    io,
    net::IpAddr,
    path::{Path, PathBuf},
};
use url::Url;

/// What is wrong with the configuration of mail.
#[derive(Debug, thiserror::Error)]
pub enum MailConfigError {
    /// Nothing that is known.
    #[error("mail must begin with smtp://, smtp+starttls://, smtps://, folder: or file://")]
    Scheme,
    /// Not an address of a server.
    #[error("the mail server cannot be read ({0}); percent-encode the signs @ : / ? # % in user and password")]
    Unreadable(url::ParseError),
    /// No server named.
    #[error("the mail server has no host")]
    NoHost,
    /// More than a server.
    #[error("behind the host and port of the mail server stands something else; percent-encode the signs @ : / ? # % in user and password")]
    Rest,
    /// Unencrypted to another machine.
    #[error("smtp:// is not encrypted and only allowed to this machine, not to {0}; use smtp+starttls:// or smtps://")]
    Plain(String),
    /// Half a sign-in.
    #[error("the mail server needs both a user and a password, or neither")]
    HalfSignIn,
    /// Percent-encoded, but not text.
    #[error("user or password of the mail server are not UTF-8 once their percent signs are decoded")]
    SignInNotText,
    /// A folder that depends on where the program was started.
    #[error("the folder for mail must be an absolute path")]
    Folder,
    /// The certificates cannot be read.
    #[error("the certificates for mail in {} cannot be read: {error}", path.display())]
    Ca {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// The certificates are none.
    #[error("{} holds no certificate in PEM form", .0.display())]
    NoCertificate(PathBuf),
    /// The host or the certificates are not fit for TLS.
    #[error("the mail server cannot be reached encrypted: {0}")]
    Tls(String),
}

/// How a server is spoken to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Plain,
    StartTls,
    Tls,
}

pub(super) fn parse(config: &str, ca: Option<&Path>) -> Result<Transport, MailConfigError> {
    let config = config.trim();
    if let Some(path) = config.strip_prefix("folder:") {
        return folder(PathBuf::from(path));
    }
    if config.starts_with("file:") {
        let path = Url::parse(config).ok().and_then(|url| url.to_file_path().ok());
        return folder(path.ok_or(MailConfigError::Folder)?);
    }
    let (scheme, port) = match config.split_once("://").map(|(scheme, _)| scheme) {
        Some("smtp") => (Scheme::Plain, 25),
        Some("smtp+starttls") => (Scheme::StartTls, 587),
        Some("smtps") => (Scheme::Tls, 465),
        _ => return Err(MailConfigError::Scheme),
    };
    let url = Url::parse(config).map_err(MailConfigError::Unreadable)?;
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(MailConfigError::Rest);
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(MailConfigError::NoHost)?;
    // `[::1]` in an address, `::1` everywhere else.
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let tls = match scheme {
        Scheme::Plain if loopback(&host) => Tls::None,
        Scheme::Plain => return Err(MailConfigError::Plain(host)),
        Scheme::StartTls => Tls::Required(trust(&host, ca)?),
        Scheme::Tls => Tls::Wrapper(trust(&host, ca)?),
    };
    let smtp = Smtp::new(host, url.port().unwrap_or(port), tls, sign_in(&url)?);
    Ok(Transport::Smtp(Box::new(smtp)))
}

fn folder(path: PathBuf) -> Result<Transport, MailConfigError> {
    if path.is_absolute() { Ok(Transport::Folder(Folder::new(path))) } else { Err(MailConfigError::Folder) }
}

fn loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn sign_in(url: &Url) -> Result<Option<(Credentials, [String; 2])>, MailConfigError> {
    let decoded = |text: &str| match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(MailConfigError::SignInNotText),
    };
    match (url.username(), url.password().unwrap_or_default()) {
        ("", "") => Ok(None),
        ("", _) | (_, "") => Err(MailConfigError::HalfSignIn),
        (user, password) => {
            let (user, password) = (decoded(user)?, decoded(password)?);
            Ok(Some((Credentials::new(user.clone(), password.clone()), [user, password])))
        }
    }
}

fn trust(host: &str, ca: Option<&Path>) -> Result<TlsParameters, MailConfigError> {
    let mut tls = TlsParameters::builder(host.to_owned());
    if let Some(path) = ca {
        let pem = std::fs::read(path).map_err(|error| MailConfigError::Ca { path: path.to_owned(), error })?;
        let none = || MailConfigError::NoCertificate(path.to_owned());
        // lettre takes a file without any certificate for an empty list.
        if !pem.windows(10).any(|w| w == b"-----BEGIN") {
            return Err(none());
        }
        tls = tls.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| none())?);
    }
    tls.build_rustls().map_err(|e| MailConfigError::Tls(e.to_string()))
}
