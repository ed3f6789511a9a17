//! What of a prefecture is added up, and what is divided by what.

use crate::board::Column;

/// The columns of the board that are added up, in the order of tables and files.
pub const FIGURES: [Column; 11] = [
    Column::SecuredBeds,
    Column::SecuredBedsSevere,
    Column::ReadyBeds,
    Column::ReadyBedsSevere,
    Column::InpatientsTotal,
    Column::InpatientsInSecured,
    Column::InpatientsSevere,
    Column::AvailableBeds,
    Column::AvailableBedsSevere,
    Column::AvailableBedsModerate,
    Column::AvailableBedsMild,
];

/// A rate of beds. It may pass 100 %（domain.md §1.3: patients lie in beds that were never secured）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BedRate {
    /// 確保病床使用率: 入院患者 in secured beds by 確保病床（domain.md §1.3 S12）.
    Secured,
    /// 即応病床使用率: the same by 即応病床, which follow the phase.
    Ready,
    /// 重症者用の確保病床使用率
    SecuredSevere,
    /// 重症者用の即応病床使用率
    ReadySevere,
}

impl BedRate {
    /// All of them, in the order of tables and files.
    pub const ALL: [Self; 4] = [Self::Secured, Self::Ready, Self::SecuredSevere, Self::ReadySevere];

    /// The name in addresses, files and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Secured => "secured_rate",
            Self::Ready => "ready_rate",
            Self::SecuredSevere => "secured_rate_severe",
            Self::ReadySevere => "ready_rate_severe",
        }
    }

    /// What is counted: the first of these that a hospital answers. As on the board（`Row::occupancy_percent`）, where it is not known who lies in
    /// secured beds, all inpatients are taken.
    pub fn parts(self) -> &'static [Column] {
        match self {
            Self::Secured | Self::Ready => &[Column::InpatientsInSecured, Column::InpatientsTotal],
            Self::SecuredSevere | Self::ReadySevere => &[Column::InpatientsSevere],
        }
    }

    /// By what.
    pub fn whole(self) -> Column {
        match self {
            Self::Secured => Column::SecuredBeds,
            Self::Ready => Column::ReadyBeds,
            Self::SecuredSevere => Column::SecuredBedsSevere,
            Self::ReadySevere => Column::ReadyBedsSevere,
        }
    }
}

/// Something that a picture shows over time and that a threshold can watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// A sum, in beds or persons; one of [`FIGURES`].
    Figure(Column),
    /// A rate, in tenths of a percent.
    Rate(BedRate),
}

impl Measure {
    /// All of them: rates first, since they are what is looked at.
    pub fn all() -> impl Iterator<Item = Self> {
        BedRate::ALL.into_iter().map(Self::Rate).chain(FIGURES.into_iter().map(Self::Figure))
    }

    /// The name in addresses, files and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Figure(column) => column.as_str(),
            Self::Rate(rate) => rate.as_str(),
        }
    }

    /// Reads [`Self::as_str`] back.
    pub fn parse(s: &str) -> Option<Self> {
        Self::all().find(|m| m.as_str() == s)
    }

    /// Is it a share, which can be compared between prefectures?
    pub fn is_rate(self) -> bool {
        matches!(self, Self::Rate(_))
    }

    /// The columns of the board in it: who does not see one of them does not see the measure.
    pub fn columns(self) -> Vec<Column> {
        match self {
            Self::Figure(column) => vec![column],
            Self::Rate(rate) => rate.parts().iter().copied().chain([rate.whole()]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        assert_eq!(Measure::all().count(), 15);
        for measure in Measure::all() {
            assert_eq!(Measure::parse(measure.as_str()), Some(measure));
        }
        for wrong in ["", "board_comment", "emergency_status", "SECURED_RATE", "ventilators_usable"] {
            assert_eq!(Measure::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_rate_is_kept_with_its_parts() {
        let columns = Measure::Rate(BedRate::Secured).columns();
        assert_eq!(columns, [Column::InpatientsInSecured, Column::InpatientsTotal, Column::SecuredBeds]);
    }
}
