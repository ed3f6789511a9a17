//! Before reminders go out: who gets one, who has no mailbox, who was reminded a moment ago.

use super::SHEETS;
use crate::{
    view::{Frame, Here},
    words::{self, completeness as cw},
};
use akidoko_domain::due::is_night;
use akidoko_service::completeness::ReminderPlan;
use askama::Template;
use chrono::{DateTime, Utc};

/// The page.
#[derive(Template)]
#[template(path = "completeness/remind.html")]
pub struct RemindPage {
    frame: Frame,
    day: String,
    until: String,
    due: bool,
    night: bool,
    mailed: Vec<(String, String)>,
    without: Vec<(String, Option<(String, String)>)>,
    reminded: Vec<(String, String)>,
}

impl RemindPage {
    /// `phone`: the number of a hospital by its code, for `tel:` and as it is read.
    pub fn new(frame: Frame, plan: &ReminderPlan, now: DateTime<Utc>, phone: impl Fn(&str) -> Option<(String, String)>) -> Self {
        Self {
            frame: frame.of("催促を送る", Here::Completeness, &[]).with_sheets(SHEETS),
            day: words::day(plan.day),
            until: cw::until_due(plan.day, plan.rule, now),
            due: plan.rule.is_some(),
            night: is_night(now),
            mailed: plan.mailed.iter().map(|h| (h.name.clone(), h.mailbox.clone().unwrap_or_default())).collect(),
            without: plan.without_mailbox.iter().map(|h| (h.name.clone(), phone(h.code.as_str()))).collect(),
            reminded: plan.reminded.iter().map(|h| (h.name.clone(), h.reminded_at.map(words::clock).unwrap_or_default())).collect(),
        }
    }
}
