//! What a hospital would say: its figures of a day, from a slow wave over the prefecture, the day of the week and its own chance; and
//! what changes between two reports.

use super::{
    Character, DemoHospital, Random, SeverityCounting,
    record::{AVAILABLE_PARTS, count, keep_hard_rules, put_care, put_count, put_status, put_word, status},
};
use akidoko_domain::{
    survey::{Answers, Status, Value},
    time::to_jst,
};
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc, Weekday};

/// Days from one peak of the wave to the next.
const WAVE_DAYS: i32 = 56;

/// A smooth wave over days, -1000 to 1000: two parabolas, so that no floating point can differ between machines.
fn wave(day: i32) -> i32 {
    let half = WAVE_DAYS / 2;
    let x = day.rem_euclid(WAVE_DAYS);
    let (x, sign) = if x < half { (x, 1) } else { (x - half, -1) };
    sign * 4000 * x * (half - x) / (half * half)
}

/// How full the ready beds are, per mille. May pass 1000: patients lie in other beds too.
fn load(seed: u64, day: NaiveDate) -> u32 {
    let number = day.num_days_from_ce();
    let own =
        |at: i32, spread: u32| Random::of(&[seed, u64::from(at.unsigned_abs())]).below(2 * spread + 1).cast_signed() - spread.cast_signed();
    // The mean of three days' chance moves gently from day to day.
    let chance = (own(number - 1, 220) + own(number, 220) + own(number + 1, 220)) / 3;
    let weekday = match day.weekday() {
        Weekday::Mon => 60,
        Weekday::Tue => 40,
        Weekday::Wed | Weekday::Thu => 10,
        Weekday::Fri => -10,
        Weekday::Sat => -40,
        Weekday::Sun => -20,
    };
    let sum = 560 + wave(number) * 16 / 100 + own(0, 150) + weekday + chance;
    sum.clamp(120, 1150).unsigned_abs()
}

/// `whole` × per mille, rounded.
fn share(whole: u32, per_mille: u32) -> u32 {
    (whole * per_mille + 500) / 1000
}

/// 即応病床数: in the trough of the wave the prefecture asks for fewer beds.
fn ready_beds(hospital: &DemoHospital, day: NaiveDate) -> u32 {
    if wave(day.num_days_from_ce()) > -300 { hospital.secured_beds } else { (hospital.secured_beds * 4).div_ceil(5) }
}

/// A whole report of the day, as the hospital finds things at `at`. It keeps every hard rule; what is left out is 未回答.
pub(super) fn full(hospital: &DemoHospital, seed: u64, day: NaiveDate, at: DateTime<Utc>, random: &mut Random) -> Answers {
    let mut a = Answers::new();
    let ready = ready_beds(hospital, day);
    put_count(&mut a, "secured_beds", hospital.secured_beds);
    put_count(&mut a, "secured_beds_severe", hospital.secured_beds_severe);
    put_count(&mut a, "ready_beds", ready);
    put_count(&mut a, "ready_beds_severe", hospital.secured_beds_severe.min(ready));
    put_count(&mut a, "suspended_beds", hospital.secured_beds / 6);

    let in_secured = put_inpatients(&mut a, hospital, ready, load(seed, day), random);

    // Staff decide: a bed that is free and ready is not always one that can be taken.
    let unstaffed = if random.chance(35) { random.between(1, 1 + ready / 12) } else { 0 };
    let available = ready.saturating_sub(in_secured).saturating_sub(unstaffed);
    if random.chance(3) {
        // 未回答: nobody had counted yet.
    } else {
        put_available(&mut a, hospital, available, random);
        if hospital.severity_counting != SeverityCounting::WholeOnly && random.chance(4) {
            a.remove(AVAILABLE_PARTS[random.below(3) as usize]);
        }
    }

    put_statuses(&mut a, hospital, available, random);
    put_care(&mut a, hospital.care);
    put_staffing_and_equipment(&mut a, hospital, random);
    match comment(hospital, at, 18, random) {
        Some(words) => put_word(&mut a, "board_comment", words),
        None => {
            a.remove("board_comment");
        }
    }
    put_word(&mut a, "contact_day", &hospital.phone);
    if let Some(phone) = &hospital.night_phone {
        put_word(&mut a, "contact_night", phone);
    }
    keep_hard_rules(&mut a);
    a
}

/// Puts the inpatients and gives back how many lie in secured beds.
fn put_inpatients(a: &mut Answers, hospital: &DemoHospital, ready: u32, load: u32, random: &mut Random) -> u32 {
    let total = share(ready, load);
    let elsewhere = if random.chance(25) { random.below(1 + total / 8) } else { 0 };
    let in_secured = total.min(ready).saturating_sub(elsewhere);
    let severe = if hospital.secured_beds_severe == 0 { 0 } else { share(total, 90 + random.below(80)) };
    let moderate2 = share(total, 130 + random.below(90)).min(total - severe);
    let moderate1 = share(total, 280 + random.below(100)).min(total - severe - moderate2);
    let ventilated = if severe == 0 { 0 } else { random.below(severe + 1).min(hospital.ventilators) };
    put_count(a, "inpatients_total", total);
    put_count(a, "inpatients_in_secured", in_secured);
    put_count(a, "inpatients_severe", severe);
    put_count(a, "inpatients_icu", severe.saturating_sub(random.below(2)));
    put_count(a, "inpatients_ventilator", ventilated);
    put_count(a, "inpatients_ecmo", if random.chance(12) { ventilated.min(hospital.ecmo).min(1) } else { 0 });
    // A few houses do not tell the milder classes apart.
    if hospital.severity_counting != SeverityCounting::WholeOnly {
        put_count(a, "inpatients_moderate2", moderate2);
        put_count(a, "inpatients_moderate1", moderate1);
        put_count(a, "inpatients_mild", total - severe - moderate2 - moderate1);
    }
    put_count(a, "new_admissions", share(total, 60 + random.below(140)));
    in_secured
}

/// Available beds, told by severity in the hospital's own way.
fn put_available(a: &mut Answers, hospital: &DemoHospital, available: u32, random: &mut Random) {
    put_count(a, "available_beds", available);
    let severe = available.min(hospital.secured_beds_severe.min(2)).saturating_sub(random.below(2));
    let rest = available - severe;
    let moderate = rest / 2 + if rest % 2 == 1 { random.below(2) } else { 0 };
    let parts = match hospital.severity_counting {
        SeverityCounting::Once => [severe, moderate, rest - moderate],
        SeverityCounting::Overlapping => [severe, available.div_ceil(2), available],
        SeverityCounting::WholeOnly => {
            for part in AVAILABLE_PARTS {
                a.remove(part);
            }
            return;
        }
    };
    for (part, n) in AVAILABLE_PARTS.iter().zip(parts) {
        put_count(a, part, n);
    }
}

/// 救急 with so many available beds.
fn emergency(available: u32, random: &mut Random) -> Status {
    match (available, random.below(100)) {
        (0, 0..40) => Status::Stopped,
        (0, _) => Status::Limited,
        (_, 0..3) => Status::Stopped,
        (1, 0..35) | (_, 0..12) => Status::Limited,
        _ => Status::Normal,
    }
}

fn put_statuses(a: &mut Answers, hospital: &DemoHospital, available: u32, random: &mut Random) {
    let services = hospital.services;
    let usual = |random: &mut Random| match random.below(100) {
        0..2 => Status::Stopped,
        2..8 => Status::Limited,
        _ => Status::Normal,
    };
    let of = |has: bool, random: &mut Random| if has { usual(random) } else { Status::NotAvailable };
    let at_the_door = if services.emergency { emergency(available, random) } else { Status::NotAvailable };
    put_status(a, "emergency_status", at_the_door);
    let inpatient = if available == 0 && random.chance(45) { Status::Limited } else { usual(random) };
    put_status(a, "inpatient_status", inpatient);
    put_status(a, "outpatient_status", usual(random));
    put_status(a, "surgery_status", of(services.surgery, random));
    put_status(a, "dialysis_status", of(services.dialysis, random));
    if !random.chance(3) {
        put_status(a, "chemotherapy_status", of(services.chemotherapy, random));
    }
}

fn put_staffing_and_equipment(a: &mut Answers, hospital: &DemoHospital, random: &mut Random) {
    for (item, short) in [("physician_staffing", 8), ("nurse_staffing", 16), ("other_staffing", 6)] {
        // Small houses often leave these out.
        if hospital.beds_total >= 100 || !random.chance(25) {
            put_word(a, item, if random.chance(short) { "short" } else { "normal" });
        }
    }
    if hospital.character == Character::Psychiatric {
        return;
    }
    let usable = hospital.ventilators.saturating_sub(random.below(3));
    put_count(a, "ventilators_owned", hospital.ventilators);
    put_count(a, "ventilators_usable", usable);
    put_count(a, "ventilators_in_use", share(usable, 200 + random.below(350)));
    put_count(a, "ecmo_owned", hospital.ecmo);
    put_count(a, "ecmo_usable", hospital.ecmo);
    let in_use = count(a, "inpatients_ecmo").unwrap_or(0);
    put_count(a, "ecmo_in_use", in_use);
}

/// Would somebody write this at this hour? Words that speak of a time of day are not written after it.
fn fits(words: &str, hour: u32) -> bool {
    let ends = [("11時", 10), ("12時", 11), ("午後", 12), ("15時", 14), ("17時", 16)];
    match ends.into_iter().find(|(end, _)| words.contains(end)) {
        Some((_, until)) => (7..until).contains(&hour),
        None if words.contains("夜間") || words.contains("22時") => !(7..16).contains(&hour),
        None => true,
    }
}

/// What stands in 連絡事項: in so many of a hundred reports something of the day, else what always stands there.
fn comment(hospital: &DemoHospital, at: DateTime<Utc>, percent: u32, random: &mut Random) -> Option<&'static str> {
    let hour = to_jst(at).hour();
    let of_the_day: Vec<&str> = hospital.comments.iter().copied().filter(|words| fits(words, hour)).collect();
    if random.chance(percent) { random.pick(&of_the_day).copied().or(hospital.standing_comment) } else { hospital.standing_comment }
}

/// A quick report on what is known now: beds went or came, the door follows. It speaks of all available beds, whole and parts, so that no
/// hard rule depends on what stood there before.
pub(super) fn quick(hospital: &DemoHospital, seed: u64, current: &Answers, at: DateTime<Utc>, random: &mut Random) -> Answers {
    let mut a = Answers::new();
    let known = count(current, "available_beds");
    let free = || {
        let day = to_jst(at).date_naive();
        let ready = ready_beds(hospital, day);
        ready.saturating_sub(share(ready, load(seed, day)))
    };
    let before = known.unwrap_or_else(free);
    let room = count(current, "ready_beds").unwrap_or(hospital.secured_beds).max(before);
    // A core hospital keeps a bed for what may come.
    let least = u32::from(hospital.character == Character::Core).min(before);
    let available = match (before, random.below(100)) {
        (0, 0..70) => random.between(1, 2).min(room),
        (0, _) => 0,
        (_, 0..50) => before.saturating_sub(random.between(1, 2)).max(least),
        (_, 50..88) => (before + 1).min(room),
        _ => before,
    };
    if available == before && known.is_some() {
        // The beds are the same and the mildest way to say something new is the comment.
        a = AVAILABLE_PARTS.iter().filter_map(|id| Some(((*id).to_owned(), current.get(*id)?.clone()))).collect();
        put_count(&mut a, "available_beds", available);
        for part in AVAILABLE_PARTS {
            a.entry(part.to_owned()).or_insert(None);
        }
        keep_hard_rules(&mut a);
    } else {
        put_available(&mut a, hospital, available, random);
        if hospital.severity_counting == SeverityCounting::WholeOnly {
            a.extend(AVAILABLE_PARTS.map(|part| (part.to_owned(), None)));
        }
    }
    if hospital.services.emergency {
        let now = status(current, "emergency_status");
        let next = if available == 0 || matches!(now, Status::NoAnswer | Status::Stopped) || random.chance(15) {
            emergency(available, random)
        } else {
            now
        };
        put_status(&mut a, "emergency_status", next);
    }
    if status(current, "inpatient_status") == Status::NoAnswer || random.chance(8) {
        put_status(&mut a, "inpatient_status", if available == 0 { Status::Limited } else { Status::Normal });
    }
    let outdated = current.get("board_comment").and_then(Option::as_ref).and_then(Value::word).is_some_and(|w| !fits(w, to_jst(at).hour()));
    if outdated || random.chance(25) {
        let words = comment(hospital, at, 50, random);
        a.insert("board_comment".to_owned(), words.map(|w| Value::Word(w.to_owned())));
    }
    a
}

/// A correction of figures that were counted wrong: one patient more, one bed less. `None` where nothing was counted.
pub(super) fn recounted(answers: &Answers) -> Answers {
    let mut a: Answers = answers.iter().filter(|(_, value)| value.is_some()).map(|(id, value)| (id.clone(), value.clone())).collect();
    for (item, more) in [("inpatients_total", 1), ("inpatients_in_secured", 1)] {
        if let Some(n) = count(&a, item) {
            put_count(&mut a, item, n + more);
        }
    }
    if let Some(n) = count(&a, "available_beds") {
        put_count(&mut a, "available_beds", n.saturating_sub(1));
    }
    keep_hard_rules(&mut a);
    a
}

/// A quick report that the last bed is gone: 0 床, which is not 停止, and the door closed, which is.
pub(super) fn closed(hospital: &DemoHospital) -> Answers {
    let mut a = Answers::new();
    for id in AVAILABLE_PARTS.into_iter().chain(["available_beds"]) {
        put_count(&mut a, id, 0);
    }
    put_status(&mut a, "emergency_status", if hospital.services.emergency { Status::Stopped } else { Status::NotAvailable });
    put_status(&mut a, "inpatient_status", Status::Normal);
    a
}

/// A quick report of a night when nobody could say how many beds: 未回答, with what was last said behind it.
pub(super) fn uncounted(current: &Answers) -> Answers {
    let mut a: Answers = AVAILABLE_PARTS.into_iter().chain(["available_beds"]).map(|id| (id.to_owned(), None)).collect();
    let inpatients = status(current, "inpatient_status");
    put_status(&mut a, "inpatient_status", if inpatients == Status::NoAnswer { Status::Limited } else { inpatients });
    a
}

/// 変更なし: what is known, said again as a whole report.
pub(super) fn unchanged(current: &Answers) -> Answers {
    let mut a: Answers = current.iter().filter(|(_, value)| value.is_some()).map(|(id, value)| (id.clone(), value.clone())).collect();
    keep_hard_rules(&mut a);
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wave_comes_and_goes() {
        let heights: Vec<i32> = (0..WAVE_DAYS).map(wave).collect();
        assert_eq!((heights.iter().max(), heights.iter().min()), (Some(&1000), Some(&-1000)));
        assert!(heights.windows(2).all(|w| (w[0] - w[1]).abs() <= 150), "no jumps: {heights:?}");
        assert_eq!(wave(-1), wave(WAVE_DAYS - 1));
    }

    #[test]
    fn load_stays_plausible_and_moves_gently() {
        let days: Vec<NaiveDate> = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap().iter_days().take(200).collect();
        for seed in 0..40 {
            let loads: Vec<u32> = days.iter().map(|d| load(seed, *d)).collect();
            assert!(loads.iter().all(|l| (120..=1150).contains(l)));
            assert!(loads.windows(2).all(|w| w[0].abs_diff(w[1]) <= 350), "{loads:?}");
        }
    }
}
