//! Mail: its configuration, and `akidoko mail`.

use crate::config;
use akidoko_exchange::mail::{Bounce, Mailbox, Transport, bounces_of_mbox};
use akidoko_service::{Service, application::worker::Post};
use anyhow::{Context, Result, bail};
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use std::{
    io::Read,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// How mail leaves. Each can be given in the environment too.
#[derive(Args)]
#[group(id = "mail_options")]
pub struct Arguments {
    /// メールの送り方（smtp+starttls://利用者:パスワード@ホスト:587、smtps://…:465、folder:/フォルダー）。なければ送らずにためます
    #[arg(long, env = "AKIDOKO_MAIL", hide_env_values = true)]
    mail: Option<String>,
    /// メールサーバーの証明書を確かめる CA（PEM）
    #[arg(long, env = "AKIDOKO_MAIL_CA")]
    mail_ca: Option<PathBuf>,
    /// 差出人のアドレス
    #[arg(long, env = "AKIDOKO_MAIL_FROM", default_value = "office@akidoko.example")]
    mail_from: String,
    /// 差出人の名前
    #[arg(long, env = "AKIDOKO_MAIL_NAME", default_value = "空きどこ事務局")]
    mail_name: String,
    /// 受信を許可してもらうドメイン（例 @akidoko.example）。なければ差出人のドメイン
    #[arg(long, env = "AKIDOKO_SENDER_DOMAINS", value_delimiter = ',')]
    sender_domain: Vec<String>,
    /// メールの中のリンクの先頭（https から始まる、外から見えるアドレス）
    #[arg(long, env = "AKIDOKO_PUBLIC_URL")]
    public_url: Option<String>,
    /// 1 分に送るメールの数の上限
    #[arg(long, env = "AKIDOKO_MAILS_PER_MINUTE", default_value_t = 1200)]
    mails_per_minute: u32,
    /// 決定を取り消せる秒数（既定 300）。短くするのは試すときだけにしてください
    #[arg(long, env = "AKIDOKO_UNDO_SECONDS", hide = true, default_value_t = 300)]
    undo_seconds: u32,
}

impl Arguments {
    /// What the service needs of it.
    pub fn post(&self, listen: SocketAddr) -> Result<Post> {
        let Some((_, domain)) = self.mail_from.rsplit_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty()) else {
            bail!("差出人のアドレス（AKIDOKO_MAIL_FROM）は office@example.jp の形で指定してください。");
        };
        let transport = match &self.mail {
            Some(config) => Some(Arc::new(Transport::parse(config, self.mail_ca.as_deref()).context("AKIDOKO_MAIL の指定が使えません")?)),
            None => None,
        };
        let sender_domains = if self.sender_domain.is_empty() { vec![format!("@{domain}")] } else { self.sender_domain.clone() };
        let public_url = self.public_url.clone().unwrap_or_else(|| format!("http://{listen}"));
        Ok(Post {
            transport,
            from: Mailbox { name: self.mail_name.clone(), address: self.mail_from.clone() },
            domain: domain.to_owned(),
            sender_domains,
            public_url: public_url.trim_end_matches('/').to_owned(),
            undo: TimeDelta::seconds(i64::from(self.undo_seconds)),
            per_minute: self.mails_per_minute,
        })
    }
}

#[derive(Subcommand)]
pub enum Command {
    /// 戻ってきたメール（配信不能の通知）を標準入力かファイル（1 通、または mbox）から読みます
    Bounce {
        /// ファイル。なければ標準入力
        file: Option<PathBuf>,
    },
}

pub async fn run(command: Command) -> Result<ExitCode> {
    let Command::Bounce { file } = command;
    let bytes = read(file.as_deref())?;
    let (store, clock, _) = config::open().await?;
    let service = Service::start(store, clock).await?;
    let (mut taken, mut other) = (0, 0);
    // A mailbox file begins each mail with a line of its own; what comes by a pipe is one mail.
    let bounces = if bytes.starts_with(b"From ") { bounces_of_mbox(&bytes) } else { vec![Bounce::read(&bytes)] };
    for bounce in bounces {
        match bounce {
            Ok(b) if b.permanent => {
                let known = match &b.message_id {
                    Some(id) => service.take_bounce(id, &b.diagnostic).await?,
                    None => false,
                };
                if known { taken += 1 } else { other += 1 }
            }
            _ => other += 1,
        }
    }
    println!("不達として受け付けた通知 {taken} 件、そのほか {other} 件");
    Ok(ExitCode::SUCCESS)
}

/// A mailbox file of 64 MiB is more than a mail server hands over at once.
const LARGEST: u64 = 64 * 1024 * 1024;

fn read(file: Option<&Path>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match file {
        Some(path) => {
            let file = std::fs::File::open(path).with_context(|| format!("{} を開けません", path.display()))?;
            file.take(LARGEST + 1).read_to_end(&mut bytes)?;
        }
        None => {
            std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)?;
        }
    }
    if bytes.len() as u64 > LARGEST {
        bail!("64 MiB までのファイルを渡してください。");
    }
    Ok(bytes)
}
