//! Windows and capacity.

use super::super::{Frame, Here};
use crate::words;
use akidoko_domain::{
    application::{Window, arrival},
    report::CorrectionWindow,
};
use akidoko_service::application::Office;
use askama::Template;
use chrono::NaiveDate;

/// What is wrong with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsProblem {
    /// A day is missing or is none.
    Days,
    /// The days do not follow one another.
    Order,
    /// Not a number from 1 to 100,000.
    Capacity,
    /// Not a number from 1 to 30.
    Delivered,
    /// Not a number of days, or a day that is over.
    CorrectionWindow,
}

/// How many days a past day can be corrected without asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowPart {
    days: u32,
    /// What was set: from which day, how many days.
    set: Vec<(String, u32)>,
    /// What was typed: days, from which day.
    typed: [String; 2],
}

impl WindowPart {
    /// What was set, and what holds today; `typed` is shown again.
    pub fn new((set, days): &(Vec<CorrectionWindow>, u32), today: NaiveDate, typed: Option<[String; 2]>) -> Self {
        let lines = set.iter().rev().map(|w| (words::date(w.valid_from), w.days));
        Self { days: *days, set: lines.collect(), typed: typed.unwrap_or_else(|| [days.to_string(), today.to_string()]) }
    }
}

impl SettingsProblem {
    fn words(self) -> &'static str {
        match self {
            Self::Days => "受付開始、締切、発行開始日を 3 つとも入れてください。",
            Self::Order => "締切と発行開始日は、受付開始より前にできません。日付を確かめてください。",
            Self::Capacity => "処理能力は 1 から 100000 までの数で入れてください。",
            Self::CorrectionWindow => "日数は 0 から 3650 までの数で、適用する日は今日以降の日で入れてください。",
            Self::Delivered => "届いたとするまでの日数は 1 から 30 までの数で入れてください。",
        }
    }
}

struct Line {
    opens: String,
    closes: String,
    from: String,
    stands: &'static str,
    /// As a form sends them: 受付開始, 締切, 発行開始日.
    days: [NaiveDate; 3],
}

/// The page.
#[derive(Template)]
#[template(path = "office/settings.html")]
pub struct OfficeSettingsPage {
    frame: Frame,
    windows: Vec<Line>,
    is_open: bool,
    office: Office,
    problem: Option<SettingsProblem>,
    saved: bool,
    /// What was typed: three days and two figures.
    typed: [String; 5],
    corrections: WindowPart,
}

impl OfficeSettingsPage {
    /// `typed`: what is shown again where something is wrong.
    pub fn new(
        frame: Frame,
        (windows, office): (&[Window], Office),
        today: NaiveDate,
        problem: Option<(SettingsProblem, Option<[String; 5]>)>,
        saved: bool,
    ) -> Self {
        let stands = |w: &Window| {
            if w.opens_on > today {
                "これから"
            } else if w.closes_on < today {
                "終わりました"
            } else {
                "受付中"
            }
        };
        let lines = windows.iter().rev().map(|w| Line {
            opens: words::date(w.opens_on),
            closes: words::date(w.closes_on),
            from: words::date(w.issue_from),
            stands: stands(w),
            days: [w.opens_on, w.closes_on, w.issue_from],
        });
        let (problem, typed) = problem.unzip();
        Self {
            frame: frame.of("受付期間と処理能力", Here::Office, &[]).with_sheets(super::SHEETS),
            windows: lines.collect(),
            is_open: arrival(windows, today).is_ok(),
            office,
            problem,
            saved,
            corrections: WindowPart::default(),
            typed: typed.flatten().unwrap_or_else(|| {
                let [opens, closes, from] = [const { String::new() }; 3];
                [opens, closes, from, office.daily_capacity.to_string(), office.delivered_after_days.to_string()]
            }),
        }
    }

    /// With the days within which a past day can be corrected.
    #[must_use]
    pub fn with_corrections(mut self, part: WindowPart) -> Self {
        self.corrections = part;
        self
    }

    fn is_about_corrections(&self) -> bool {
        self.problem == Some(SettingsProblem::CorrectionWindow)
    }

    fn is_about_window(&self) -> bool {
        matches!(self.problem, Some(SettingsProblem::Days | SettingsProblem::Order))
    }

    fn is_about_capacity(&self) -> bool {
        self.problem == Some(SettingsProblem::Capacity)
    }

    fn is_about_days(&self) -> bool {
        self.problem == Some(SettingsProblem::Delivered)
    }
}
