//! Six weeks of reports until now.

use super::{
    DemoPrefecture, DemoReport, Random,
    figures::{closed, full, quick, recounted, unchanged, uncounted},
    schedule::{Event, Occasion, events},
};
use akidoko_domain::{
    organisation::OrganisationKind,
    report::Kind,
    survey::Answers,
    time::{as_of, jst_day, to_jst},
};
use chrono::{DateTime, NaiveDate, Timelike, Utc};
use std::collections::BTreeMap;

/// The reports of a prefecture for `days` days up to `today`, received until `now` and never after it, in order of receipt. At any time
/// of the day about fourteen hospitals have reported within the last hour, two are silent for more than a day, two for more than two
/// days, four never reported. The weeks before are the same whenever they are made.
pub fn history(prefecture: &DemoPrefecture, today: NaiveDate, now: DateTime<Utc>, days: u32) -> Vec<DemoReport> {
    let mut reports: Vec<DemoReport> = events(prefecture, today, now, days)
        .into_iter()
        .enumerate()
        .flat_map(|(index, events)| {
            let mut ward = Ward::new(prefecture, index);
            events.into_iter().map(move |event| ward.report(event)).collect::<Vec<_>>()
        })
        .collect();
    reports.sort_by_key(|r| (r.received_at, r.hospital));
    reports
}

/// The chance of a hospital's own figures.
pub(super) fn seed(prefecture: &DemoPrefecture, hospital: usize) -> u64 {
    u64::from(prefecture.code.number()) << 32 | hospital as u64
}

/// The role of whoever enters a report.
pub(super) fn operator(prefecture: &DemoPrefecture, hospital: usize, by: OrganisationKind, at: DateTime<Utc>) -> &'static str {
    if by != OrganisationKind::Hospital || prefecture.is_visitors(hospital) {
        return prefecture.organisation(by).map_or("担当", |o| o.operator);
    }
    let day = ["病床管理室", "地域連携室", "医事課", "看護部"];
    let night = ["夜間当直", "救急外来", "看護当直"];
    if (7..20).contains(&to_jst(at).hour()) { day[hospital % day.len()] } else { night[hospital % night.len()] }
}

/// One hospital, walked through its reports.
struct Ward<'a> {
    prefecture: &'a DemoPrefecture,
    index: usize,
    /// What is known now.
    current: Answers,
    /// From when that is true.
    known_at: Option<DateTime<Utc>>,
    /// The newest full report of each day.
    days: BTreeMap<NaiveDate, Answers>,
}

impl<'a> Ward<'a> {
    fn new(prefecture: &'a DemoPrefecture, index: usize) -> Self {
        Self { prefecture, index, current: Answers::new(), known_at: None, days: BTreeMap::new() }
    }

    fn report(&mut self, event: Event) -> DemoReport {
        let Event { at, report_date, by, .. } = event;
        let hospital = &self.prefecture.hospitals[self.index];
        let seed = seed(self.prefecture, self.index);
        let mut random = Random::of(&[seed, at.timestamp().unsigned_abs()]);
        let mut whole = || full(hospital, seed, report_date, at, &mut random);
        let (kind, answers, reason) = match event.occasion {
            Occasion::Full => (Kind::Full, whole(), None),
            // Without the day before there is nothing to leave unchanged.
            Occasion::Unchanged if self.days.is_empty() => (Kind::Full, whole(), None),
            Occasion::Unchanged => (Kind::Full, unchanged(&self.current), None),
            Occasion::Quick => (Kind::Quick, quick(hospital, seed, &self.current, at, &mut random), None),
            Occasion::Closed => (Kind::Quick, closed(hospital), None),
            Occasion::Uncounted => (Kind::Quick, uncounted(&self.current), None),
            Occasion::Recount => {
                let answers = if self.days.contains_key(&report_date) { recounted(&self.current) } else { whole() };
                (Kind::Full, answers, Some("数え違いの訂正"))
            }
            Occasion::RecountYesterday => match self.days.get(&report_date) {
                Some(wrong) => (Kind::Full, recounted(wrong), Some("夜間の入院1名の計上もれ")),
                None => (Kind::Full, whole(), Some("前日分の入力もれ")),
            },
            Occasion::Late => (Kind::Full, whole(), Some("前日分の入力もれ")),
        };
        self.remember(kind, report_date, at, &answers);
        DemoReport {
            hospital: self.index,
            report_date,
            received_at: at,
            kind,
            answers,
            reason: reason.map(str::to_owned),
            on_behalf: by != OrganisationKind::Hospital,
            organisation: by,
            operator: operator(self.prefecture, self.index, by, at),
        }
    }

    fn remember(&mut self, kind: Kind, report_date: NaiveDate, at: DateTime<Utc>, answers: &Answers) {
        let true_at = as_of(report_date, at);
        if kind == Kind::Full {
            self.days.insert(report_date, answers.clone());
        }
        // A correction of yesterday does not replace what is known of today.
        if report_date < jst_day(at) && self.known_at.is_some_and(|known| known > true_at) {
            return;
        }
        self.known_at = Some(true_at);
        match kind {
            Kind::Full => self.current.clone_from(answers),
            Kind::Quick => self.current.extend(answers.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::prefectures;
    use super::super::record::{daily, status};
    use super::*;
    use akidoko_domain::{
        hospital::EmergencyLevel,
        report::{Author, Cells, Channel, Known, Refusal, Submission, check, read_answers},
        survey::{Status, Value},
        text,
    };
    use std::collections::BTreeSet;

    fn author() -> Author {
        Author {
            organisation: String::new(),
            sign_in: String::new(),
            operator: String::new(),
            channel: Channel::Screen,
            on_behalf: false,
            behalf: None,
            source: None,
            report_date: NaiveDate::default(),
            version: 0,
            received_at: DateTime::default(),
        }
    }

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    fn json(value: Option<&Value>) -> serde_json::Value {
        serde_json::to_value(value).unwrap()
    }

    /// Sends every report as a person would and gives back the records, and how many asked for a confirmation.
    fn send(prefecture: &DemoPrefecture, reports: &[DemoReport]) -> (Vec<Cells>, usize) {
        let mut cells = vec![Cells::default(); prefecture.hospitals.len()];
        let mut versions: BTreeMap<(usize, NaiveDate), u32> = BTreeMap::new();
        let mut asked = 0;
        for r in reports {
            let hospital = &prefecture.hospitals[r.hospital];
            let version = versions.entry((r.hospital, r.report_date)).or_default();
            let known =
                Known { cells: cells[r.hospital].clone(), version: *version, licensed_beds: Some(hospital.beds_total), is_reported: false };
            let confirmed = r.submission(daily());
            let unconfirmed = Submission { confirmed: BTreeSet::new(), ..confirmed.clone() };
            let first = check(daily(), &known, &unconfirmed, author(), r.received_at);
            let checked = first.or_else(|refusal| {
                let Refusal::Findings { errors, warnings } = &refusal else { return Err(refusal) };
                assert!(errors.is_empty() && warnings.iter().all(|w| !w.id.starts_with("patient:")), "{refusal:?} {r:?}");
                asked += 1;
                check(daily(), &known, &confirmed, author(), r.received_at)
            });
            let checked = checked.unwrap_or_else(|e| panic!("{}: {e:?} {r:?}", hospital.name));
            *version = checked.version;
            cells[r.hospital] = checked.cells;

            let raw = r.answers.iter().map(|(id, value)| (id.clone(), json(value.as_ref()))).collect();
            assert_eq!(
                read_answers(daily(), r.kind, &raw),
                (r.answers.clone(), vec![]),
                "typed on the screen it would be read as the same"
            );
            for words in r.reason.iter().map(String::as_str).chain([r.operator]) {
                assert_eq!(text::patient_hint(words), None, "{words}");
            }
            assert_eq!(r.on_behalf, r.organisation != OrganisationKind::Hospital);
        }
        (cells, asked)
    }

    #[test]
    fn every_report_of_six_weeks_is_taken() {
        for prefecture in prefectures() {
            for now in ["2026-04-10T02:07:31+09:00", "2026-04-10T09:42:15+09:00", "2026-04-12T18:20:00+09:00"].map(at) {
                let reports = history(&prefecture, jst_day(now), now, 42);
                assert_eq!(reports, history(&prefecture, jst_day(now), now, 42), "always the same");
                assert!(reports.is_sorted_by_key(|r| r.received_at));
                assert!(reports.iter().all(|r| r.received_at <= now));
                assert!((2400..6000).contains(&reports.len()), "{} reports", reports.len());
                let (cells, asked) = send(&prefecture, &reports);
                assert_eq!(cells.iter().filter(|c| c.items.is_empty()).count(), 4, "four never reported");
                assert!((50..reports.len() / 3).contains(&asked), "{asked} of {} asked for a confirmation", reports.len());
                assert!(reports.iter().any(|r| r.report_date < jst_day(r.received_at) && r.reason.is_some()), "some are corrected late");
            }
        }
    }

    #[test]
    fn the_board_has_beds_and_gaps() {
        let now = at("2026-04-10T09:42:15+09:00");
        for prefecture in prefectures() {
            let (cells, _) = send(&prefecture, &history(&prefecture, jst_day(now), now, 42));
            let beds: Vec<Option<u32>> = cells.iter().map(|c| c.value("available_beds").and_then(Value::count)).collect();
            let sum: u32 = beds.iter().flatten().sum();
            assert!((80..280).contains(&sum), "{sum} beds: {beds:?}");
            assert!((5..14).contains(&beds.iter().filter(|b| b.is_none()).count()), "{beds:?}");
            assert!((3..20).contains(&beds.iter().filter(|b| **b == Some(0)).count()), "{beds:?}");
            let answered = |id: &str| -> BTreeSet<String> {
                let words = cells.iter().filter_map(|c| c.value(id).and_then(Value::word));
                words.map(str::to_owned).collect()
            };
            assert_eq!(answered("emergency_status").len(), 4, "通常 制限 停止 設置なし");
            assert!(answered("board_comment").len() >= 6);
        }
    }

    #[test]
    fn occupancy_rises_and_falls_over_the_weeks() {
        let now = at("2026-04-10T18:00:00+09:00");
        let reports = history(&prefectures()[0], jst_day(now), now, 42);
        let mut days: BTreeMap<NaiveDate, (u32, u32)> = BTreeMap::new();
        for r in reports.iter().filter(|r| r.kind == Kind::Full) {
            let of = |id: &str| super::super::record::count(&r.answers, id).unwrap_or(0);
            let (inpatients, ready) = days.entry(r.report_date).or_default();
            *inpatients += of("inpatients_total");
            *ready += of("ready_beds");
        }
        let percents: Vec<u32> = days.values().map(|(inpatients, ready)| inpatients * 100 / ready).collect();
        let (least, most) = (percents.iter().min().unwrap(), percents.iter().max().unwrap());
        assert!(*least >= 30 && *most <= 90 && most - least >= 12, "{percents:?}");
    }

    #[test]
    fn doors_follow_beds() {
        let now = at("2026-04-10T18:00:00+09:00");
        let prefecture = &prefectures()[0];
        for r in history(prefecture, jst_day(now), now, 42) {
            let hospital = &prefecture.hospitals[r.hospital];
            let door = status(&r.answers, "emergency_status");
            if r.kind == Kind::Full || door != Status::NoAnswer {
                assert_eq!(door == Status::NotAvailable, !hospital.services.emergency, "{}", hospital.name);
            }
            if hospital.emergency_level == Some(EmergencyLevel::Tertiary)
                && super::super::record::count(&r.answers, "available_beds") == Some(0)
            {
                assert_ne!(door, Status::Normal, "{r:?}");
            }
        }
    }
}
