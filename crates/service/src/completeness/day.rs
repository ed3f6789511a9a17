//! How a day stands.

use super::{CompletenessError, Counts};
use crate::Service;
use akidoko_domain::{
    access::Actor,
    board::Row,
    due::{DayCount, DayState, Exempt, Exemption, Filed, Rate, state_of},
    id::{HospitalId, PrefCode},
    survey::GMIS_DAILY,
    time::DueRule,
};
use akidoko_store::{CallNote, ExemptionRow, Reminded};
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// A hospital's day.
#[derive(Debug, Clone)]
pub struct HospitalDay {
    /// The hospital, as it stands on the board.
    pub row: Arc<Row>,
    /// How its day stands.
    pub state: DayState,
    /// Why it owes nothing that day, whether it reported or not.
    pub exempt: Option<Exempt>,
    /// What is known of its report.
    pub filed: Option<Filed>,
    /// The last day before this one that it reported.
    pub last_on: Option<NaiveDate>,
    /// It has a mailbox to which reminders go.
    pub has_mailbox: bool,
    /// Reminders of this day, the last first.
    pub reminders: Vec<Reminded>,
    /// Calls about this day, the last first.
    pub calls: Vec<CallNote>,
}

/// A prefecture's day.
#[derive(Debug, Clone)]
pub struct PrefectureDay {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// Its name.
    pub name: String,
    /// The day.
    pub day: NaiveDate,
    /// Until when it is due; `None`: no report is due.
    pub rule: Option<DueRule>,
    /// The present moment.
    pub now: DateTime<Utc>,
    /// Hospitals, those that owe a report first.
    pub hospitals: Vec<HospitalDay>,
    /// Medical areas, code and name.
    pub areas: BTreeMap<String, String>,
}

impl PrefectureDay {
    /// Those of them that a test lets through, counted.
    pub fn count(&self, shows: impl Fn(&HospitalDay) -> bool) -> DayCount {
        let mut count = DayCount::default();
        for h in self.hospitals.iter().filter(|h| shows(h)) {
            count.hospitals += 1;
            let n = |is: bool| u64::from(is);
            let excused = h.exempt.is_some();
            count.exempt += n(excused);
            count.voluntary += n(excused && h.state.is_reported());
            count.voluntary_on_time += n(excused && h.filed.is_some_and(|f| f.on_time));
            count.reported += n(h.state.is_reported());
            count.on_time += n(h.filed.is_some_and(|f| f.on_time));
            count.late += n(h.filed.is_some_and(|f| f.late));
            count.corrected += n(h.filed.is_some_and(|f| f.corrected_at.is_some()));
            count.on_behalf += n(h.filed.is_some_and(|f| f.on_behalf));
        }
        count
    }
}

/// A prefecture's line in the nation's day.
#[derive(Debug, Clone, PartialEq)]
pub struct NationDay {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// Its name.
    pub name: String,
    /// Today.
    pub count: DayCount,
    /// Until when it is due there.
    pub rule: Option<DueRule>,
    /// 報告率 of the seven days before.
    pub week: Rate,
    /// 締切内の率 of the seven days before.
    pub week_on_time: Rate,
}

/// The exemption that holds for a hospital on a day.
pub(super) fn exempt_on(exemptions: &HashMap<HospitalId, Vec<Exemption>>, hospital: HospitalId, day: NaiveDate) -> Option<Exempt> {
    exemptions.get(&hospital)?.iter().filter_map(|e| e.on(day)).max()
}

pub(super) fn by_hospital(rows: &[ExemptionRow]) -> HashMap<HospitalId, Vec<Exemption>> {
    let mut by: HashMap<HospitalId, Vec<Exemption>> = HashMap::new();
    for r in rows {
        by.entry(r.hospital).or_default().push(r.exemption);
    }
    by
}

impl Service {
    /// The day of a prefecture, by hospital.
    pub async fn completeness(
        &self,
        actor: &Actor,
        prefecture: PrefCode,
        survey: &str,
        day: NaiveDate,
    ) -> Result<PrefectureDay, CompletenessError> {
        self.completeness_of(actor, Some(prefecture))?;
        let board = self.live.board(prefecture).ok_or(CompletenessError::NotFound)?;
        let (now, reference) = (self.clock.now(), self.live.reference());
        let rule = reference.due.on(prefecture, day);
        let reader = self.store.read(&actor.scope).await?;
        let asked = reader.asked_hospitals(prefecture, survey).await?;
        let mut filed = reader.filed(prefecture, survey, day).await?;
        let last = reader.last_reported(prefecture, survey, day).await?;
        let exemptions = by_hospital(&reader.exemptions(Some(prefecture)).await?);
        let mut reminders: HashMap<HospitalId, Vec<Reminded>> = HashMap::new();
        for r in reader.reminders(prefecture, survey, day).await? {
            reminders.entry(r.hospital).or_default().push(r);
        }
        let mut calls: HashMap<HospitalId, Vec<CallNote>> = HashMap::new();
        for c in reader.calls(prefecture, survey, day).await? {
            calls.entry(c.hospital).or_default().push(c);
        }
        let published = survey == GMIS_DAILY;
        let asks = if published { Some(DueRule::default()) } else { rule };
        let mut hospitals: Vec<HospitalDay> = Vec::with_capacity(asked.len());
        for h in asked {
            let known = filed.remove(&h.hospital);
            // A published file says itself whom it asked.
            let is_asked = if published { known.is_some() } else { h.since <= day };
            let (Some(row), true) = (board.rows.get(&h.hospital), is_asked) else { continue };
            // Whether it came in time is not known of what others published.
            let filed = known.flatten().map(|f| if published { Filed { on_time: true, late: false, ..f } } else { f });
            let exempt = exempt_on(&exemptions, h.hospital, day).or(rule.is_none().then_some(Exempt::NotDue)).filter(|_| !published);
            hospitals.push(HospitalDay {
                state: state_of(day, asks, exempt, filed.as_ref(), now),
                exempt,
                row: row.clone(),
                filed,
                last_on: last.get(&h.hospital).copied(),
                has_mailbox: h.mailbox.is_some(),
                reminders: reminders.remove(&h.hospital).unwrap_or_default(),
                calls: calls.remove(&h.hospital).unwrap_or_default(),
            });
        }
        hospitals.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(PrefectureDay { prefecture, name: board.name.clone(), day, rule, now, hospitals, areas: board.areas() })
    }

    /// The nation's day, by prefecture, from counts that reach a week back.
    pub fn nation_completeness(&self, counts: &Counts, day: NaiveDate) -> Vec<NationDay> {
        let from = day.checked_sub_days(Days::new(7)).unwrap_or(day);
        let reference = self.live.reference();
        let mut lines: BTreeMap<PrefCode, NationDay> = BTreeMap::new();
        for (on, prefecture, count) in counts.by_prefecture().filter(|(on, ..)| (from..=day).contains(on)) {
            let line = lines.entry(prefecture).or_insert_with(|| NationDay {
                prefecture,
                name: reference.prefectures.get(&prefecture).cloned().unwrap_or_default(),
                count: DayCount::default(),
                rule: reference.due.on(prefecture, day),
                week: Rate::default(),
                week_on_time: Rate::default(),
            });
            if on == day {
                line.count = count;
            } else {
                line.week = line.week.and(count.rate());
                line.week_on_time = line.week_on_time.and(count.on_time_rate());
            }
        }
        lines.into_values().filter(|l| l.count.hospitals > 0).collect()
    }

    /// Until when a hospital's report of a day is due. Whoever asks has passed the wall.
    pub fn due_of(&self, prefecture: PrefCode, day: NaiveDate) -> Option<DueRule> {
        self.live.reference().due.on(prefecture, day)
    }
}

/// Those that owe a report come first, and of them who has been silent longest.
fn order(h: &HospitalDay) -> (u8, Option<NaiveDate>, &str, &str) {
    let place = match h.state {
        DayState::Missing => 0,
        DayState::NotYet => 1,
        DayState::Late => 2,
        DayState::Corrected => 3,
        DayState::Reported => 4,
        DayState::Exempt(_) => 5,
    };
    (place, h.last_on.filter(|_| h.state.is_open()), h.row.card.kana.as_str(), h.row.card.code.as_str())
}
