//! `akidoko`: one binary that serves, imports, administers and checks.

mod admin;
mod audit;
mod config;
mod import;
mod mail;
mod serve;
mod survey;

use akidoko_service::Store;
use anyhow::Result;
use chrono::NaiveDate;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

// A report makes some hundreds of small objects; with the C library's allocator a quarter of the server's time went there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 空きどこ：受け入れられる病院を、いま見つける。
#[derive(Parser)]
#[command(name = "akidoko", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 画面と API を提供します
    Serve(Box<serve::Arguments>),
    /// データベースの構造を最新にします
    Migrate,
    /// 公表ファイルや基準データを取り込みます
    Import(import::Arguments),
    /// ある日の回答を都道府県・医療区分ごとに数えます
    Summary {
        /// 日付（2020-12-09）
        #[arg(long)]
        date: NaiveDate,
        /// CSV で出力します
        #[arg(long)]
        csv: bool,
        /// 調査
        #[arg(long, default_value = akidoko_domain::survey::GMIS_DAILY)]
        survey: String,
    },
    /// 組織・操作者・トークンを管理します
    #[command(subcommand)]
    Admin(admin::Command),
    /// 戻ってきたメールを受け付けます
    #[command(subcommand)]
    Mail(mail::Command),
    /// 監査ログを確かめます
    #[command(subcommand)]
    Audit(audit::Command),
    /// 調査の定義を確かめます
    #[command(subcommand)]
    Survey(survey::Command),
    /// 設定とデータベースを調べます
    Doctor,
}

#[tokio::main]
async fn main() -> ExitCode {
    // In pages of 2 MiB the program holds twice what it uses, and is no quicker: ADR 0013. Where that cannot be said it is only larger.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_thp_disable(true);
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn,akidoko=info".into()))
        .init();
    match run(Cli::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve(arguments) => serve::run(*arguments).await.map(|()| ExitCode::SUCCESS),
        Command::Migrate => {
            let database = config::database()?;
            Store::migrate(&database).await?;
            let store = Store::open(&database).await?;
            store.install_surveys(config::clock().now()).await?;
            println!("データベースは最新です。");
            Ok(ExitCode::SUCCESS)
        }
        Command::Import(arguments) => import::run(arguments).await,
        Command::Summary { date, csv, survey } => {
            import::summary(date, csv, &survey).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Admin(command) => admin::run(command).await.map(|()| ExitCode::SUCCESS),
        Command::Mail(command) => mail::run(command).await,
        Command::Audit(command) => audit::run(command).await,
        Command::Survey(command) => survey::run(&command),
        Command::Doctor => audit::doctor().await,
    }
}
