//! `akidoko survey`: a survey's definition looked at before anybody takes it over.

use akidoko_domain::survey::Survey;
use akidoko_web::definition;
use anyhow::{Context, Result};
use clap::Subcommand;
use std::{path::PathBuf, process::ExitCode};

#[derive(Subcommand)]
pub enum Command {
    /// 調査の定義（JSON）を確かめ、直すところをすべて出力します
    Check {
        /// ファイル
        file: PathBuf,
    },
}

pub fn run(command: &Command) -> Result<ExitCode> {
    let Command::Check { file } = command;
    let json = std::fs::read_to_string(file).with_context(|| format!("{} を開けません", file.display()))?;
    let survey: Survey = match serde_json::from_str(&json) {
        Ok(survey) => survey,
        Err(error) => {
            eprintln!("定義を読めません：{error}");
            return Ok(ExitCode::FAILURE);
        }
    };
    let errors = survey.check_definition();
    for error in &errors {
        eprintln!("{}", definition::definition_error(&survey, error));
    }
    for rule in survey.rules.iter().filter(|rule| rule.divides_by_zero(&survey)) {
        eprintln!("{}", definition::zero_note(&rule.id));
    }
    if errors.is_empty() {
        println!(
            "定義は正しく読めます：{} 第 {} 版、項目 {}、ルール {}",
            survey.title,
            survey.version,
            survey.items().count(),
            survey.rules.len()
        );
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("直すところが {} か所あります。", errors.len());
    Ok(ExitCode::FAILURE)
}
