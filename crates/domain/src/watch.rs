//! What is looked at without blocking anybody: one operator in two places at once, and IDs that nobody uses（design.md「Accounts」).

use crate::time::jst_day;
use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

/// Two uses within so long are looked at together.
pub const TOGETHER: TimeDelta = TimeDelta::minutes(10);
/// An ID that nobody used for so long is listed.
pub const UNUSED_MONTHS: u32 = 13;
/// So long after its mailbox was told, it is suspended. Ours.
pub const UNUSED_NOTICE_DAYS: u64 = 30;

/// A sign-in as it was last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use<'a> {
    /// From where: `192.0.2.0/24` or `2001:db8:1:2::/64`, as a sign-in keeps it.
    pub network: &'a str,
    /// The browser, as it names itself.
    pub browser: &'a str,
    /// When.
    pub at: DateTime<Utc>,
}

/// Is this one operator in two places: on different networks（IPv4 /16, IPv6 /32）**and** in different browsers, within [`TOGETHER`]?
/// A telephone that goes from mobile data to Wi-Fi keeps its browser, and two screens in one control room share a network.
pub fn in_two_places(a: &Use<'_>, b: &Use<'_>) -> bool {
    a.browser != b.browser && (a.at - b.at).abs() <= TOGETHER && wide(a.network) != wide(b.network)
}

/// The wider network around one that a sign-in keeps.
fn wide(network: &str) -> String {
    let address = network.split('/').next().unwrap_or_default();
    if let Ok(v4) = address.parse::<std::net::Ipv4Addr>() {
        let [a, b, ..] = v4.octets();
        return format!("{a}.{b}");
    }
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => wide(&v4.to_string()),
            None => format!("{:x}:{:x}", v6.segments()[0], v6.segments()[1]),
        },
        Err(_) => network.to_owned(),
    }
}

/// How an ID stands that may have been forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// Somebody used it within thirteen months.
    InUse,
    /// Nobody did, and nobody was told yet.
    Unused,
    /// Its mailbox was told: suspended on this day unless somebody signs in before.
    Announced(NaiveDate),
    /// That day has come.
    Over,
}

/// How an ID stands. Months are those of the calendar: what was used on 31 January 2025 is unused from 28 February 2026.
pub fn idle(last_used: DateTime<Utc>, announced: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Idle {
    let today = jst_day(now);
    if !is_unused(last_used, now) {
        return Idle::InUse;
    }
    // Told before it was used again: that counts for nothing.
    let Some(told) = announced.filter(|at| *at > last_used) else { return Idle::Unused };
    let on = jst_day(told).checked_add_days(Days::new(UNUSED_NOTICE_DAYS)).unwrap_or(NaiveDate::MAX);
    if today >= on { Idle::Over } else { Idle::Announced(on) }
}

fn is_unused(last_used: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    jst_day(last_used).checked_add_months(Months::new(UNUSED_MONTHS)).is_some_and(|from| jst_day(now) >= from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(s).unwrap().to_utc()
    }

    #[test]
    fn two_places() {
        let noon = at("2026-04-10T03:00:00Z");
        for (a, b, minutes, flagged) in [
            (("192.0.2.0/24", "A"), ("198.51.100.0/24", "B"), 0, true),
            (("192.0.2.0/24", "A"), ("198.51.100.0/24", "B"), 10, true),
            (("192.0.2.0/24", "A"), ("198.51.100.0/24", "B"), -10, true),
            (("192.0.2.0/24", "A"), ("198.51.100.0/24", "B"), 11, false),
            // From mobile data to Wi-Fi: one browser.
            (("192.0.2.0/24", "A"), ("198.51.100.0/24", "A"), 0, false),
            // Two screens of one control room; a neighbouring range of the same provider.
            (("192.0.2.0/24", "A"), ("192.0.2.0/24", "B"), 0, false),
            (("192.0.2.0/24", "A"), ("192.0.77.0/24", "B"), 0, false),
            (("192.0.2.0/24", "A"), ("192.1.2.0/24", "B"), 0, true),
            (("2001:db8:1:2::/64", "A"), ("2001:db8:9:9::/64", "B"), 0, false),
            (("2001:db8:1:2::/64", "A"), ("2001:db9:1:2::/64", "B"), 0, true),
            (("::ffff:192.0.2.1", "A"), ("192.0.9.0/24", "B"), 0, false),
            (("2001:db8:1:2::/64", "A"), ("192.0.2.0/24", "B"), 0, true),
        ] {
            let one = Use { network: a.0, browser: a.1, at: noon };
            let other = Use { network: b.0, browser: b.1, at: noon + TimeDelta::minutes(minutes) };
            assert_eq!(in_two_places(&one, &other), flagged, "{a:?} {b:?} {minutes}");
            assert_eq!(in_two_places(&other, &one), flagged);
        }
    }

    #[test]
    fn thirteen_months() {
        for (last, now, unused) in [
            ("2025-03-10T03:00:00Z", "2026-04-09T14:59:59Z", false),
            // From midnight in Japan on.
            ("2025-03-10T03:00:00Z", "2026-04-09T15:00:00Z", true),
            ("2025-01-31T03:00:00Z", "2026-02-27T14:59:59Z", false),
            ("2025-01-31T03:00:00Z", "2026-02-27T15:00:00Z", true),
            // Into a leap year, and out of one.
            ("2027-01-31T03:00:00Z", "2028-02-28T03:00:00Z", false),
            ("2027-01-31T03:00:00Z", "2028-02-29T03:00:00Z", true),
            ("2028-02-29T03:00:00Z", "2029-03-28T03:00:00Z", false),
            ("2028-02-29T03:00:00Z", "2029-03-29T03:00:00Z", true),
        ] {
            assert_eq!(is_unused(at(last), at(now)), unused, "{last} {now}");
        }
    }

    #[test]
    fn told_and_then_over() {
        let last = at("2025-03-10T03:00:00Z");
        let told = Some(at("2026-04-10T03:00:00Z"));
        let on = "2026-05-10".parse().unwrap();
        for (announced, now, expected) in [
            (None, "2026-03-10T03:00:00Z", Idle::InUse),
            (None, "2026-04-10T03:00:00Z", Idle::Unused),
            (told, "2026-04-10T03:00:00Z", Idle::Announced(on)),
            (told, "2026-05-09T14:59:59Z", Idle::Announced(on)),
            (told, "2026-05-09T15:00:00Z", Idle::Over),
        ] {
            assert_eq!(idle(last, announced, at(now)), expected, "{now}");
        }
        // Signed in after it was told: the thirteen months begin anew, and so does the telling.
        let later = at("2026-04-20T03:00:00Z");
        assert_eq!(idle(later, told, at("2026-05-20T03:00:00Z")), Idle::InUse);
        assert_eq!(idle(later, told, at("2027-05-20T03:00:00Z")), Idle::Unused);
    }
}
