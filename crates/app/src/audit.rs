//! `akidoko audit` and `akidoko doctor`.

use crate::config;
use akidoko_service::{Backend, Head};
use anyhow::Result;
use chrono::NaiveDate;
use clap::Subcommand;
use std::{io::Write, process::ExitCode};

#[derive(Subcommand)]
pub enum Command {
    /// いまの末尾（番号とハッシュ）を出力します。別の場所に控えてください
    Head,
    /// 改ざん・欠落・末尾の切り取りがないか確かめます
    Verify {
        /// 控えておいた末尾
        #[arg(long)]
        head: Option<Head>,
    },
    /// CSV（ユーザーID, 氏名, 時刻, カテゴリ, 操作情報）で出力します
    Export,
    /// この日より前の、終わった日の記録を消します（末尾のハッシュは残ります）
    Expire {
        /// 日付
        #[arg(long)]
        before: NaiveDate,
    },
}

pub async fn run(command: Command) -> Result<ExitCode> {
    let (store, clock, _) = config::open().await?;
    match command {
        Command::Head => println!("{}", store.audit_head_unscoped().await?),
        Command::Verify { head } => match store.verify_audit_unscoped(head.as_ref()).await {
            Ok(v) => println!("監査ログは正しく続いています：{} 件、期限切れの日 {} 日、末尾 {}", v.entries, v.expired_segments, v.head),
            Err(error) => {
                eprintln!("監査ログに異常があります：{error}");
                return Ok(ExitCode::FAILURE);
            }
        },
        Command::Export => {
            let mut out = std::io::BufWriter::new(std::io::stdout().lock());
            write!(out, "\u{feff}ユーザーID,氏名,時刻,カテゴリ,操作情報\r\n")?;
            let mut after = 0;
            loop {
                let rows = store.audit_after_unscoped(after).await?;
                let Some(last) = rows.last() else { break };
                after = last.0;
                for (_, columns) in rows {
                    let quoted = columns.map(|c| format!("\"{}\"", c.replace('"', "\"\"")));
                    write!(out, "{}\r\n", quoted.join(","))?;
                }
            }
        }
        Command::Expire { before } => {
            let gone = store.expire_audit_unscoped(before, clock.now()).await?;
            println!("{gone} 件を消しました。");
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn doctor() -> Result<ExitCode> {
    let (store, _, config) = config::open().await?;
    let kind = if config.backend()? == Backend::Sqlite { "SQLite（埋め込み）" } else { "PostgreSQL" };
    println!("データベース：{kind}、最後の出来事 {}", store.last_event_unscoped().await?);
    let reference = store.reference().await?;
    let (areas, municipalities, holidays) = (reference.areas.len(), reference.municipalities.len(), reference.holidays.len());
    println!("基準データ：二次医療圏 {areas}、市区町村 {municipalities}、祝日 {holidays}");
    let surveys: Vec<String> = store.catalogue().await?.all().map(|s| format!("{} 第{}版", s.title, s.version)).collect();
    println!("調査：{}", surveys.join("、"));
    match store.verify_audit_unscoped(None).await {
        Ok(v) => println!("監査ログ：{} 件、正しく続いています", v.entries),
        Err(error) => {
            println!("監査ログ：異常があります（{error}）");
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("画面の部品（Node）：{}", if akidoko_web::has_node_assets() { "あり" } else { "なし（画面は簡素になります）" });
    Ok(ExitCode::SUCCESS)
}
