//! The library of the browser and the one of the server say the same of thousands of rules and records by chance.

use crate::{
    chance::{Chance, answers, good},
    table::{judge, survey, word},
};
use akidoko_domain::rule::Expression;
use serde_json::{Value as Json, json};
use std::{
    collections::BTreeMap,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

const RULES: u64 = 2000;

/// Why the test cannot run, in the list of those that could not.
fn skip(why: &str) {
    if let Ok(log) = std::env::var("AKIDOKO_SKIP_LOG") {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
        writeln!(file, "server and browser agree on rules by chance: {why}").unwrap();
    }
}

#[test]
fn server_and_browser_agree_on_rules_by_chance() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if !root.join("node_modules/@marcbachmann/cel-js").exists() {
        return skip("npm ci brings the library");
    }
    if Command::new("node").arg("--version").stdout(Stdio::null()).status().is_err() {
        return skip("there is no node");
    }
    let survey = survey();
    let mut asked: Vec<Json> = Vec::new();
    let mut said: Vec<(&str, String)> = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..RULES {
        let mut c = Chance(seed);
        let expression = Expression::new(good(&mut c));
        let Ok(program) = expression.program(&survey) else { continue };
        for _ in 0..3 {
            let (now, last) = (answers(&mut c, &survey), answers(&mut c, &survey));
            let verdict = word(judge(&survey, &expression, &now, &last, Some(100)));
            *seen.entry(verdict).or_default() += 1;
            asked.push(json!({
                "plain": program.plain(), "items": program.items(), "answers": now,
                "facts": { "licensed_beds": 100, "report_date": "2026-04-10", "previous": last },
            }));
            said.push((verdict, expression.text().to_owned()));
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/agree.mjs");
    let mut node = Command::new("node").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    node.stdin.take().unwrap().write_all(serde_json::to_string(&asked).unwrap().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "node ended with {}", output.status);
    let verdicts: Vec<String> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(verdicts.len(), said.len());
    let differ: Vec<String> = verdicts
        .iter()
        .zip(&said)
        .zip(&asked)
        // Which of two reasons to be silent comes first, is each library's own affair.
        .filter(|((browser, (server, _)), _)| browser.as_str() != if *server == "undefined" { "silent" } else { *server })
        .map(|((browser, (server, text)), asked)| format!("{text}\n  server {server}, browser {browser}: {asked}"))
        .collect();
    assert!(differ.is_empty(), "{} of {} differ:\n{}", differ.len(), said.len(), differ[..differ.len().min(5)].join("\n"));
    println!("{} judged alike: {seen:?}", said.len());
    assert!(
        said.len() > 4000 && ["holds", "broken", "silent", "undefined"].iter().all(|v| seen.get(v).is_some_and(|n| *n > 20)),
        "{seen:?}"
    );
}
