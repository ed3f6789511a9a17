//! `akidoko import` and `akidoko summary`.

use crate::config;
use akidoko_service::import::{Importer, Outcome, Source};
use anyhow::Result;
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// 医療機関の一覧（医療情報ネットの CSV・zip、または gmis_facilities.csv）
    Hospitals,
    /// 全国医療機関の医療提供体制の状況（1 日分ずつ）
    GmisDaily,
    /// 医療情報ネットと G-MIS の対応（mednet_id と gmis_id の列）
    Links,
    /// 市区町村
    Municipalities,
    /// 二次医療圏
    Areas,
    /// 祝日
    Holidays,
}

#[derive(Args)]
pub struct Arguments {
    /// 種類
    what: What,
    /// ファイル（CSV か、CSV が一つ入った zip）
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// 一文字で表した形（ファイル名が日付）
    #[arg(long)]
    compact: bool,
    /// 一覧の日付（省略：ファイル名の日付、なければ今日）
    #[arg(long)]
    as_of: Option<NaiveDate>,
}

pub async fn run(arguments: Arguments) -> Result<ExitCode> {
    let (store, clock, _) = config::open().await?;
    let importer = Importer::new(store.clone(), clock).await?;
    let source = match arguments.what {
        What::Hospitals => Source::Hospitals { as_of: arguments.as_of },
        What::GmisDaily => Source::GmisDaily { compact: arguments.compact },
        What::Links => Source::Links,
        What::Municipalities => Source::Municipalities,
        What::Areas => Source::Areas,
        What::Holidays => Source::Holidays,
    };
    let mut failed = false;
    for file in &arguments.files {
        let mut beat = None;
        let bar = ProgressBar::hidden();
        let result = importer
            .import(source, file, |progress| {
                if !std::io::stderr().is_terminal() {
                    return;
                }
                bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
                bar.set_length(progress.total());
                if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3}% {msg}") {
                    bar.set_style(style);
                }
                bar.set_message(file.display().to_string());
                let bar = bar.clone();
                beat = Some(tokio::spawn(async move {
                    loop {
                        bar.set_position(progress.read());
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }));
            })
            .await;
        if let Some(beat) = beat {
            beat.abort();
        }
        bar.finish_and_clear();
        match result {
            Ok(outcome) => println!("{}", said(&file.display().to_string(), &outcome)),
            Err(error) => {
                failed = true;
                eprintln!("{}", error.japanese());
                break;
            }
        }
    }
    store.close().await;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn said(file: &str, outcome: &Outcome) -> String {
    let c = &outcome.rows;
    let mut line = format!("{file}：追加 {} 件、変更 {} 件、変わりなし {} 件、拒否 0 件", c.added, c.changed, c.kept);
    if let Some(r) = &outcome.reports {
        line = format!("{line}／報告 追加 {} 件、変更 {} 件、変わりなし {} 件", r.added, r.changed, r.kept);
    }
    if outcome.left_out > 0 {
        line = format!("{line}（対応のない行 {} 件は対象外）", outcome.left_out);
    }
    line
}

pub async fn summary(date: NaiveDate, csv: bool, survey: &str) -> Result<()> {
    let (store, clock, _) = config::open().await?;
    store.install_surveys(clock.now()).await?;
    let catalogue = store.catalogue().await?;
    let rows = store.summary_unscoped(survey, date, &catalogue).await?;
    let mut out = std::io::stdout().lock();
    let separator = if csv { "," } else { "\t" };
    let header = ["report_date", "pref_code", "category", "normal", "limited", "stopped", "not_available", "no_answer"];
    writeln!(out, "{}", header.join(separator))?;
    for r in rows {
        let counts = [r.normal, r.limited, r.stopped, r.not_available, r.no_answer].map(|n| n.to_string());
        writeln!(out, "{}", [r.report_date.to_string(), r.prefecture.to_string(), r.category, counts.join(separator)].join(separator))?;
    }
    Ok(())
}
