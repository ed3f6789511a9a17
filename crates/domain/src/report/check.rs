//! The rules of a report, the same for every road: a hard one refuses, a soft one asks for a confirmation. They run on the merged
//! record, so that a quick version cannot break what a full one kept.

use super::{
    Author, Behalf, BehalfProblem, Cells, Channel, FeedProblem, Finding, Kind, Overtaken, Problem, behalf::check_behalf, feed::said_before,
    typed::overtaken,
};
use crate::{
    rule::Facts,
    survey::{Answers, Broken, ItemKind, Severity, Survey, Value},
    text, time,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::BTreeSet;

/// A report as it comes in, read but not checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// For which day.
    pub report_date: NaiveDate,
    /// Full or quick.
    pub kind: Kind,
    /// The answers that could be read.
    pub answers: Answers,
    /// What could not: it refuses the report, beside what the rules find.
    pub unreadable: Vec<Finding>,
    /// Soft findings that were confirmed, by [`Finding::id`].
    pub confirmed: BTreeSet<String>,
    /// Why it is corrected.
    pub reason: Option<String>,
    /// The version that the writer saw; a newer one is a conflict. `None` does not ask.
    pub expected_version: Option<u32>,
    /// The road.
    pub channel: Channel,
    /// 代行
    pub on_behalf: bool,
    /// When it was typed, for an update that waited on a device: from then its figures are true, and where something newer stands, that
    /// stays. `None`: now.
    pub typed_at: Option<DateTime<Utc>>,
    /// Why.
    pub behalf: Option<Behalf>,
    /// The other system out of which it was taken, weighed by [`super::check_feed`].
    pub source: Option<String>,
    /// From when the figures are true, where the writer knows: the time on a sheet of paper. Never later than now, nor another day.
    pub as_of: Option<DateTime<Utc>>,
}

impl Submission {
    /// Does it tell, some hours late, what was true at a moment? Then it says nothing anew of a day that turned meanwhile: it waited on a
    /// device, or another system made it late in the evening.
    fn came_late(&self) -> bool {
        self.typed_at.is_some() || (self.source.is_some() && self.kind == Kind::Quick)
    }
}

/// What is known before a report is taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// The merged record.
    pub cells: Cells,
    /// The newest version of this survey and day, 0 for none.
    pub version: u32,
    /// 合計病床数 of the register.
    pub licensed_beds: Option<u32>,
    /// A full version of the day stands; known only of what another system says.
    pub is_reported: bool,
}

/// Why a report is not taken. Nothing has changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// Hard findings, or soft ones that were not confirmed.
    Findings {
        /// Must be mended.
        errors: Vec<Finding>,
        /// Must be mended or confirmed.
        warnings: Vec<Finding>,
    },
    /// Another version came first.
    Conflict {
        /// The newest one.
        version: u32,
    },
    /// A day that has not come.
    FutureDate,
    /// A day before the survey.
    BeforeSurvey,
    /// A correction of a past day must say why（design.md rule 5）.
    ReasonMissing,
    /// The reason is too long or speaks of a patient.
    BadReason(Problem),
    /// The survey, or what the prefecture wants of it, changed while the report was open.
    SurveyChanged,
    /// The window for corrections is over: only with the prefecture's consent.
    WindowClosed {
        /// Its days.
        days: u32,
        /// The last day on which it was open.
        until: NaiveDate,
    },
    /// Whoever enters for a hospital does not say why, or not well.
    Behalf(BehalfProblem),
    /// The same person has just reported the same: nothing is to be added.
    Again {
        /// That version.
        version: u32,
    },
    /// Another system says what it said before, and that stands: nothing is to be added, and nothing is wrong.
    Stands {
        /// That version.
        version: u32,
        /// From when it is true.
        as_of: DateTime<Utc>,
        /// When it was received.
        received_at: DateTime<Utc>,
    },
    /// What 「変更なし」 was said of is not what stands any more.
    Moved,
    /// The time at which the figures are true has not come, or lies in another day.
    BadAsOf,
    /// It comes out of another system, and cannot.
    Feed(FeedProblem),
}

/// A report that is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Its version.
    pub version: u32,
    /// From when its figures are true.
    pub as_of: DateTime<Utc>,
    /// Its answers.
    pub answers: Answers,
    /// Why it was corrected.
    pub reason: Option<String>,
    /// Who wrote it, with version and moment filled in.
    pub author: Author,
    /// The merged record with it.
    pub cells: Cells,
    /// Soft findings that were raised and confirmed, by [`Finding::id`]: the log keeps them.
    pub confirmed: Vec<String>,
    /// What of it came too late: something newer stands.
    pub overtaken: Vec<Overtaken>,
}

/// Where a finding is about the reason of a correction, and where about why it is entered for the hospital: as [`Finding::item`].
pub const REASON: &str = "reason";
/// See [`REASON`].
pub const BEHALF: &str = "behalf";

/// The longest reason, in characters.
pub const REASON_MAX: usize = 200;

/// Checks a report against what is known. `author.version`, `report_date` and `received_at` are filled in here.
pub fn check(survey: &Survey, known: &Known, submission: &Submission, mut author: Author, now: DateTime<Utc>) -> Result<Checked, Refusal> {
    let today = time::jst_day(now);
    if submission.report_date > today {
        return Err(Refusal::FutureDate);
    }
    let last_day = survey.last_day(submission.report_date);
    if last_day < survey.valid_from {
        return Err(Refusal::BeforeSurvey);
    }
    if let Some(expected) = submission.expected_version
        && expected != known.version
    {
        let version = known.version;
        let again = version == expected + 1 && is_again(survey, known, submission, &author, now);
        return Err(if again { Refusal::Again { version } } else { Refusal::Conflict { version } });
    }
    // Before a reason is asked: what is said again corrects nothing.
    if let Some(said) = said_before(survey, known, submission, &author) {
        return Err(said);
    }
    let reason = check_reason(submission, known.version, last_day < today)?;

    check_behalf(submission.on_behalf, submission.behalf.as_ref(), submission.channel).map_err(Refusal::Behalf)?;

    let as_of = match (submission.typed_at, submission.as_of) {
        (Some(typed), _) => typed.min(now),
        (None, Some(at)) if at > now || time::jst_day(at) != submission.report_date => return Err(Refusal::BadAsOf),
        (None, Some(at)) => at,
        (None, None) => survey.as_of(submission.report_date, now),
    };
    // What says of today from when it is true, on a sheet or by a program, may be as late as what waited on a device.
    let waited = submission.came_late() || (submission.as_of.is_some() && submission.report_date == today);
    let overtaken = if waited { overtaken(submission, &known.cells, as_of) } else { Vec::new() };
    let version = known.version + 1;
    author.version = version;
    author.behalf = submission.behalf.clone().filter(|_| submission.on_behalf);
    author.report_date = submission.report_date;
    author.received_at = now;
    let mut cells = known.cells.clone();
    cells.apply(survey, submission.kind, &submission.answers, author.clone(), as_of);

    // The rules bind the record as this version would leave it. A late report is judged by itself: today's figures are not its own.
    // What waited is judged by what it leaves standing.
    let judged = |id: &str| -> Option<&Value> {
        if waited {
            return cells.value(id);
        }
        match submission.answers.get(id) {
            Some(value) => value.as_ref(),
            None if submission.kind == Kind::Full => None,
            // What was said of a later day says nothing of this one.
            None => cells.value_until(id, submission.report_date),
        }
    };
    let mut errors = submission.unreadable.clone();
    let mut warnings = Vec::new();
    let mut taken = submission.answers.clone();
    taken.retain(|id, _| overtaken.iter().all(|o| o.item != *id));
    // The last report is the one before this: of a later day it would be none, so a late report is compared with nothing that came after it.
    let previous = |id: &str| known.cells.value_until(id, submission.report_date);
    let facts = Facts { now: &judged, previous: &previous, licensed_beds: known.licensed_beds, report_date: submission.report_date };
    let touched = |items: &[String]| submission.kind == Kind::Full || items.iter().any(|id| taken.contains_key(id));
    for Broken { rule, item } in survey.broken(&facts, touched) {
        let finding = Finding { item: item.to_owned(), id: rule.id.clone(), problem: Problem::Rule { message: rule.message.clone() } };
        match rule.severity {
            Severity::Hard => errors.push(finding),
            Severity::Soft => warnings.push(finding),
        }
    }
    for item in survey.items() {
        if let (ItemKind::Text { .. }, Some(Some(Value::Word(words)))) = (&item.kind, submission.answers.get(&item.id))
            && let Some(hint) = text::patient_hint(words)
        {
            let list = if hint.is_certain() { &mut errors } else { &mut warnings };
            list.push(Finding::of(&item.id, Problem::Patient(hint)));
        }
    }
    // What is written beside the figures is read by as many; what is certain has been refused above.
    let behalf = submission.behalf.as_ref().filter(|_| submission.on_behalf).and_then(|b| b.words.as_deref());
    for (place, words) in [(REASON, reason.as_deref()), (BEHALF, behalf)] {
        warnings.extend(words.and_then(text::patient_hint).map(|hint| Finding::of(place, Problem::Patient(hint))));
    }
    let confirmed = warnings.iter().map(|w| w.id.clone()).filter(|id| submission.confirmed.contains(id)).collect();
    warnings.retain(|w| !submission.confirmed.contains(&w.id));
    if !errors.is_empty() || !warnings.is_empty() {
        return Err(Refusal::Findings { errors, warnings });
    }
    Ok(Checked { version, as_of, answers: submission.answers.clone(), reason, author, cells, confirmed, overtaken })
}

/// Within this time a second press is the same press.
pub const TWICE: TimeDelta = TimeDelta::minutes(2);

/// The same person has just reported the same: a button was pressed twice on a slow line.
fn is_again(survey: &Survey, known: &Known, submission: &Submission, author: &Author, now: DateTime<Utc>) -> bool {
    let just = |a: &Author| {
        (a.report_date, a.version, a.sign_in.as_str()) == (submission.report_date, known.version, author.sign_in.as_str())
            && now - a.received_at < TWICE
    };
    let said = |id: &str| submission.answers.get(id).and_then(Option::as_ref);
    let same = match submission.kind {
        Kind::Full => survey.items().all(|i| known.cells.value(&i.id) == said(&i.id)),
        Kind::Quick => submission.answers.keys().all(|id| known.cells.value(id) == said(id)),
    };
    same && known.cells.authors.iter().any(just)
}

/// A change of the same day needs no reason (the ward changed, not the report); a change of a past day, or of a past week, does.
fn check_reason(submission: &Submission, version: u32, is_past: bool) -> Result<Option<String>, Refusal> {
    let reason = submission.reason.as_deref().map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned);
    if let Some(words) = &reason {
        if words.chars().count() > REASON_MAX {
            return Err(Refusal::BadReason(Problem::TooLong { max: REASON_MAX }));
        }
        if words.chars().any(char::is_control) {
            return Err(Refusal::BadReason(Problem::NotText));
        }
        if let Some(hint) = text::patient_hint(words).filter(|h| h.is_certain()) {
            return Err(Refusal::BadReason(Problem::Patient(hint)));
        }
    } else if version > 0 && is_past && !submission.came_late() {
        return Err(Refusal::ReasonMissing);
    }
    Ok(reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::{Catalogue, DAILY};

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    fn author() -> Author {
        Author {
            organisation: "凪浦市民病院".into(),
            sign_in: String::new(),
            operator: String::new(),
            channel: Channel::Screen,
            on_behalf: false,
            behalf: None,
            source: None,
            report_date: "2026-04-10".parse().unwrap(),
            version: 0,
            received_at: at("2026-04-10T00:00:00Z"),
        }
    }

    fn counts(pairs: &[(&str, u32)]) -> Answers {
        pairs.iter().map(|(id, n)| ((*id).to_owned(), Some(Value::Count(*n)))).collect()
    }

    fn submission(kind: Kind, answers: Answers) -> Submission {
        Submission {
            report_date: "2026-04-10".parse().unwrap(),
            kind,
            answers,
            unreadable: Vec::new(),
            confirmed: BTreeSet::new(),
            reason: None,
            expected_version: None,
            channel: Channel::Screen,
            on_behalf: false,
            typed_at: None,
            behalf: None,
            source: None,
            as_of: None,
        }
    }

    fn run(known: &Known, s: &Submission) -> Result<Checked, Refusal> {
        check_at(known, s, "2026-04-10T00:42:00Z")
    }

    fn check_at(known: &Known, s: &Submission, now: &str) -> Result<Checked, Refusal> {
        let catalogue = Catalogue::shipped();
        check(catalogue.version(DAILY, 1).unwrap(), known, s, author(), at(now))
    }

    fn found(result: Result<Checked, Refusal>) -> (Vec<String>, Vec<String>) {
        match result {
            Ok(_) => (vec![], vec![]),
            Err(Refusal::Findings { errors, warnings }) => {
                (errors.into_iter().map(|f| f.id).collect(), warnings.into_iter().map(|f| f.id).collect())
            }
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn rules_of_a_full_report() {
        let known = Known { licensed_beds: Some(100), ..Known::default() };
        for (answers, errors, warnings) in [
            (counts(&[("available_beds", 4), ("available_beds_severe", 1)]), vec![], vec![]),
            (counts(&[("available_beds", 1), ("available_beds_severe", 2)]), vec!["available_severe_within"], vec!["available_parts_over"]),
            (
                counts(&[("available_beds", 4), ("available_beds_severe", 2), ("available_beds_mild", 3)]),
                vec![],
                vec!["available_parts_over"],
            ),
            (counts(&[("inpatients_total", 3), ("inpatients_severe", 2), ("inpatients_mild", 2)]), vec!["severity_within"], vec![]),
            (counts(&[("inpatients_severe", 2)]), vec![], vec![]), // an unknown whole does not bind
            (counts(&[("available_beds", 101)]), vec![], vec!["available_over_licensed"]),
            (counts(&[("ventilators_owned", 2), ("ventilators_usable", 3)]), vec!["ventilators_usable_within"], vec![]),
        ] {
            let (e, w) = found(run(&known, &submission(Kind::Full, answers.clone())));
            assert_eq!(
                (e, w),
                (errors.iter().map(ToString::to_string).collect(), warnings.iter().map(ToString::to_string).collect()),
                "{answers:?}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_and_what_breaks_a_rule_are_told_together() {
        let mut s = submission(Kind::Full, counts(&[("available_beds", 1), ("available_beds_severe", 2)]));
        s.unreadable = vec![Finding::of("contact_day", Problem::NotAPhone)];
        assert_eq!(found(run(&Known::default(), &s)).0, ["contact_day", "available_severe_within"]);
        s.answers = Answers::new();
        assert_eq!(found(run(&Known::default(), &s)).0, ["contact_day"], "alone it refuses too");
    }

    #[test]
    fn a_soft_finding_is_confirmed_by_its_name() {
        let mut s = submission(Kind::Full, counts(&[("ready_beds", 2), ("secured_beds", 1)]));
        assert_eq!(found(run(&Known::default(), &s)).1, ["ready_over_secured"]);
        s.confirmed.insert("ready_over_secured".into());
        s.confirmed.insert("never_raised".into());
        let checked = run(&Known::default(), &s).unwrap();
        assert_eq!((checked.version, checked.confirmed), (1, vec!["ready_over_secured".to_owned()]), "the log learns what was raised");
    }

    #[test]
    fn a_quick_version_is_judged_on_the_merged_record() {
        let full = run(&Known::default(), &submission(Kind::Full, counts(&[("available_beds", 4), ("available_beds_severe", 3)]))).unwrap();
        let known = Known { cells: full.cells, version: 1, ..Known::default() };
        let quick = submission(Kind::Quick, counts(&[("available_beds", 2)]));
        assert_eq!(found(run(&known, &quick)).0, ["available_severe_within"]);
        let both = submission(Kind::Quick, counts(&[("available_beds", 2), ("available_beds_severe", 1)]));
        let checked = run(&known, &both).unwrap();
        assert_eq!(checked.version, 2);
        assert_eq!(checked.cells.value("available_beds"), Some(&Value::Count(2)));
    }

    #[test]
    fn what_waited_on_a_device_gives_way_to_what_is_newer() {
        let full = run(&Known::default(), &submission(Kind::Full, counts(&[("available_beds", 5), ("available_beds_severe", 3)]))).unwrap();
        let known = Known { cells: full.cells, version: 1, ..Known::default() };
        let waited =
            |typed: &str, pairs: &[(&str, u32)]| Submission { typed_at: Some(at(typed)), ..submission(Kind::Quick, counts(pairs)) };
        // Typed before what stands: it is kept as a version, and the record stays. A rule that only the mixture breaks does not refuse it.
        let checked = run(&known, &waited("2026-04-10T00:30:00Z", &[("available_beds", 2)])).unwrap();
        assert_eq!((checked.version, checked.as_of), (2, at("2026-04-10T00:30:00Z")));
        assert_eq!(checked.cells.value("available_beds"), Some(&Value::Count(5)));
        assert_eq!(checked.overtaken.len(), 1);
        assert_eq!((&checked.overtaken[0].brought, &checked.overtaken[0].stands), (&Some(Value::Count(2)), &Some(Value::Count(5))));
        // The same figure as stands is no contradiction, and what nobody else spoke of is taken.
        let checked = run(&known, &waited("2026-04-10T00:30:00Z", &[("available_beds", 5), ("board_beds_nobody", 1)])).unwrap();
        assert_eq!(checked.overtaken, []);
        // A clock ahead of ours is now, and the rules hold.
        assert_eq!(found(run(&known, &waited("2026-04-10T09:00:00Z", &[("available_beds", 2)]))).0, ["available_severe_within"]);
        let both = waited("2026-04-10T09:00:00Z", &[("available_beds", 2), ("available_beds_severe", 1)]);
        assert_eq!(run(&known, &both).unwrap().as_of, at("2026-04-10T00:42:00Z"));
        // Typed before midnight, sent after: no correction, no reason.
        let mut yesterday = waited("2026-04-09T14:00:00Z", &[("available_beds", 1)]);
        yesterday.report_date = "2026-04-09".parse().unwrap();
        assert!(run(&known, &yesterday).is_ok());
    }

    #[test]
    fn the_last_report_is_never_a_later_one() {
        let catalogue = Catalogue::shipped();
        let mut daily = catalogue.version(DAILY, 1).unwrap().clone();
        let halved = r#"{"id":"halved","severity":"soft","holds":"available_beds >= previous.available_beds / 2","item":"ready_beds","message":"m"}"#;
        daily.rules = vec![serde_json::from_str(halved).unwrap()];
        let now = at("2026-04-10T00:42:00Z");
        let full = |n| submission(Kind::Full, counts(&[("available_beds", n)]));
        let first = check(&daily, &Known::default(), &full(10), author(), now).unwrap();
        let known = Known { cells: first.cells, version: 1, ..Known::default() };
        assert!(check(&daily, &known, &full(5), author(), now).is_ok());
        let Err(Refusal::Findings { warnings, .. }) = check(&daily, &known, &full(4), author(), now) else { panic!("not asked") };
        assert_eq!((warnings[0].id.as_str(), warnings[0].item.as_str()), ("halved", "ready_beds"));
        let late = Submission { report_date: "2026-04-09".parse().unwrap(), ..full(4) };
        assert!(check(&daily, &Known { version: 0, ..known }, &late, author(), now).is_ok(), "today's figure came after it");
    }

    #[test]
    fn a_second_press_is_the_first_one() {
        let me = |sign_in: &str| Author { sign_in: sign_in.into(), ..author() };
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let run = |known: &Known, s: &Submission, who: &str, when: &str| check(daily, known, s, me(who), at(when));
        let press = Submission { expected_version: Some(0), ..submission(Kind::Full, counts(&[("available_beds", 4)])) };
        let first = run(&Known::default(), &press, "H1-01", "2026-04-10T00:42:00Z").unwrap();
        let known = Known { cells: first.cells, version: 1, ..Known::default() };
        let other = Submission { answers: counts(&[("available_beds", 5)]), ..press.clone() };
        for (s, who, when, again) in [
            (&press, "H1-01", "2026-04-10T00:42:03Z", true),
            (&press, "H1-02", "2026-04-10T00:42:03Z", false),
            (&other, "H1-01", "2026-04-10T00:42:03Z", false),
            (&press, "H1-01", "2026-04-10T00:45:00Z", false),
        ] {
            let expected = if again { Refusal::Again { version: 1 } } else { Refusal::Conflict { version: 1 } };
            assert_eq!(run(&known, s, who, when), Err(expected), "{who} {when}");
        }
    }

    #[test]
    fn what_another_system_says_after_midnight_of_the_evening() {
        let says = |kind, source: Option<&str>| Submission {
            source: source.map(str::to_owned),
            as_of: Some(at("2026-04-09T14:58:00Z")),
            report_date: "2026-04-09".parse().unwrap(),
            channel: Channel::Api,
            ..submission(kind, counts(&[("available_beds", 4)]))
        };
        let system = Some("架空県のシステム");
        for (version, newer, s, expected, why) in [
            (3, None, says(Kind::Quick, system), Ok((4, 0)), "the day turned: no correction"),
            (3, Some("2026-04-09T14:59:00Z"), says(Kind::Quick, system), Ok((9, 1)), "somebody spoke after it, and it is told so"),
            (3, None, says(Kind::Full, system), Err(Refusal::ReasonMissing), "a whole report corrects"),
            (3, None, says(Kind::Quick, None), Err(Refusal::ReasonMissing), "so does a plain key"),
            (0, None, says(Kind::Full, system), Ok((4, 0)), "there is nothing to correct"),
        ] {
            let mut known = Known { version, ..Known::default() };
            if let Some(newer) = newer {
                let catalogue = Catalogue::shipped();
                let daily = catalogue.version(DAILY, 1).unwrap();
                known.cells.apply(daily, Kind::Quick, &counts(&[("available_beds", 9)]), author(), at(newer));
            }
            let got = check_at(&known, &s, "2026-04-09T15:02:00Z");
            let got = got.map(|c| (c.cells.value("available_beds").and_then(Value::count).unwrap(), c.overtaken.len()));
            assert_eq!(got, expected, "{why}");
        }
    }

    #[test]
    fn what_another_system_says_again() {
        let catalogue = Catalogue::shipped();
        let daily = catalogue.version(DAILY, 1).unwrap();
        let now = at("2026-04-10T00:42:00Z");
        let of = |key: &str| Author {
            sign_in: "P1-API".into(), operator: key.into(), source: Some("架空県のシステム".into()), ..author()
        };
        let says = |kind, counts: Answers| Submission {
            source: Some("架空県のシステム".into()),
            as_of: Some(at("2026-04-10T00:30:00Z")),
            channel: Channel::Api,
            ..submission(kind, counts)
        };
        let quick = says(Kind::Quick, counts(&[("available_beds", 4), ("ready_beds", 9)]));
        let first = check(daily, &Known::default(), &quick, of("a"), now).unwrap();
        let known = Known { cells: first.cells, version: 1, ..Known::default() };
        let stands = Err(Refusal::Stands { version: 1, as_of: at("2026-04-10T00:30:00Z"), received_at: now });
        assert_eq!(check(daily, &known, &quick, of("a"), now), stands);
        let fewer = says(Kind::Quick, counts(&[("available_beds", 4)]));
        assert_eq!(check(daily, &known, &fewer, of("a"), now), stands);
        for (other, who, why) in [
            (says(Kind::Quick, counts(&[("available_beds", 5), ("ready_beds", 9)])), "a", "another figure"),
            (says(Kind::Quick, counts(&[("available_beds", 4), ("inpatients_total", 1)])), "a", "one more"),
            (Submission { as_of: Some(at("2026-04-10T00:35:00Z")), ..quick.clone() }, "a", "still true later"),
            (quick.clone(), "b", "another key"),
            (Submission { source: Some("別のシステム".into()), ..quick.clone() }, "a", "another name"),
            (Submission { source: None, ..quick.clone() }, "a", "no system"),
            (says(Kind::Full, quick.answers.clone()), "a", "a report of the day"),
            (says(Kind::Quick, Answers::new()), "a", "nothing"),
        ] {
            assert!(check(daily, &known, &other, of(who), now).is_ok(), "{why}");
        }
        // In full, once a full one stands; the day after it is no correction either.
        let full = says(Kind::Full, quick.answers.clone());
        let cells = check(daily, &known, &full, of("a"), now).unwrap().cells;
        let known = Known { cells, version: 2, is_reported: true, ..Known::default() };
        let stands = Err(Refusal::Stands { version: 2, as_of: at("2026-04-10T00:30:00Z"), received_at: now });
        for again in [&full, &quick] {
            assert_eq!(check(daily, &known, again, of("a"), at("2026-04-10T15:42:00Z")), stands, "{:?}", again.kind);
        }
        let less = says(Kind::Full, counts(&[("available_beds", 4)]));
        assert!(check(daily, &known, &less, of("a"), now).is_ok(), "未回答 is said of the other");
    }

    #[test]
    fn days_versions_and_reasons() {
        let known = Known { version: 2, ..Known::default() };
        let mut s = submission(Kind::Full, Answers::new());
        s.expected_version = Some(1);
        assert_eq!(run(&known, &s), Err(Refusal::Conflict { version: 2 }));
        s.expected_version = Some(2);
        assert!(run(&known, &s).is_ok(), "a change of the same day needs no reason");
        s.report_date = "2026-04-11".parse().unwrap();
        assert_eq!(run(&known, &s), Err(Refusal::FutureDate));
        s.report_date = "2026-04-09".parse().unwrap();
        assert_eq!(run(&known, &s), Err(Refusal::ReasonMissing));
        s.reason = Some("転記の誤り".into());
        let checked = run(&known, &s).unwrap();
        assert_eq!(checked.as_of, at("2026-04-09T14:59:59Z"));
        s.report_date = "2023-05-07".parse().unwrap();
        assert_eq!(run(&Known::default(), &s), Err(Refusal::BeforeSurvey));
    }

    #[test]
    fn on_behalf_with_reason_and_time() {
        let mut s = Submission { on_behalf: true, ..submission(Kind::Full, Answers::new()) };
        assert_eq!(run(&Known::default(), &s), Err(Refusal::Behalf(BehalfProblem::Missing)));
        s.behalf = Behalf::of_form("fax", "");
        let checked = run(&Known::default(), &s).unwrap();
        assert_eq!(checked.author.behalf, s.behalf);
        assert_eq!(checked.as_of, at("2026-04-10T00:42:00Z"));
        for (as_of, expected) in [
            ("2026-04-10T00:30:00Z", Ok("2026-04-10T00:30:00Z")),
            ("2026-04-10T00:43:00Z", Err(Refusal::BadAsOf)),
            ("2026-04-09T14:00:00Z", Err(Refusal::BadAsOf)),
        ] {
            s.as_of = Some(at(as_of));
            assert_eq!(run(&Known::default(), &s).map(|c| c.as_of), expected.map(at), "{as_of}");
        }
    }

    #[test]
    fn what_stands_beside_the_figures_is_asked_about_too() {
        let reason = |words: &str| Submission { reason: Some(words.into()), ..submission(Kind::Full, counts(&[("available_beds", 4)])) };
        assert_eq!(found(run(&Known::default(), &reason("山田様の転院を数えていた"))).1, ["patient:reason"]);
        assert_eq!(found(run(&Known::default(), &reason("転記の誤り"))), (vec![], vec![]));
        let mut s = reason("山田様の転院を数えていた");
        s.on_behalf = true;
        s.behalf = Behalf::of_form("other", "鈴木さんの依頼");
        assert_eq!(found(run(&Known::default(), &s)).1, ["patient:reason", "patient:behalf"]);
        s.confirmed = ["patient:reason", "patient:behalf"].map(str::to_owned).into();
        assert_eq!(run(&Known::default(), &s).unwrap().confirmed, ["patient:reason", "patient:behalf"], "the log learns it");
    }

    #[test]
    fn no_patient_on_the_board() {
        let comment = |words: &str| Answers::from([("board_comment".to_owned(), Some(Value::Word(words.to_owned())))]);
        let (errors, _) = found(run(&Known::default(), &submission(Kind::Full, comment("昭和15年4月3日生の方"))));
        assert_eq!(errors, ["patient:board_comment"]);
        let (_, warnings) = found(run(&Known::default(), &submission(Kind::Full, comment("山田様の転院待ち"))));
        assert_eq!(warnings, ["patient:board_comment"]);
        assert_eq!(found(run(&Known::default(), &submission(Kind::Full, comment("整形当直なし（17時まで）")))), (vec![], vec![]));
    }
}
