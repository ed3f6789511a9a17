//! Reminders: the rungs that a prefecture set, and the press of an officer. A rung goes once to a hospital and day, whoever is cut off and
//! however many nodes run: what is owed is asked for under the lock, and mails and reminders are one commit. That a report takes its
//! reminders back is the database's own rule, so that it holds for every road.

use super::CompletenessError;
use crate::{Service, StoreError, chance};
use akidoko_domain::{
    access::Actor,
    audit::{Category, Entry},
    due::{due_at, good_until},
    event::EventKind,
    id::{MailId, PrefCode},
    survey::DAILY,
    time::{DueRule, jst_day},
};
use akidoko_store::{NewMail, NewReminder, Owing, WriteTx};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;
use std::collections::BTreeMap;

/// 報告の催促
pub const REPORT_DUE: &str = "report_due";
/// A press reminds nobody who was reminded within this time.
const APART: TimeDelta = TimeDelta::hours(1);

/// What a press would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderPlan {
    /// The day.
    pub day: NaiveDate,
    /// Until when it is due; `None`: no report is due, and nobody is reminded.
    pub rule: Option<DueRule>,
    /// Who gets a mail.
    pub mailed: Vec<Owing>,
    /// Who has no mailbox: for the telephone.
    pub without_mailbox: Vec<Owing>,
    /// Who was reminded within the hour.
    pub reminded: Vec<Owing>,
}

/// What a press did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pressed {
    /// So many mails lie in the outbox.
    pub mailed: usize,
}

fn plan(day: NaiveDate, rule: Option<DueRule>, owing: Vec<Owing>, now: DateTime<Utc>) -> ReminderPlan {
    let mut plan = ReminderPlan { day, rule, mailed: Vec::new(), without_mailbox: Vec::new(), reminded: Vec::new() };
    for h in owing.into_iter().filter(|_| rule.is_some()) {
        if h.mailbox.is_none() {
            plan.without_mailbox.push(h);
        } else if h.reminded_at.is_some_and(|at| now < at + APART) {
            plan.reminded.push(h);
        } else {
            plan.mailed.push(h);
        }
    }
    plan
}

impl Service {
    /// Who would be reminded of today's report now.
    pub async fn plan_reminders(&self, actor: &Actor) -> Result<ReminderPlan, CompletenessError> {
        let prefecture = Self::keeper(actor)?;
        let now = self.clock.now();
        let (day, rule) = (jst_day(now), self.due_of(prefecture, jst_day(now)));
        let owing = self.store.owing_unscoped(prefecture, DAILY, day, "").await?;
        Ok(plan(day, rule, owing, now))
    }

    /// Reminds all who owe today's report, and were not reminded within the hour.
    pub async fn press_reminders(&self, actor: &Actor) -> Result<Pressed, CompletenessError> {
        let prefecture = Self::keeper(actor)?;
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let now = tx.now();
        let day = jst_day(now);
        let Some(rule) = self.due_of(prefecture, day) else { return Ok(Pressed { mailed: 0 }) };
        let owing = tx.owing(prefecture, DAILY, day, "").await?;
        let plan = plan(day, Some(rule), owing, now);
        if plan.mailed.is_empty() {
            return Ok(Pressed { mailed: 0 });
        }
        let rung = format!("press {}", now.format("%Y-%m-%dT%H:%M:%S%.6fZ"));
        // An officer who presses asks for it, at whatever hour.
        self.put_reminders(&tx, (prefecture, day, rule), (&rung, true), &plan.mailed).await?;
        let detail = json!({ "report_date": day, "mails": plan.mailed.len(), "without_mailbox": plan.without_mailbox.len() });
        tx.log(Entry::by(actor, now, Category::Admin, "reminders pressed", detail));
        tx.event(Some(prefecture), EventKind::Completeness);
        tx.commit().await?;
        Ok(Pressed { mailed: plan.mailed.len() })
    }

    /// Climbs the rungs that are due; says how many mails that brought.
    pub(crate) async fn climb(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let (day, reference) = (jst_day(now), self.live.reference());
        let mut mailed = 0;
        for (prefecture, row) in self.store.ladders_unscoped().await? {
            let Some(rule) = reference.due.on(prefecture, day) else { continue };
            let Some(minutes) = row.ladder.rung(rule, reference.due.is_working(day), row.set_at, now) else { continue };
            mailed += self.climb_rung((prefecture, day, rule), minutes, row.ladder.at_night).await?;
        }
        Ok(mailed)
    }

    async fn climb_rung(
        &self,
        (prefecture, day, rule): (PrefCode, NaiveDate, DueRule),
        minutes: i32,
        at_night: bool,
    ) -> Result<usize, StoreError> {
        let mut tx = self.store.write_system(self.clock.now()).await?;
        tx.lock().await?;
        let rung = minutes.to_string();
        let mut owing = tx.owing(prefecture, DAILY, day, &rung).await?;
        owing.retain(|h| !h.is_done && h.mailbox.is_some());
        if owing.is_empty() {
            return Ok(0);
        }
        self.put_reminders(&tx, (prefecture, day, rule), (&rung, at_night), &owing).await?;
        let detail = json!({ "report_date": day, "rung": minutes, "mails": owing.len() });
        let mut entry = Entry::by_system(tx.now(), Category::Admin, "reminders of the ladder", detail);
        entry.prefecture = Some(prefecture);
        tx.log(entry);
        tx.event(Some(prefecture), EventKind::Completeness);
        tx.commit().await?;
        Ok(owing.len())
    }

    async fn put_reminders(
        &self,
        tx: &WriteTx,
        (prefecture, day, rule): (PrefCode, NaiveDate, DueRule),
        (rung, at_night): (&str, bool),
        to: &[Owing],
    ) -> Result<(), StoreError> {
        let over = tx.now() > due_at(day, rule);
        let name = self.live.reference().prefectures.get(&prefecture).cloned().unwrap_or_default();
        let mut mails = Vec::with_capacity(to.len());
        let mut reminders = Vec::with_capacity(to.len());
        for h in to {
            let id = MailId(chance::uuid(tx.now()));
            let facts: BTreeMap<String, String> = [
                ("name", h.name.clone()),
                ("prefecture", name.clone()),
                ("day", words(day)),
                ("due", rule.due.format("%H:%M").to_string()),
                ("over", if over { "1" } else { "" }.to_owned()),
                ("path", format!("/hospitals/{}/reports/{day}", h.code)),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
            mails.push(NewMail {
                id,
                kind: REPORT_DUE,
                prefecture: Some(prefecture),
                application: None,
                account: None,
                recipient: h.mailbox.clone().unwrap_or_default(),
                facts,
                has_link: false,
                not_before: tx.now(),
                good_until: Some(good_until(tx.now(), at_night)),
            });
            reminders.push(NewReminder { hospital: h.hospital, mail: id });
        }
        tx.add_mails(&mails, &self.post.domain).await?;
        tx.add_reminders((prefecture, DAILY, day, rung), &reminders).await
    }
}

/// 4月10日（金）
fn words(day: NaiveDate) -> String {
    use chrono::Datelike;
    let weekday = ["月", "火", "水", "木", "金", "土", "日"][day.weekday().num_days_from_monday() as usize];
    format!("{}月{}日（{weekday}）", day.month(), day.day())
}
