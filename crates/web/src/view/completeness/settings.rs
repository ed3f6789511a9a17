//! What a prefecture sets: due rules, the ladder, exemptions.

use super::SHEETS;
use crate::{
    view::{Frame, Here},
    words::{self, completeness as cw},
};
use akidoko_domain::due::{Days, DueSetting, RUNGS};
use akidoko_service::completeness::SettingsView;
use askama::Template;
use chrono::{Days as Span, NaiveDate, NaiveTime, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// What was typed and not taken, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsTyped {
    /// `due`, `ladder`, `exempt`.
    pub form: String,
    /// Fields by name.
    pub fields: BTreeMap<String, String>,
    /// Weekdays that were ticked.
    pub weekdays: BTreeSet<String>,
    /// Why it was not taken.
    pub problem: String,
}

struct RungLine {
    n: usize,
    minutes: String,
    after: bool,
    days: &'static str,
}

struct ExemptLine {
    id: Option<String>,
    name: String,
    when: String,
    reason: String,
}

/// The page.
#[derive(Template)]
#[template(path = "completeness/settings.html")]
pub struct CompletenessSettingsPage {
    frame: Frame,
    today: String,
    due: [String; 2],
    later: Vec<(NaiveDate, String, [String; 2])>,
    earliest: NaiveDate,
    rungs: Vec<RungLine>,
    at_night: bool,
    standing: Vec<String>,
    no_ladder: bool,
    exemptions: Vec<ExemptLine>,
    hospitals: Vec<(String, String)>,
    weekdays: Vec<(&'static str, &'static str, bool)>,
    typed: SettingsTyped,
    defaults: BTreeMap<&'static str, String>,
    saved: bool,
}

impl CompletenessSettingsPage {
    /// What stands; over it what was typed.
    pub fn new(frame: Frame, view: &SettingsView, typed: SettingsTyped, saved: bool) -> Self {
        let ladder = view.ladder.as_ref().map(|l| l.ladder.clone()).unwrap_or_default();
        let earliest = view.today.checked_add_days(Span::new(1)).unwrap_or(view.today);
        let newest = view.later.last().unwrap_or(&view.due);
        let exemptions = view.exemptions.iter().map(|(e, row)| ExemptLine {
            id: e.id.map(|id| id.to_string()),
            name: row.card.name.clone(),
            when: when(&e.exemption),
            reason: if e.exemption.suspended { "ID 停止中".to_owned() } else { e.reason.clone() },
        });
        let day = |d: Weekday| {
            let name = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][d.num_days_from_monday() as usize];
            (name, cw::weekday(d), typed.weekdays.contains(name))
        };
        use Weekday as W;
        Self {
            frame: frame.of("締切・催促・免除の設定", Here::Completeness, &[]).with_sheets(SHEETS),
            today: words::day(view.today),
            due: cw::due_setting(&view.due),
            later: view.later.iter().map(|s| (s.valid_from, words::date(s.valid_from), cw::due_setting(s))).collect(),
            earliest,
            rungs: rungs(&ladder, &typed),
            at_night: if typed.form == "ladder" { typed.fields.contains_key("at_night") } else { ladder.at_night },
            standing: {
                let mut all = ladder.rungs.clone();
                all.sort_by_key(|r| r.minutes);
                all.into_iter().map(cw::rung).collect()
            },
            no_ladder: ladder.rungs.is_empty(),
            exemptions: exemptions.collect(),
            hospitals: view.hospitals.iter().map(|h| (h.card.code.to_string(), h.card.name.clone())).collect(),
            weekdays: [W::Mon, W::Tue, W::Wed, W::Thu, W::Fri, W::Sat, W::Sun].map(day).into(),
            defaults: defaults(newest, earliest, view.today),
            typed,
            saved,
        }
    }

    fn field(&self, form: &str, name: &str) -> &str {
        let typed = (self.typed.form == form).then(|| self.typed.fields.get(name)).flatten();
        typed.or_else(|| self.defaults.get(name)).map_or("", String::as_str)
    }

    fn is_wrong(&self, form: &str) -> bool {
        self.typed.form == form && !self.typed.problem.is_empty()
    }

    fn off_is(&self, choice: &str) -> bool {
        self.field("due", "off") == choice
    }
}

fn clock(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

fn defaults(newest: &DueSetting, earliest: NaiveDate, today: NaiveDate) -> BTreeMap<&'static str, String> {
    let off = newest.off.unwrap_or(newest.working);
    let choice = match newest.off {
        None => "none",
        Some(o) if o == newest.working => "same",
        Some(_) => "other",
    };
    [
        ("valid_from", earliest.to_string()),
        ("working_due", clock(newest.working.due)),
        ("working_late", clock(newest.working.late)),
        ("off", choice.to_owned()),
        ("off_due", clock(off.due)),
        ("off_late", clock(off.late)),
        ("from_on", today.to_string()),
    ]
    .into()
}

fn rungs(ladder: &akidoko_domain::due::Ladder, typed: &SettingsTyped) -> Vec<RungLine> {
    if typed.form == "ladder" {
        let field = |n: usize, what: &str| typed.fields.get(&format!("{what}{n}")).cloned().unwrap_or_default();
        let days = |n: usize| Days::ALL.into_iter().find(|d| d.as_str() == field(n, "days")).unwrap_or(Days::All).as_str();
        return (0..RUNGS)
            .map(|n| RungLine { n, minutes: field(n, "minutes"), after: field(n, "side") == "after", days: days(n) })
            .collect();
    }
    let mut standing = ladder.rungs.clone();
    standing.sort_by_key(|r| r.minutes);
    let line = |n: usize| match standing.get(n) {
        Some(r) => RungLine { n, minutes: r.minutes.abs().to_string(), after: r.minutes > 0, days: r.days.as_str() },
        None => RungLine { n, minutes: String::new(), after: n > 0, days: Days::All.as_str() },
    };
    (0..RUNGS.min(standing.len() + 3)).map(line).collect()
}

fn when(e: &akidoko_domain::due::Exemption) -> String {
    let from = words::date(e.from_on);
    let to = e.to_on.map(|to| format!("{}まで", words::date(to))).unwrap_or_default();
    let days = if e.weekdays == akidoko_domain::due::Weekdays::ALL { String::new() } else { format!("　{}曜", cw::weekdays(e.weekdays)) };
    format!("{from}から{to}{days}")
}
