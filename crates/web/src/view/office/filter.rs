//! Which applications the office looks at, and in which order: the parameters of an address, so that each view can be sent.

use super::super::path;
use akidoko_domain::{
    application::{Road, State},
    id::PrefCode,
    text::fold_search,
};
use akidoko_service::application::ApplicationView;
use chrono::NaiveDate;
use std::{cmp::Ordering, fmt::Write as _};

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $words:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// All, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// In addresses.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// On the screen.
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)+ }
            }

            fn parse(s: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.as_str() == s)
            }
        }
    };
}

choices!(
    /// States that are looked at together.
    Group {
        /// What waits to be decided.
        Open = "open", "未処理";
        /// 個別相談
        Consulting = "consulting", "個別相談";
        /// The notice waits, left, arrived.
        Mailing = "mailing", "事前連絡中";
        /// 不達
        Bounced = "bounced", "不達";
        /// 差し戻し
        Returned = "returned", "差し戻し";
        /// 受付期間待ち
        Waiting = "waiting_window", "受付期間待ち";
        /// 発行済み, no password yet.
        Issued = "issued", "初回設定がまだ";
        /// 利用中
        Activated = "activated", "利用中";
        /// Still with the prefecture.
        Draft = "draft", "記入中";
        /// Ended or suspended.
        Over = "over", "終了・停止";
        /// Everything.
        All = "all", "すべて";
    }
);

impl Group {
    /// Does this state belong to it?
    pub fn has(self, state: State) -> bool {
        use State as S;
        match self {
            Self::Open => state.is_undecided(),
            Self::Consulting => state == S::Consulting,
            Self::Mailing => matches!(state, S::Approved | S::NoticeSent | S::Delivered),
            Self::Bounced => state == S::Bounced,
            Self::Returned => state == S::Returned,
            Self::Waiting => state == S::WaitingWindow,
            Self::Issued => state == S::Issued,
            Self::Activated => state == S::Activated,
            Self::Draft => matches!(state, S::Draft | S::Bundled),
            Self::Over => matches!(state, S::Rejected | S::Withdrawn | S::Suspended | S::Closed),
            Self::All => true,
        }
    }
}

choices!(
    /// The order of rows.
    Sort {
        /// As they were submitted: the queue.
        Queue = "queue", "提出・順番";
        /// 都道府県
        Prefecture = "prefecture", "都道府県";
        /// よみ
        Name = "name", "申請者";
        /// 状態
        State = "state", "状態";
    }
);

/// Who applies, in addresses.
pub(super) fn road_word(road: Road) -> &'static str {
    match road {
        Road::Bundle => "headquarters",
        Road::Hospital => "hospital",
        Road::Invitation => "officer",
    }
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeFilter {
    /// Which states.
    pub group: Group,
    /// 消防本部・医療機関・行政
    pub road: Option<Road>,
    /// Which prefecture.
    pub prefecture: Option<PrefCode>,
    /// The day from which its window issues.
    pub window: Option<NaiveDate>,
    /// Only what has something doubtful.
    pub doubtful: bool,
    /// Part of a name, a reading, a mail address or an ID.
    pub words: String,
    /// The order.
    pub sort: Sort,
    /// The other way round.
    pub descending: bool,
}

impl Default for OfficeFilter {
    fn default() -> Self {
        let (words, window) = (String::new(), None);
        Self { group: Group::Open, road: None, prefecture: None, window, doubtful: false, words, sort: Sort::Queue, descending: false }
    }
}

impl OfficeFilter {
    /// Reads the parameters of an address. What is not understood counts as not said: a view is not worth an error.
    pub fn parse<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in parameters {
            match name {
                "state" => filter.group = Group::parse(value).unwrap_or(Group::Open),
                "who" => filter.road = Road::ALL.into_iter().find(|r| road_word(*r) == value),
                "prefecture" => filter.prefecture = value.parse().ok(),
                "window" => filter.window = value.parse().ok(),
                "doubt" => filter.doubtful = value == "1",
                "q" => filter.words = value.trim().chars().take(60).collect(),
                "sort" => filter.sort = Sort::parse(value).unwrap_or(Sort::Queue),
                "order" => filter.descending = value == "desc",
                _ => {}
            }
        }
        filter
    }

    /// Its address, or with something else in place of a part.
    pub fn href(&self) -> String {
        let mut out = path::OFFICE.to_owned();
        let query = self.query();
        if !query.is_empty() {
            out.push('?');
            out.push_str(&query);
        }
        out
    }

    /// What stands behind the question mark.
    pub fn query(&self) -> String {
        let usual = Self::default();
        let mut out = String::new();
        let mut add = |name: &str, value: &str, said: bool| {
            if said {
                // Writing to a String cannot fail.
                let _ = write!(out, "{}{name}={}", if out.is_empty() { "" } else { "&" }, path::encode(value));
            }
        };
        add("state", self.group.as_str(), self.group != usual.group);
        add("who", self.road.map_or("", road_word), self.road.is_some());
        add("prefecture", &self.prefecture.map(|p| p.to_string()).unwrap_or_default(), self.prefecture.is_some());
        add("window", &self.window.map(|d| d.to_string()).unwrap_or_default(), self.window.is_some());
        add("doubt", "1", self.doubtful);
        add("q", &self.words, !self.words.is_empty());
        add("sort", self.sort.as_str(), self.sort != usual.sort);
        add("order", "desc", self.descending);
        out
    }

    /// Everything but the state fits.
    pub(super) fn fits_beside_state(&self, view: &ApplicationView, folded: &str) -> bool {
        let row = &view.row;
        let form = &row.form;
        let named = || {
            let code = row.code.as_ref().map(ToString::to_string).unwrap_or_default();
            [&form.name, &form.name_kana, &form.email, &code].into_iter().any(|text| fold_search(text).contains(folded))
        };
        self.prefecture.is_none_or(|p| row.prefecture == p)
            && self.road.is_none_or(|road| row.applicant.road() == road)
            && self.window.is_none_or(|day| row.issue_from == Some(day))
            && (!self.doubtful || !view.findings.is_empty())
            && (folded.is_empty() || named())
    }

    /// The words, as they are compared.
    pub(super) fn folded(&self) -> String {
        fold_search(&self.words)
    }

    pub(super) fn compare(&self, a: &ApplicationView, b: &ApplicationView) -> Ordering {
        // What was not submitted has no place in the queue and stands behind.
        let queue = || {
            (a.row.submitted_at.is_none(), a.row.submitted_at, a.row.id).cmp(&(b.row.submitted_at.is_none(), b.row.submitted_at, b.row.id))
        };
        let order = match self.sort {
            Sort::Queue => Ordering::Equal,
            Sort::Prefecture => a.row.prefecture.cmp(&b.row.prefecture),
            Sort::Name => a.row.form.name_kana.cmp(&b.row.form.name_kana),
            Sort::State => a.row.state.cmp(&b.row.state),
        };
        let order = order.then_with(queue);
        if self.descending { order.reverse() } else { order }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_view_is_an_address() {
        let said = [
            ("state", "bounced"),
            ("who", "hospital"),
            ("prefecture", "12"),
            ("doubt", "1"),
            ("q", " 青波 & "),
            ("sort", "name"),
            ("order", "desc"),
        ];
        let filter = OfficeFilter::parse(said);
        assert_eq!(filter.query(), "state=bounced&who=hospital&prefecture=12&doubt=1&q=%E9%9D%92%E6%B3%A2%20%26&sort=name&order=desc");
        assert_eq!(OfficeFilter::parse([]).href(), "/office");
        assert_eq!(OfficeFilter::parse([("state", "nonsense"), ("prefecture", "x"), ("who", "x")]), OfficeFilter::default());
    }

    #[test]
    fn every_state_is_in_one_group_beside_all() {
        for state in State::ALL {
            let groups = Group::ALL.iter().filter(|g| !matches!(g, Group::All | Group::Consulting) && g.has(*state)).count();
            assert_eq!(groups, 1, "{state:?}");
        }
    }
}
