//! Keys of the API: they belong to an organisation, not to a person, and never do more than it may. What was typed about one becomes a
//! [`KeyWish`], or every problem at once.

use crate::{
    access::{ActFor, Action, Scope},
    id::HospitalId,
    operator::read_name,
    text,
    time::{from_jst, jst_day},
};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use ipnet::IpNet;
use std::{collections::BTreeSet, net::IpAddr};

/// So long a key lives unless something else is typed. Ours.
pub const LIFE_DAYS: u64 = 365;
/// So long at most, from the day on which it was made. Ours.
pub const LIFE_DAYS_MAX: u64 = 730;
/// Requests a minute unless something else is typed.
pub const PER_MINUTE: u32 = 120;
/// Requests a minute at most.
pub const PER_MINUTE_MAX: u32 = 6_000;
/// So many networks at most.
pub const NETWORKS_MAX: usize = 20;
/// So many keys that stand, per organisation.
pub const KEYS_MAX: usize = 20;
/// So many days before its end the mailbox is told, the later the nearer.
pub const NOTICE_DAYS: [i64; 2] = [30, 7];

/// What a key may do, of what its organisation may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLimits {
    /// Read the board.
    pub read: bool,
    /// Hand reports in.
    pub report: bool,
    /// For these hospitals only; `None`: for all that the organisation acts for, also those that come later.
    pub hospitals: Option<BTreeSet<HospitalId>>,
    /// From these networks only; empty: from anywhere.
    pub networks: Vec<IpNet>,
    /// Requests a minute.
    pub per_minute: u32,
    /// 他システム連携: what it reports was taken out of the other system by which the prefecture reports too, and says so.
    pub feed: bool,
}

/// What an organisation itself may, and so its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyRights {
    /// Read the board.
    pub read: bool,
    /// Hand reports in.
    pub report: bool,
    /// Feed in what another system says: the health department's, which declares that system.
    pub feed: bool,
}

impl KeyLimits {
    /// May a key with these limits do this, where its organisation may? A key administers nothing.
    pub fn allows(&self, action: Action) -> bool {
        match action {
            Action::ReadBoard | Action::ReadNation => self.read,
            Action::Report | Action::ReportOnBehalf => self.report,
            Action::ReadHistory => self.read || self.report,
            _ => false,
        }
    }

    /// May it speak of this hospital at all?
    pub fn covers(&self, hospital: HospitalId) -> bool {
        self.hospitals.as_ref().is_none_or(|set| set.contains(&hospital))
    }

    /// May it be used from this address?
    pub fn admits(&self, address: IpAddr) -> bool {
        self.networks.is_empty() || self.networks.iter().any(|n| n.contains(&plain(address)))
    }

    /// The scope of the organisation, made as narrow as the key.
    #[must_use]
    pub fn narrow(&self, scope: Scope) -> Scope {
        let act_for = match (scope.act_for, &self.hospitals) {
            _ if !self.report => ActFor::Nobody,
            (ActFor::Hospitals(own), Some(some)) => ActFor::Hospitals(own.intersection(some).copied().collect()),
            (ActFor::Prefecture(_), Some(some)) => ActFor::Hospitals(some.clone()),
            (all, _) => all,
        };
        Scope { act_for, ..scope }
    }
}

/// An IPv4 address that arrived inside of an IPv6 one is the IPv4 address.
fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// The key behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyGrant {
    /// Its name, as its administrator wrote it.
    pub name: String,
    /// Its limits.
    pub limits: KeyLimits,
    /// Of the hospitals that the organisation stands for, those that the key covers.
    pub own: BTreeSet<HospitalId>,
}

/// What was typed about a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box of the form")]
pub struct TypedKey {
    /// Its name.
    pub name: String,
    /// Read the board.
    pub read: bool,
    /// Hand reports in.
    pub report: bool,
    /// For the chosen hospitals only.
    pub some: bool,
    /// Those.
    pub hospitals: BTreeSet<HospitalId>,
    /// Networks, one a line.
    pub networks: String,
    /// Requests a minute.
    pub per_minute: String,
    /// The last day, `2027-04-09`.
    pub expires_on: String,
    /// 他システム連携
    pub feed: bool,
}

/// A key as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyWish {
    /// Its name.
    pub name: String,
    /// Its limits.
    pub limits: KeyLimits,
    /// When it ends: with the end of a day in Japan.
    pub expires_at: DateTime<Utc>,
}

/// What is wrong with what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyProblem {
    /// Not a name.
    Name,
    /// It may do nothing.
    Nothing,
    /// The organisation itself may not.
    NotYours,
    /// None was chosen.
    NoHospital,
    /// Not a network.
    Network(String),
    /// More than [`NETWORKS_MAX`].
    TooManyNetworks,
    /// Not 1 to [`PER_MINUTE_MAX`].
    PerMinute,
    /// Not a day from today to this one.
    Expiry(NaiveDate),
    /// [`KEYS_MAX`] stand already.
    TooMany,
    /// 他システム連携 without reporting.
    FeedOnly,
    /// 他システム連携, and the prefecture has not said which system.
    NoOtherSystem,
}

/// The last day that a key may be given which was made on this one.
pub fn latest_day(made_on: NaiveDate) -> NaiveDate {
    made_on.checked_add_days(Days::new(LIFE_DAYS_MAX)).unwrap_or(made_on)
}

/// The last day of a key that ends at this moment.
pub fn last_day(expires_at: DateTime<Utc>) -> NaiveDate {
    jst_day(expires_at - chrono::TimeDelta::microseconds(1))
}

/// Reads what was typed. `may`: what the organisation itself may. `made_on`: today, or the day on which the key was made.
pub fn read_key(typed: &TypedKey, may: KeyRights, made_on: NaiveDate, today: NaiveDate) -> Result<KeyWish, Vec<KeyProblem>> {
    let mut problems = Vec::new();
    let name = read_name(&typed.name).unwrap_or_else(|| {
        problems.push(KeyProblem::Name);
        String::new()
    });
    if (typed.read && !may.read) || (typed.report && !may.report) || (typed.feed && !may.feed) {
        problems.push(KeyProblem::NotYours);
    } else if !typed.read && !typed.report {
        problems.push(KeyProblem::Nothing);
    } else if typed.feed && !typed.report {
        problems.push(KeyProblem::FeedOnly);
    }
    let hospitals = (typed.report && typed.some).then(|| typed.hospitals.clone());
    if hospitals.as_ref().is_some_and(BTreeSet::is_empty) {
        problems.push(KeyProblem::NoHospital);
    }
    let networks = read_networks(&typed.networks).unwrap_or_else(|problem| {
        problems.push(problem);
        Vec::new()
    });
    let per_minute = match text::parse_count(&typed.per_minute) {
        Ok(Some(n)) if (1..=PER_MINUTE_MAX).contains(&n) => n,
        Ok(None) => PER_MINUTE,
        _ => {
            problems.push(KeyProblem::PerMinute);
            PER_MINUTE
        }
    };
    let latest = latest_day(made_on);
    let day = text::fold_code(&typed.expires_on).parse::<NaiveDate>().ok().filter(|day| (today..=latest).contains(day));
    let Some(end) = day.and_then(|d| d.checked_add_days(Days::new(1))).filter(|_| problems.is_empty()) else {
        if day.is_none() {
            problems.push(KeyProblem::Expiry(latest));
        }
        return Err(problems);
    };
    let limits = KeyLimits { read: typed.read, report: typed.report, hospitals, networks, per_minute, feed: typed.feed };
    Ok(KeyWish { name, limits, expires_at: from_jst(end.and_time(NaiveTime::MIN)) })
}

/// Networks as people type them: one a line, or with commas between; an address alone is a network of one.
pub fn read_networks(typed: &str) -> Result<Vec<IpNet>, KeyProblem> {
    let mut networks = BTreeSet::new();
    for word in typed.split(|c: char| c.is_whitespace() || matches!(c, ',' | '、' | '，')).filter(|w| !w.is_empty()) {
        let folded = text::fold_code(word).to_lowercase();
        let read = folded.parse::<IpNet>().ok().or_else(|| folded.parse::<IpAddr>().ok().map(|a| IpNet::from(plain(a))));
        let network = read.ok_or_else(|| KeyProblem::Network(word.chars().take(60).collect()))?;
        networks.insert(network.trunc());
    }
    if networks.len() > NETWORKS_MAX {
        return Err(KeyProblem::TooManyNetworks);
    }
    Ok(networks.into_iter().collect())
}

/// The notice that is due for a key: the days that it announces. `told`: the nearest that was announced.
pub fn due_notice(expires_at: DateTime<Utc>, told: Option<i64>, now: DateTime<Utc>) -> Option<i64> {
    let left = (last_day(expires_at) - jst_day(now)).num_days();
    let due = NOTICE_DAYS.into_iter().rev().find(|days| (0..=*days).contains(&left))?;
    told.is_none_or(|told| due < told).then_some(due)
}

/// Takes a request of a key if its minute has room. `next` is when the next one would be due were they evenly spread（GCRA）: a whole
/// minute's worth may come at once, and then one after the other. The new value, or for how long to wait, in microseconds.
pub fn take_turn(next: i64, per_minute: u32, now: i64) -> Result<i64, i64> {
    const MINUTE: i64 = 60_000_000;
    let each = MINUTE / i64::from(per_minute.max(1));
    // It is never further ahead than a minute, unless the clock was set back: then the minute begins anew.
    let from = if next > now + MINUTE { now } else { next.max(now) };
    let due = from + each;
    if due - now > MINUTE { Err(due - now - MINUTE) } else { Ok(due) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PrefCode;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    fn hospital(n: u128) -> HospitalId {
        HospitalId(Uuid::from_u128(n))
    }

    fn typed() -> TypedKey {
        TypedKey { name: "電子カルテ連携".into(), report: true, expires_on: "2027-04-10".into(), ..TypedKey::default() }
    }

    fn read(typed: &TypedKey) -> Result<KeyWish, Vec<KeyProblem>> {
        read_key(typed, KeyRights { read: true, report: true, feed: true }, day("2026-04-10"), day("2026-04-10"))
    }

    #[test]
    fn what_is_typed_about_a_key() {
        let wish = read(&typed()).unwrap();
        assert_eq!((wish.limits.per_minute, wish.limits.hospitals), (PER_MINUTE, None));
        assert_eq!(wish.expires_at, at("2027-04-10T15:00:00Z"), "to the end of the day in Japan");
        assert_eq!(last_day(wish.expires_at), day("2027-04-10"));
        let latest = day("2028-04-09");
        for (change, expected) in [
            (TypedKey { name: " ".into(), ..typed() }, vec![KeyProblem::Name]),
            (TypedKey { report: false, ..typed() }, vec![KeyProblem::Nothing]),
            (TypedKey { some: true, ..typed() }, vec![KeyProblem::NoHospital]),
            (TypedKey { feed: true, read: true, report: false, ..typed() }, vec![KeyProblem::FeedOnly]),
            (TypedKey { networks: "192.0.2.0/24 x".into(), ..typed() }, vec![KeyProblem::Network("x".into())]),
            (TypedKey { per_minute: "0".into(), ..typed() }, vec![KeyProblem::PerMinute]),
            (TypedKey { per_minute: "6001".into(), ..typed() }, vec![KeyProblem::PerMinute]),
            (TypedKey { per_minute: "-1".into(), ..typed() }, vec![KeyProblem::PerMinute]),
            (TypedKey { expires_on: "2026-04-09".into(), ..typed() }, vec![KeyProblem::Expiry(latest)]),
            (TypedKey { expires_on: "2028-04-10".into(), ..typed() }, vec![KeyProblem::Expiry(latest)]),
            (TypedKey { expires_on: "令和".into(), name: String::new(), ..typed() }, vec![KeyProblem::Name, KeyProblem::Expiry(latest)]),
        ] {
            assert_eq!(read(&change), Err(expected), "{change:?}");
        }
        for (typed, may) in [
            (typed(), KeyRights { read: true, ..KeyRights::default() }),
            (TypedKey { feed: true, ..typed() }, KeyRights { read: true, report: true, feed: false }),
        ] {
            let not_ours = read_key(&typed, may, day("2026-04-10"), day("2026-04-10"));
            assert_eq!(not_ours, Err(vec![KeyProblem::NotYours]));
        }
        assert!(read(&TypedKey { feed: true, ..typed() }).unwrap().limits.feed);
    }

    #[test]
    fn networks_as_people_type_them() {
        let words = |typed| read_networks(typed).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            words("192.0.2.7/24\n２００１:ＤＢ８::/32、198.51.100.1").unwrap(),
            ["192.0.2.0/24", "198.51.100.1/32", "2001:db8::/32"]
        );
        assert_eq!(words(" \n").unwrap(), Vec::<String>::new());
        for bad in ["192.0.2.0/33", "192.0.2", "ここ", "192.0.2.0-192.0.2.9", "/24"] {
            assert!(read_networks(bad).is_err(), "{bad}");
        }
        let many = (0..21).map(|n| format!("192.0.2.{n}")).collect::<Vec<_>>().join(" ");
        assert_eq!(read_networks(&many), Err(KeyProblem::TooManyNetworks));
    }

    #[test]
    fn from_where() {
        let limits = |networks: &str| KeyLimits { networks: read_networks(networks).unwrap(), ..read(&typed()).unwrap().limits };
        for (networks, address, admitted) in [
            ("", "203.0.113.9", true),
            ("192.0.2.0/24", "192.0.2.255", true),
            ("192.0.2.0/24", "192.0.3.0", false),
            ("192.0.2.0/24", "::ffff:192.0.2.9", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "192.0.2.1", false),
        ] {
            assert_eq!(limits(networks).admits(address.parse().unwrap()), admitted, "{networks} {address}");
        }
    }

    #[test]
    fn a_key_is_never_wider_than_its_organisation() {
        let chiba = PrefCode::new(12).unwrap();
        let scope = |act_for| Scope { read: crate::access::Read::Prefecture(chiba), act_for };
        let own = ActFor::Hospitals(BTreeSet::from([hospital(1), hospital(2)]));
        let limits = |report, some: Option<&[u128]>| KeyLimits {
            report,
            hospitals: some.map(|all| all.iter().map(|n| hospital(*n)).collect()),
            ..read(&typed()).unwrap().limits
        };
        let acts = |limits: KeyLimits, act_for: &ActFor, id| limits.narrow(scope(act_for.clone())).acts_for(hospital(id), chiba);
        assert!(acts(limits(true, None), &own, 1) && acts(limits(true, Some(&[1])), &own, 1));
        assert!(!acts(limits(true, Some(&[1])), &own, 2), "a part of them");
        assert!(!acts(limits(true, Some(&[3])), &own, 3), "one that the organisation left");
        assert!(!acts(limits(false, None), &own, 1), "read-only");
        assert!(!acts(limits(true, Some(&[1])), &ActFor::Nobody, 1));
        let all = ActFor::Prefecture(chiba);
        assert!(acts(limits(true, None), &all, 9) && acts(limits(true, Some(&[9])), &all, 9) && !acts(limits(true, Some(&[8])), &all, 9));
        let reader = KeyLimits { read: true, ..limits(false, None) };
        assert!(reader.allows(Action::ReadBoard) && !reader.allows(Action::Report) && !reader.allows(Action::KeepApplications));
    }

    #[test]
    fn notices_before_the_end() {
        let end = at("2027-04-10T15:00:00Z"); // the last day is 10 April
        for (now, told, due) in [
            ("2027-03-10T14:59:59Z", None, None),
            ("2027-03-10T15:00:00Z", None, Some(30)),
            ("2027-03-20T00:00:00Z", Some(30), None),
            ("2027-04-02T15:00:00Z", Some(30), Some(7)),
            ("2027-04-02T15:00:00Z", None, Some(7)), // made with less than a month to live: told once
            ("2027-04-05T00:00:00Z", Some(7), None),
            ("2027-04-10T15:00:00Z", None, None),
        ] {
            assert_eq!(due_notice(end, told, at(now)), due, "{now} {told:?}");
        }
    }

    #[test]
    fn a_minute_holds_so_many() {
        let mut next = 0;
        for n in 0..3 {
            next = take_turn(next, 3, 1_000 + n).unwrap();
        }
        let wait = take_turn(next, 3, 2_000).unwrap_err();
        assert!((19_000_000..=20_000_000).contains(&wait), "{wait}");
        assert!(take_turn(next, 3, 2_000 + wait).is_ok(), "after that it is taken");
        assert!(take_turn(next, 3, -90_000_000_000).is_ok(), "a clock that was set back holds nobody up");
    }

    proptest! {
        #[test]
        fn nothing_panics(networks in ".*", day_typed in ".*", count in ".*") {
            let _ = read(&TypedKey { networks, expires_on: day_typed, per_minute: count, ..typed() });
        }

        #[test]
        fn never_more_than_so_many_a_minute(limit in 1u32..200, steps in prop::collection::vec(0i64..2_000_000, 1..600)) {
            let (mut now, mut next) = (0, 0);
            let mut taken = Vec::new();
            for step in steps {
                now += step;
                if let Ok(after) = take_turn(next, limit, now) {
                    next = after;
                    taken.push(now);
                }
            }
            // A minute's worth at once, and what the minute brings beside.
            for (at, from) in taken.iter().enumerate() {
                let within = taken[at..].iter().take_while(|t| **t - from < 60_000_000).count();
                prop_assert!(within <= 2 * limit as usize + 1, "{within} of {limit}");
            }
        }
    }
}
