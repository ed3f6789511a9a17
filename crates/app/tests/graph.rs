//! The one way down, and the licences: from `cargo metadata`, no tool to install.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

fn metadata() -> Value {
    // Of this platform only: the packages of others were never fetched on a fresh machine.
    let rustc = Command::new("rustc").arg("-vV").output().unwrap();
    let about = String::from_utf8(rustc.stdout).unwrap();
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", host])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn packages(metadata: &Value) -> &Vec<Value> {
    metadata["packages"].as_array().unwrap()
}

fn ours(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let members: BTreeSet<&str> = metadata["workspace_members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let of = |p: &Value| {
        let normal = p["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"] != "dev");
        normal.map(|d| d["name"].as_str().unwrap().to_owned()).collect()
    };
    packages(metadata)
        .iter()
        .filter(|p| members.contains(p["id"].as_str().unwrap()))
        .map(|p| (p["name"].as_str().unwrap().to_owned(), of(p)))
        .collect()
}

#[test]
fn one_way_down() {
    let metadata = metadata();
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("akidoko-domain", &[][..]),
        ("akidoko-exchange", &["akidoko-domain"]),
        ("akidoko-store", &["akidoko-domain"]),
        ("akidoko-service", &["akidoko-domain", "akidoko-exchange", "akidoko-store"]),
        ("akidoko-web", &["akidoko-domain", "akidoko-exchange", "akidoko-service"]),
        ("akidoko", &["akidoko-domain", "akidoko-exchange", "akidoko-service", "akidoko-web"]),
    ]);
    let graph = ours(&metadata);
    assert_eq!(graph.keys().map(String::as_str).collect::<BTreeSet<_>>(), allowed.keys().copied().collect());
    for (name, dependencies) in &graph {
        for d in dependencies.iter().filter(|d| d.starts_with("akidoko")) {
            assert!(allowed[name.as_str()].contains(&d.as_str()), "{name} must not use {d}");
        }
    }
}

#[test]
fn each_library_stays_in_its_room() {
    let graph = ours(&metadata());
    for (library, rooms) in [
        ("sea-orm", &["akidoko-store"][..]),
        ("sqlx", &["akidoko-store"]),
        ("axum", &["akidoko-web", "akidoko"]),
        ("askama", &["akidoko-web"]),
        ("cel", &["akidoko-domain"]),
        ("calamine", &["akidoko-exchange"]),
        ("rust_xlsxwriter", &["akidoko-exchange"]),
        ("csv", &["akidoko-exchange"]),
        ("encoding_rs", &["akidoko-exchange"]),
        ("lettre", &["akidoko-exchange"]),
        ("mail-parser", &["akidoko-exchange"]),
        ("hyper", &["akidoko-exchange"]),
        ("hyper-util", &["akidoko-exchange"]),
        ("hyper-rustls", &["akidoko-exchange"]),
        ("totp-rs", &["akidoko-service"]),
        ("fast_qr", &["akidoko-web"]),
        ("anyhow", &["akidoko"]),
    ] {
        for (name, dependencies) in &graph {
            assert!(!dependencies.contains(library) || rooms.contains(&name.as_str()), "{library} does not belong into {name}");
        }
    }
    for library in ["tokio", "axum", "sea-orm", "sqlx"] {
        assert!(!graph["akidoko-domain"].contains(library), "the domain is pure: no {library}");
    }
}

#[test]
fn licences_that_go_with_ours() {
    let fine = [
        "MIT",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "Zlib",
        "0BSD",
        "Unicode-3.0",
        "CC0-1.0",
        "MPL-2.0",
        "Unlicense",
        "BSL-1.0",
        "CDLA-Permissive-2.0",
        "MIT-0",
        "Apache-2.0 WITH LLVM-exception",
    ];
    // An expression is fine if one side of each OR is, and both sides of each AND.
    fn ok(expression: &str, fine: &[&str]) -> bool {
        let e = expression.trim();
        let e = e.strip_prefix('(').and_then(|x| x.strip_suffix(')')).filter(|x| !x.contains(')')).unwrap_or(e);
        if let Some((left, right)) = split(e, " AND ") {
            return ok(left, fine) && ok(right, fine);
        }
        if let Some((left, right)) = split(e, " OR ").or_else(|| e.split_once('/')) {
            return ok(left, fine) || ok(right, fine);
        }
        fine.contains(&e)
    }
    fn split<'a>(e: &'a str, by: &str) -> Option<(&'a str, &'a str)> {
        let at = e.match_indices(by).find(|(at, _)| e[..*at].matches('(').count() == e[..*at].matches(')').count())?.0;
        Some((&e[..at], &e[at + by.len()..]))
    }
    let metadata = metadata();
    for p in packages(&metadata) {
        let licence = p["license"].as_str().unwrap_or("none");
        assert!(ok(licence, &fine), "{} {}: {licence}", p["name"], p["version"]);
    }
}
