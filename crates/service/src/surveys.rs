//! The surveys in memory, with what prefectures want of them. One moment's state never changes; the next one takes its place, on every
//! node by the same event, so that a version may be published while reports come in.

use crate::{Service, StoreError};
use akidoko_domain::{
    board::{Column, OtherSystem, Sharing},
    id::{HospitalId, PrefCode},
    organisation::OrganisationKind,
    picture::Phases,
    survey::{Catalogue, Marks, Survey},
};
use akidoko_store::Store;
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, RwLock},
};

/// The surveys at one moment.
#[derive(Debug, Default)]
pub struct Standing {
    /// All of them in all versions.
    pub catalogue: Arc<Catalogue>,
    /// What prefectures require and hide.
    pub marks: BTreeMap<(PrefCode, String), Marks>,
    /// Whom prefectures named, by survey.
    pub named: BTreeMap<String, BTreeSet<HospitalId>>,
    /// What prefectures keep from whom beside it.
    pub sharing: BTreeMap<PrefCode, Sharing>,
    /// By which other system prefectures report.
    pub other_systems: BTreeMap<PrefCode, OtherSystem>,
    /// Their phases; those without are absent.
    pub phases: BTreeMap<PrefCode, Phases>,
    /// What a kind of organisation does not see, by prefecture; without one, what the surveys keep from it everywhere.
    hidden: BTreeMap<(Option<PrefCode>, OrganisationKind), Arc<BTreeSet<Column>>>,
}

impl Standing {
    /// What a prefecture wants of a survey.
    pub fn marks_of(&self, prefecture: PrefCode, survey: &str) -> Marks {
        self.marks.get(&(prefecture, survey.to_owned())).cloned().unwrap_or_default()
    }

    /// The columns that a kind of organisation does not see on the board of a prefecture.
    pub fn hidden_from(&self, kind: OrganisationKind, prefecture: Option<PrefCode>) -> Arc<BTreeSet<Column>> {
        let own = prefecture.and_then(|p| self.hidden.get(&(Some(p), kind)));
        own.or_else(|| self.hidden.get(&(None, kind))).cloned().unwrap_or_default()
    }

    async fn load(store: &Store) -> Result<Self, StoreError> {
        let catalogue = store.catalogue().await?;
        let (marks, named) = (store.survey_marks_unscoped().await?, store.survey_hospitals_unscoped().await?);
        let (sharing, other_systems) = (store.sharing_unscoped().await?, store.other_systems_unscoped().await?);
        let phases = store.phases_unscoped().await?;
        let mut hidden = BTreeMap::new();
        for kind in OrganisationKind::ALL {
            let items = catalogue.all().flat_map(Survey::items);
            let by_surveys: BTreeSet<Column> = items.filter(|i| i.hidden_from.contains(&kind)).filter_map(|i| i.column).collect();
            for (prefecture, rules) in &sharing {
                let all = rules.hidden_from(kind).union(&by_surveys).copied().collect();
                hidden.insert((Some(*prefecture), kind), Arc::new(all));
            }
            hidden.insert((None, kind), Arc::new(by_surveys));
        }
        Ok(Self { catalogue: Arc::new(catalogue), marks, named, sharing, other_systems, phases, hidden })
    }
}

/// Which items fill which columns, and from whom they are kept: what a board depends on. Versions come oldest first.
pub(crate) fn columns<'a>(
    surveys: impl IntoIterator<Item = &'a Survey>,
) -> BTreeMap<(&'a str, &'a str), (Column, &'a BTreeSet<OrganisationKind>)> {
    let all = surveys.into_iter().flat_map(|s| s.items().map(move |i| (s, i)));
    all.filter_map(|(s, i)| Some(((s.code.as_str(), i.id.as_str()), (i.column?, &i.hidden_from)))).collect()
}

/// A handle to the surveys. Cheap to clone; all clones see the same.
#[derive(Debug, Clone, Default)]
pub struct Surveys {
    now: Arc<RwLock<Arc<Standing>>>,
}

impl Surveys {
    /// Reads them for the first time.
    pub async fn load(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { now: Arc::new(RwLock::new(Arc::new(Standing::load(store).await?))) })
    }

    /// As they stand.
    pub fn standing(&self) -> Arc<Standing> {
        // A lock that is poisoned still holds a whole state: it is only ever replaced.
        self.now.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// All of them in all versions.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.standing().catalogue.clone()
    }

    /// Reads them anew. `true`: boards depend on what changed.
    pub async fn reload(&self, store: &Store) -> Result<bool, StoreError> {
        let fresh = Arc::new(Standing::load(store).await?);
        let before = self.standing();
        let moved = columns(before.catalogue.all()) != columns(fresh.catalogue.all());
        *self.now.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        Ok(moved)
    }
}

impl Service {
    /// A survey of a day as a prefecture demands it of its hospitals; see [`Marks::demanded`].
    pub fn survey_demanded(&self, code: &str, day: NaiveDate, prefecture: PrefCode) -> Option<Survey> {
        let standing = self.surveys.standing();
        let survey = standing.catalogue.on(code, day)?;
        Some(match standing.marks.get(&(prefecture, code.to_owned())) {
            Some(marks) => marks.demanded(survey),
            None => survey.clone(),
        })
    }

    /// The same as it stands on the screens of a prefecture; see [`Marks::shown`].
    pub fn survey_shown(&self, code: &str, day: NaiveDate, prefecture: PrefCode) -> Option<Survey> {
        let standing = self.surveys.standing();
        let survey = standing.catalogue.on(code, day)?;
        Some(match standing.marks.get(&(prefecture, code.to_owned())) {
            Some(marks) => marks.shown(survey),
            None => survey.clone(),
        })
    }

    /// Waits until this node goes by what was committed; other nodes follow within a second. Only the projector reads surveys anew, so
    /// that no board goes by an older one.
    pub(crate) async fn surveys_reach(&self, event_id: i64) {
        for _ in 0..400 {
            if self.live.shown() >= event_id {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}
