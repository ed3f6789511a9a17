//! Who owes no report: a hospital on the weekdays on which it is closed, one that is exempt from a day to a day, one whose ID is suspended.

use chrono::{Datelike, NaiveDate, Weekday};

/// Days of the week, a bit each: Sunday is the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    /// Every day.
    pub const ALL: Self = Self(0x7f);

    /// From the bits as they are kept; `None` where there is none, or one too many.
    pub fn new(bits: i32) -> Option<Self> {
        u8::try_from(bits).ok().filter(|b| (1..=0x7f).contains(b)).map(Self)
    }

    /// These days; `None`: no day.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Option<Self> {
        let bits = days.into_iter().fold(0, |bits, day| bits | Self::bit(day));
        Self::new(i32::from(bits))
    }

    fn bit(day: Weekday) -> u8 {
        1 << day.num_days_from_sunday()
    }

    /// The bit of a day, for a question to the database.
    pub fn bit_of(day: NaiveDate) -> i32 {
        i32::from(Self::bit(day.weekday()))
    }

    /// As it is kept.
    pub fn bits(self) -> i32 {
        i32::from(self.0)
    }

    /// Is this day among them?
    pub fn has(self, day: Weekday) -> bool {
        self.0 & Self::bit(day) != 0
    }

    /// In the order of a Japanese week, Monday first.
    pub fn days(self) -> impl Iterator<Item = Weekday> {
        use Weekday as W;
        [W::Mon, W::Tue, W::Wed, W::Thu, W::Fri, W::Sat, W::Sun].into_iter().filter(move |d| self.has(*d))
    }
}

/// An exemption of one hospital.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exemption {
    /// From this day on,
    pub from_on: NaiveDate,
    /// to this one; `None`: until further notice.
    pub to_on: Option<NaiveDate>,
    /// on these days of the week.
    pub weekdays: Weekdays,
    /// The ID is suspended; nobody wrote this down.
    pub suspended: bool,
}

/// Letters of a reason.
pub const EXEMPTION_REASON: usize = 100;

/// Why nothing is owed on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Exempt {
    /// 報告のない日: the prefecture's rule asks for none.
    NotDue,
    /// 休診の曜日
    Closed,
    /// 期間を決めた免除
    Span,
    /// ID 停止中
    Suspended,
}

impl Exemption {
    /// Does it hold on this day, and as what?
    pub fn on(&self, day: NaiveDate) -> Option<Exempt> {
        if day < self.from_on || self.to_on.is_some_and(|to| day > to) || !self.weekdays.has(day.weekday()) {
            return None;
        }
        Some(match self.weekdays {
            _ if self.suspended => Exempt::Suspended,
            Weekdays::ALL => Exempt::Span,
            _ => Exempt::Closed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_which_days() {
        let day = |s: &str| s.parse::<NaiveDate>().unwrap();
        let exemption = |from: &str, to: Option<&str>, days: &[Weekday]| Exemption {
            from_on: day(from),
            to_on: to.map(day),
            weekdays: if days.is_empty() { Weekdays::ALL } else { Weekdays::of(days.iter().copied()).unwrap() },
            suspended: false,
        };
        let closed = exemption("2026-04-01", None, &[Weekday::Sun, Weekday::Wed]);
        let span = exemption("2026-12-28", Some("2027-01-04"), &[]);
        let leap = exemption("2028-02-29", Some("2028-02-29"), &[]);
        let suspended = Exemption { suspended: true, ..exemption("2026-04-10", None, &[]) };
        for (e, d, expected) in [
            (&closed, "2026-04-08", Some(Exempt::Closed)), // a Wednesday
            (&closed, "2026-04-12", Some(Exempt::Closed)), // a Sunday
            (&closed, "2026-04-09", None),
            (&closed, "2026-03-29", None), // a Sunday before it began
            (&span, "2026-12-27", None),
            (&span, "2026-12-28", Some(Exempt::Span)),
            (&span, "2027-01-04", Some(Exempt::Span)),
            (&span, "2027-01-05", None),
            (&leap, "2028-02-28", None),
            (&leap, "2028-02-29", Some(Exempt::Span)),
            (&leap, "2028-03-01", None),
            (&suspended, "2026-04-09", None),
            (&suspended, "2026-04-10", Some(Exempt::Suspended)),
        ] {
            assert_eq!(e.on(day(d)), expected, "{e:?} {d}");
        }
    }

    #[test]
    fn bits_and_days() {
        let week = Weekdays::of([Weekday::Sun, Weekday::Sat]).unwrap();
        assert_eq!((week.bits(), Weekdays::new(65)), (65, Some(week)));
        assert_eq!(week.days().collect::<Vec<_>>(), [Weekday::Sat, Weekday::Sun]);
        for wrong in [0, 128, -1] {
            assert_eq!(Weekdays::new(wrong), None, "{wrong}");
        }
        assert_eq!(Weekdays::bit_of("2026-04-12".parse().unwrap()), 1, "a Sunday, as the databases count");
    }
}
