//! Who reports when: the usual course of a hospital's day, and the board as it must look at the moment it is shown.

use super::{DemoHospital, DemoPrefecture, Habit, Random};
use akidoko_domain::{
    organisation::OrganisationKind,
    time::{as_of, day_before, from_jst, jst_day, to_jst},
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, SubsecRound, TimeDelta, Timelike, Utc, Weekday};

/// Why a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The morning's report.
    Full,
    /// The same, 変更なし.
    Unchanged,
    /// Beds went or came.
    Quick,
    /// The beds are full and the door is closed.
    Closed,
    /// Nobody can say how many beds.
    Uncounted,
    /// The same day's report was counted wrong.
    Recount,
    /// The report of the day before was counted wrong.
    RecountYesterday,
    /// The report of the day before was forgotten.
    Late,
}

/// A report to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    /// When it is received.
    pub(super) at: DateTime<Utc>,
    /// For which day.
    pub(super) report_date: NaiveDate,
    /// Why.
    pub(super) occasion: Occasion,
    /// Who enters it.
    pub(super) by: OrganisationKind,
}

/// Minutes since the newest report of those that just reported, in the order in which they are chosen; as on the mock board.
const JUST_REPORTED: [u32; 14] = [3, 5, 8, 11, 14, 19, 22, 27, 31, 38, 40, 47, 52, 58];
/// And of some that reported a little before.
const A_LITTLE_BEFORE: [u32; 4] = [74, 88, 96, 117];
/// The place of the one among them that has just closed its door: a board without a 停止 does not show what it looks like.
const JUST_CLOSED: usize = 7;
/// More than these need not fall into the last hour by themselves; at nine in the morning all would.
const OTHERS_IN_THE_LAST_HOUR: usize = 6;

/// All reports of a prefecture in the days until `now`, by hospital, each list in order of time.
pub(super) fn events(prefecture: &DemoPrefecture, today: NaiveDate, now: DateTime<Utc>, days: u32) -> Vec<Vec<Event>> {
    // Receipts are told to the second; half a second after now is the future.
    let now = now.trunc_subsecs(0);
    let first = today - TimeDelta::days(i64::from(days.saturating_sub(1)));
    let mut all: Vec<Vec<Event>> = (0..prefecture.hospitals.len())
        .map(|index| {
            let mut events: Vec<Event> =
                first.iter_days().take_while(|day| *day <= today).flat_map(|day| usual_day(prefecture, index, day)).collect();
            events.retain(|e| e.at <= now);
            events.sort_by_key(|e| e.at);
            events
        })
        .collect();
    let mut shape = Shape { prefecture, now, all: &mut all };
    shape.silence();
    shape.enliven();
    shape.spread();
    shape.keep_the_rest_within_a_day();
    all
}

/// What a hospital sends on a usual day. It depends on the hospital and the day alone: the past is the same whenever the demo is made.
fn usual_day(prefecture: &DemoPrefecture, index: usize, day: NaiveDate) -> Vec<Event> {
    let hospital = &prefecture.hospitals[index];
    let number = u64::from(day.num_days_from_ce().unsigned_abs());
    let mut random = Random::of(&[u64::from(prefecture.code.number()), index as u64, number, 7]);
    if hospital.habit == Habit::Never {
        return Vec::new();
    }
    let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let (missing, late) = match (hospital.habit, weekend) {
        (Habit::Lively, false) => (1, 4),
        (Habit::Tardy, false) => (8, 55),
        (Habit::Tardy, true) => (30, 60),
        (Habit::Lively, true) | (_, false) => (3, 8),
        (_, true) => (16, 14),
    };
    let by = writer(prefecture, index, &mut random);
    let mut events = Vec::new();
    let mut push = |seconds: u32, report_date: NaiveDate, occasion: Occasion, by: OrganisationKind| {
        if let Some(at) = moment(day, seconds) {
            events.push(Event { at, report_date, occasion, by });
        }
    };
    let yesterday = day_before(day);
    let reports_today = !random.chance(missing);
    // Minutes after midnight, Japan Standard Time.
    let morning = match (hospital.habit, random.chance(late)) {
        (Habit::Proxy, _) => random.between(620, 750),
        (_, true) => random.between(601, 850),
        (_, false) => random.between(495, 600).midpoint(random.between(500, 600)),
    } * 60
        + random.below(60);
    if random.chance(if hospital.habit == Habit::Tardy { 10 } else { 2 }) {
        push(random.between(485, 530) * 60 + random.below(60), yesterday, Occasion::Late, by);
    } else if random.chance(2) {
        push(random.between(610, 690) * 60 + random.below(60), yesterday, Occasion::RecountYesterday, by);
    }
    if reports_today {
        let same = hospital.beds_total < 150 && random.chance(30);
        push(morning, day, if same { Occasion::Unchanged } else { Occasion::Full }, by);
        if random.chance(4) {
            push(morning + random.between(15, 90) * 60 + random.below(60), day, Occasion::Recount, by);
        }
    }
    if hospital.habit != Habit::Proxy {
        for (from, until) in quick_hours(hospital, &mut random) {
            push(random.between(from * 3600, until * 3600 - 1), day, Occasion::Quick, OrganisationKind::Hospital);
        }
    }
    events
}

/// Spans of hours in which one quick report each falls.
fn quick_hours(hospital: &DemoHospital, random: &mut Random) -> Vec<(u32, u32)> {
    let spans: &[(u32, u32, u32)] = match hospital.habit {
        Habit::Lively => &[(0, 4, 45), (4, 8, 35), (11, 14, 80), (14, 17, 85), (17, 20, 75), (20, 24, 65)],
        _ if hospital.services.emergency => &[(0, 6, 14), (11, 15, 40), (15, 19, 60), (19, 24, 35)],
        Habit::Tardy => &[(14, 18, 15)],
        _ => &[(13, 18, 30)],
    };
    spans.iter().filter(|(_, _, percent)| random.chance(*percent)).map(|(from, until, _)| (*from, *until)).collect()
}

/// Who enters the morning's report.
fn writer(prefecture: &DemoPrefecture, index: usize, random: &mut Random) -> OrganisationKind {
    let member = prefecture.organisation(OrganisationKind::Association).is_some_and(|o| o.hospitals.contains(&index));
    match prefecture.hospitals[index].habit {
        Habit::Proxy => OrganisationKind::PrefectureHealth,
        _ if member && random.chance(50) => OrganisationKind::Association,
        _ if !prefecture.is_visitors(index) && random.chance(1) => OrganisationKind::PrefectureHealth,
        _ => OrganisationKind::Hospital,
    }
}

fn moment(day: NaiveDate, seconds: u32) -> Option<DateTime<Utc>> {
    Some(from_jst(day.and_time(NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?)))
}

fn hour(at: DateTime<Utc>) -> u32 {
    to_jst(at).hour()
}

/// The board as it looks at the moment it is shown: the usual days alone would leave it empty at night and full at nine.
struct Shape<'a> {
    prefecture: &'a DemoPrefecture,
    now: DateTime<Utc>,
    all: &'a mut Vec<Vec<Event>>,
}

impl Shape<'_> {
    fn hospitals(&self, mut which: impl FnMut(&DemoHospital) -> bool) -> Vec<usize> {
        (0..self.all.len()).filter(|index| which(&self.prefecture.hospitals[*index])).collect()
    }

    fn random(&self, of: u64) -> Random {
        Random::of(&[u64::from(self.prefecture.code.number()), self.now.timestamp().unsigned_abs() / 3600, of])
    }

    /// Some hospitals have said nothing for a day or more.
    fn silence(&mut self) {
        for index in self.hospitals(|h| matches!(h.habit, Habit::Silent { .. })) {
            let Habit::Silent { hours } = self.prefecture.hospitals[index].habit else { continue };
            // They last reported by day: go back from so many hours to the first hour of work. That is never more than 15 hours on, so
            // that what begins at 26 hours stays below 48.
            let last = (0..24).map(|more| self.now - TimeDelta::hours(i64::from(hours) + more)).find(|at| (8..18).contains(&hour(*at)));
            if let Some(at) = last {
                self.report_at(index, at);
                if (49..120).contains(&hours) {
                    self.newest_is(index, Occasion::Uncounted);
                }
            }
        }
    }

    /// Fourteen hospitals reported within the last hour, a few more in the hour before. By night they are those that take emergencies.
    fn enliven(&mut self) {
        let night = !(7..21).contains(&hour(self.now));
        let mut chosen = self.hospitals(|h| h.habit == Habit::Lively);
        let mut others = self.hospitals(|h| h.habit == Habit::Steady && (!night || h.services.emergency));
        let mut random = self.random(1);
        while chosen.len() < JUST_REPORTED.len() + A_LITTLE_BEFORE.len() && !others.is_empty() {
            let at = random.below(u32::try_from(others.len()).unwrap_or(u32::MAX)) as usize;
            chosen.push(others.swap_remove(at));
        }
        let ages = JUST_REPORTED.iter().chain(&A_LITTLE_BEFORE);
        for (place, (index, minutes)) in chosen.into_iter().zip(ages).enumerate() {
            let at = self.now - TimeDelta::seconds(i64::from(minutes * 60 - random.below(50)));
            self.report_at(index, at);
            if place == JUST_CLOSED {
                self.newest_is(index, Occasion::Closed);
            }
        }
    }

    /// Lets a hospital's newest report be the one of this moment.
    fn report_at(&mut self, index: usize, at: DateTime<Utc>) {
        let events = &mut self.all[index];
        let day = jst_day(at);
        // Nobody reports twice within ten minutes.
        events.retain(|e| e.at < at - TimeDelta::minutes(10));
        let reported = events.iter().any(|e| e.report_date == day && matches!(e.occasion, Occasion::Full | Occasion::Unchanged));
        let occasion = if !reported && (8..15).contains(&hour(at)) { Occasion::Full } else { Occasion::Quick };
        events.push(Event { at, report_date: day, occasion, by: OrganisationKind::Hospital });
    }

    /// Gives a hospital's newest report another occasion.
    fn newest_is(&mut self, index: usize, occasion: Occasion) {
        if let Some(event) = self.all[index].last_mut() {
            event.occasion = occasion;
        }
    }

    /// Of those that by themselves fell into the last hour only a few stay there; the others reported an hour or so earlier.
    fn spread(&mut self) {
        let hour_ago = self.now - TimeDelta::hours(1);
        let mut random = self.random(2);
        let steady = self.hospitals(|h| matches!(h.habit, Habit::Steady | Habit::Tardy | Habit::Proxy));
        let mut kept = self.all.iter().filter(|events| events.last().is_some_and(|e| e.at > hour_ago)).count();
        for index in steady {
            let recent = |e: &Event| e.at > hour_ago;
            if kept <= JUST_REPORTED.len() + OTHERS_IN_THE_LAST_HOUR || !self.all[index].last().is_some_and(recent) {
                continue;
            }
            kept -= 1;
            let earlier = TimeDelta::minutes(i64::from(random.between(61, 100)));
            // A correction or a report of yesterday follows another and cannot go before it.
            self.all[index].retain(|e| !recent(e) || matches!(e.occasion, Occasion::Full | Occasion::Unchanged | Occasion::Quick));
            for event in self.all[index].iter_mut().filter(|e| recent(e)) {
                event.at -= earlier;
                // Moved over midnight it would speak of a day that had not begun.
                if jst_day(event.at) < event.report_date {
                    event.report_date = jst_day(event.at);
                    event.occasion = Occasion::Quick;
                }
            }
            self.all[index].sort_by_key(|e| e.at);
        }
    }

    /// Whoever is not silent spoke within a day: by a quick report in working hours where nothing else did.
    fn keep_the_rest_within_a_day(&mut self) {
        let mut random = self.random(3);
        for index in self.hospitals(|h| !matches!(h.habit, Habit::Silent { .. } | Habit::Never)) {
            let newest = self.all[index].iter().map(|e| as_of(e.report_date, e.at)).max();
            if newest.is_some_and(|at| self.now - at < TimeDelta::minutes(23 * 60)) {
                continue;
            }
            let by = match self.prefecture.hospitals[index].habit {
                Habit::Proxy => OrganisationKind::PrefectureHealth,
                _ => OrganisationKind::Hospital,
            };
            let times = (2..23).map(|back| self.now - TimeDelta::hours(back)).filter(|at| (9..20).contains(&hour(*at)));
            if let Some(at) = random.pick(&times.collect::<Vec<_>>()) {
                let at = *at - TimeDelta::seconds(i64::from(random.below(3000)));
                self.all[index].push(Event { at, report_date: jst_day(at), occasion: Occasion::Quick, by });
                self.all[index].sort_by_key(|e| e.at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::prefectures;
    use super::*;
    use akidoko_domain::board::Band;

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    #[test]
    fn the_board_looks_alive_at_any_hour() {
        for prefecture in prefectures() {
            for step in 0..170 {
                let now = at("2026-04-06T00:12:30+09:00") + TimeDelta::minutes(59 * step);
                let all = events(&prefecture, jst_day(now), now, 42);
                assert!(all.iter().flatten().all(|e| e.at <= now && e.report_date <= jst_day(e.at)));
                assert!(all.iter().all(|events| events.is_sorted_by_key(|e| e.at)));
                let newest = all.iter().map(|events| events.iter().map(|e| as_of(e.report_date, e.at)).max());
                let bands: Vec<Band> = newest.map(|as_of| Band::of(as_of, now)).collect();
                let count = |band| bands.iter().filter(|b| **b == band).count();
                assert!((14..=20).contains(&count(Band::Hour)), "{now}: {bands:?}");
                assert_eq!([count(Band::OverDay), count(Band::OverTwoDays), count(Band::Never)], [2, 2, 4], "{now}: {bands:?}");
                assert!(hour(now) < 3 || count(Band::Today) >= 3, "{now}: {bands:?}");
            }
        }
    }

    #[test]
    fn the_past_does_not_depend_on_now() {
        let prefecture = &prefectures()[0];
        let until = |now: &str| {
            let now = at(now);
            let all = events(prefecture, jst_day(now), now, 42);
            all.into_iter().flatten().filter(|e| e.at < at("2026-04-01T00:00:00Z") && e.at > at("2026-03-10T00:00:00Z")).count()
        };
        // The two long silent hospitals move with now; nobody else does.
        assert!(until("2026-04-10T00:42:00Z").abs_diff(until("2026-04-10T17:00:00Z")) <= 3);
    }

    #[test]
    fn all_that_happens_in_the_field_happens_here() {
        let now = at("2026-04-10T09:42:00+09:00");
        for prefecture in prefectures() {
            let all: Vec<Event> = events(&prefecture, jst_day(now), now, 42).into_iter().flatten().collect();
            for occasion in
                [Occasion::Full, Occasion::Unchanged, Occasion::Quick, Occasion::Recount, Occasion::RecountYesterday, Occasion::Late]
            {
                let count = all.iter().filter(|e| e.occasion == occasion).count();
                assert!(count >= 20, "{count} {occasion:?}");
            }
            for kind in [OrganisationKind::PrefectureHealth, OrganisationKind::Association] {
                assert!(all.iter().filter(|e| e.by == kind).count() >= 50);
            }
            let mornings: Vec<&Event> = all.iter().filter(|e| matches!(e.occasion, Occasion::Full | Occasion::Unchanged)).collect();
            let on_time = mornings.iter().filter(|e| (hour(e.at), to_jst(e.at).minute()) <= (10, 0)).count();
            let percent = on_time * 100 / mornings.len();
            assert!((65..=90).contains(&percent), "{percent} % are on time");
        }
    }
}
