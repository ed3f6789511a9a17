//! The log: whatever is changed in it afterwards, shows.

use crate::database::{TestDatabase, now, postgres, sqlite};
use akidoko_domain::audit::{Category, Entry};
use akidoko_store::{Head, VerifyError};
use chrono::TimeDelta;
use serde_json::json;

/// Three days with entries; gives the head as it stood after the second.
async fn filled(t: &TestDatabase) -> Head {
    let mut kept = None;
    for day in 0..3 {
        for n in 0..3 {
            let at = now() + TimeDelta::days(day) + TimeDelta::seconds(n);
            let mut tx = t.store.write_system(at).await.unwrap();
            tx.log(Entry::by_system(at, Category::Admin, format!("target {n}"), json!({ "n": n })));
            tx.log(Entry::by_system(at, Category::Report, "x", json!(null)));
            tx.commit().await.unwrap();
        }
        if day == 1 {
            kept = Some(t.store.audit_head_unscoped().await.unwrap());
        }
    }
    kept.unwrap()
}

/// What is done to the log, and what the verification must say.
const TAMPERINGS: [(&str, &str); 9] = [
    ("UPDATE audit_entry SET who = 'somebody' WHERE sequence = 4", "changed"),
    ("UPDATE audit_entry SET detail = '{\"n\":9}' WHERE sequence = 3", "changed"),
    ("UPDATE audit_entry SET pref_code = '' WHERE sequence = 5", "changed"),
    ("DELETE FROM audit_entry WHERE sequence = 5", "missing"),
    ("DELETE FROM audit_entry WHERE sequence = 1", "missing"),
    (
        "UPDATE audit_entry SET sequence = 100 WHERE sequence = 5; UPDATE audit_entry SET sequence = 5 WHERE sequence = 7; \
         UPDATE audit_entry SET sequence = 7 WHERE sequence = 100",
        "changed",
    ),
    ("DELETE FROM audit_entry WHERE sequence > 17", "should end"),
    ("UPDATE audit_segment SET head = (SELECT mac FROM audit_entry WHERE sequence = 1)", "head of"),
    (
        "INSERT INTO audit_entry SELECT 19, segment_on, at, session_id, account_id, who, name, pref_code, category, target, detail, mac \
         FROM audit_entry WHERE sequence = 18",
        "changed",
    ),
];

async fn story(t: &TestDatabase) {
    let kept = filled(t).await;
    let whole = t.store.verify_audit_unscoped(Some(&kept)).await.unwrap();
    assert_eq!((whole.entries, whole.head.sequence), (18, 18));
    assert_eq!(whole.head.to_string().parse::<Head>().unwrap(), whole.head);
}

#[tokio::test]
async fn a_whole_log_verifies() {
    story(&sqlite().await).await;
    if let Some(t) = postgres("a_whole_log_verifies").await {
        story(&t).await;
    }
}

#[tokio::test]
async fn whatever_is_done_to_the_log_shows() {
    for (sql, word) in TAMPERINGS {
        let t = sqlite().await;
        filled(&t).await;
        t.tamper(sql).await;
        let error = t.store.verify_audit_unscoped(None).await.expect_err(sql).to_string();
        assert!(error.contains(word), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_cut_tail_shows_to_whoever_kept_a_head() {
    let t = sqlite().await;
    filled(&t).await;
    let kept = t.store.audit_head_unscoped().await.unwrap();
    // Cut, and the remembered end mended: only the kept head can tell.
    t.tamper(
        "DELETE FROM audit_entry WHERE sequence > 16; DELETE FROM audit_segment WHERE last_sequence > 16; \
         UPDATE log_head SET audit_sequence = 16, audit_head = (SELECT mac FROM audit_entry WHERE sequence = 16)",
    )
    .await;
    assert!(t.store.verify_audit_unscoped(None).await.is_ok());
    assert!(matches!(t.store.verify_audit_unscoped(Some(&kept)).await, Err(VerifyError::Cut { last: 16, kept: 18 })));
}

#[tokio::test]
async fn whole_days_expire_and_leave_their_heads() {
    let t = sqlite().await;
    let kept = filled(&t).await;
    let day = akidoko_domain::time::jst_day(now() + TimeDelta::days(2));
    assert_eq!(t.store.expire_audit_unscoped(day, now() + TimeDelta::days(3)).await.unwrap(), 12);
    let whole = t.store.verify_audit_unscoped(Some(&kept)).await.unwrap();
    assert_eq!((whole.entries, whole.expired_segments), (6, 2));
}
