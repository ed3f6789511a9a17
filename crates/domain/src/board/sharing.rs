//! What a prefecture shares of its board, and with whom: beside what the surveys themselves keep from a kind of organisation
//! （design.md: for each item whether it is shared, and with whom）.

use super::Column;
use crate::organisation::OrganisationKind;
use std::collections::{BTreeMap, BTreeSet};

/// From whom a prefecture keeps a column of its board. What is absent is shared with everyone who sees the board.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sharing(BTreeMap<Column, BTreeSet<OrganisationKind>>);

impl Sharing {
    /// From whom a column can be kept. The health department sets the rules and sees all of them; the ministry sees the nation.
    pub const KINDS: [OrganisationKind; 5] = [
        OrganisationKind::FireHeadquarters,
        OrganisationKind::Hospital,
        OrganisationKind::HealthCentre,
        OrganisationKind::HealthCity,
        OrganisationKind::PrefectureFire,
    ];

    /// Keeps a column from a kind. `false`: it cannot be kept from it, and nothing changed.
    pub fn hide(&mut self, column: Column, from: OrganisationKind) -> bool {
        let can = Self::KINDS.contains(&from);
        if can {
            self.0.entry(column).or_default().insert(from);
        }
        can
    }

    /// Is the column kept from this kind?
    pub fn hides(&self, column: Column, from: OrganisationKind) -> bool {
        self.0.get(&column).is_some_and(|kinds| kinds.contains(&from))
    }

    /// What is kept from a kind.
    pub fn hidden_from(&self, kind: OrganisationKind) -> BTreeSet<Column> {
        self.0.iter().filter(|(_, kinds)| kinds.contains(&kind)).map(|(column, _)| *column).collect()
    }

    /// Every column with a kind from which it is kept, in the order of the board.
    pub fn rules(&self) -> impl Iterator<Item = (Column, OrganisationKind)> {
        self.0.iter().flat_map(|(column, kinds)| kinds.iter().map(|kind| (*column, *kind)))
    }

    /// Everything is shared with everyone.
    pub fn is_open(&self) -> bool {
        self.0.is_empty()
    }
}

/// A prefecture that reports by another system（G-MIS 以外のシステム, the memo's last request）: where its fire headquarters look too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherSystem {
    /// What it is called.
    pub name: String,
    /// Its address, `https://…`.
    pub url: String,
}

impl OtherSystem {
    /// So long a name is at most.
    pub const NAME_MAX: usize = 60;
    /// So long an address is at most.
    pub const URL_MAX: usize = 300;

    /// Reads what was typed. `Ok(None)`: both are empty, there is no other system. `Err`: the field that cannot be kept, `name` or `url`.
    pub fn read(name: &str, url: &str) -> Result<Option<Self>, &'static str> {
        let (name, url) = (name.trim(), url.trim());
        if name.is_empty() && url.is_empty() {
            return Ok(None);
        }
        if name.is_empty() || name.chars().count() > Self::NAME_MAX || name.chars().any(char::is_control) {
            return Err("name");
        }
        // An address that a browser opens as a page and as nothing else.
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).map(|rest| rest.split(['/', '?', '#']).next());
        let plain = url.len() <= Self::URL_MAX && url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\'));
        match host.flatten() {
            Some(host) if plain && !host.is_empty() && !host.contains('@') => Ok(Some(Self { name: name.to_owned(), url: url.to_owned() })),
            _ => Err("url"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrganisationKind as Kind;

    #[test]
    fn what_is_kept_from_whom() {
        let mut sharing = Sharing::default();
        assert!(sharing.is_open() && sharing.hidden_from(Kind::FireHeadquarters).is_empty());
        assert!(sharing.hide(Column::AvailableBedsSevere, Kind::FireHeadquarters));
        assert!(sharing.hide(Column::AvailableBedsSevere, Kind::Hospital));
        assert!(sharing.hide(Column::BoardComment, Kind::Hospital));
        for kind in [Kind::PrefectureHealth, Kind::Ministry, Kind::Association] {
            assert!(!sharing.hide(Column::AvailableBeds, kind), "{kind:?}");
        }
        assert_eq!(sharing.hidden_from(Kind::FireHeadquarters), BTreeSet::from([Column::AvailableBedsSevere]));
        assert_eq!(sharing.hidden_from(Kind::Hospital), BTreeSet::from([Column::AvailableBedsSevere, Column::BoardComment]));
        assert!(sharing.hides(Column::BoardComment, Kind::Hospital) && !sharing.hides(Column::BoardComment, Kind::FireHeadquarters));
        assert_eq!(sharing.rules().count(), 3);
    }

    #[test]
    fn another_system() {
        let cases = [
            ("", "", Ok(None)),
            ("県の救急情報システム", "https://kyukyu.pref.example.jp/board?x=1", Ok(Some(()))),
            ("県の救急情報システム", "http://10.1.2.3:8080/", Ok(Some(()))),
            ("県の救急情報システム", "", Err("url")),
            ("", "https://kyukyu.pref.example.jp/", Err("name")),
            ("県のシステム", "javascript:alert(1)", Err("url")),
            ("県のシステム", "https://", Err("url")),
            ("県のシステム", "https://pref@evil.example/", Err("url")),
            ("県のシステム", "https://pref.example.jp/\"onclick=", Err("url")),
            ("県の\nシステム", "https://pref.example.jp/", Err("name")),
        ];
        for (name, url, expected) in cases {
            assert_eq!(OtherSystem::read(name, url).map(|o| o.map(|_| ())), expected, "{name} {url}");
        }
        assert_eq!(OtherSystem::read(&"あ".repeat(61), "https://pref.example.jp/"), Err("name"));
    }
}
