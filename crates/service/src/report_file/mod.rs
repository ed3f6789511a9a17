//! Reports as files: the template of a day, the check of what came back, and its taking, all of it or nothing. Between check and taking its
//! rows lie in the browser; what comes back is checked as if it came for the first time.

mod check;
mod checked;
mod finding;
mod loose;
mod roster;
mod take;

pub use checked::{CheckedFile, CheckedRow, FileNote, RowState};
pub use finding::{Place, RowFinding, RowProblem};
pub use loose::{LooseFile, LooseRow};
pub use take::FileTaken;

use crate::{Service, StoreError};
use akidoko_domain::{
    access::{ActFor, Action, Actor, may},
    board::Row,
    id::{HospitalId, OrganisationCode},
    report::{Behalf, Kind, ReportVersion},
    survey::{Answers, DAILY, Survey},
};
use akidoko_exchange::reports::{ReportFile, ReportFileError, TemplateRow, read};
use akidoko_store::ReportFileRow;
use chrono::NaiveDate;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// What whoever hands a file in decides beside it.
#[derive(Debug, Clone, Default)]
pub struct FileChoices {
    /// The day of rows that name none.
    pub day: NaiveDate,
    /// Soft findings that were confirmed, by row.
    pub confirmed: BTreeMap<u32, BTreeSet<String>>,
    /// What was confirmed of words that stand beside the figures: the reason, or why it is entered for others.
    pub beside: BTreeSet<String>,
    /// What is said of the whole file was confirmed.
    pub notes_confirmed: bool,
    /// Rows that change nothing are reports of the day too; else they are left out.
    pub take_unchanged: bool,
    /// Why past days are corrected.
    pub reason: Option<String>,
    /// Why it is entered for others.
    pub behalf: Option<Behalf>,
}

/// What is known of a hospital and day.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The figures as they are known.
    pub answers: Answers,
    /// The newest version of the day, 0 for none.
    pub version: u32,
    /// The day has a full report.
    pub is_reported: bool,
    /// The day of the last full report.
    pub day: Option<NaiveDate>,
}

impl Standing {
    /// From the versions since the last full day, in their order.
    fn of(versions: &[&ReportVersion], day: NaiveDate) -> Self {
        let mut standing = Self::default();
        for v in versions {
            if v.kind == Kind::Full {
                standing.day = Some(v.report_date);
            }
            if v.report_date == day {
                standing.version = standing.version.max(v.version);
                standing.is_reported |= v.kind == Kind::Full;
            }
        }
        standing.answers = akidoko_domain::report::standing(versions.iter().copied());
        standing.answers.retain(|_, value| value.is_some());
        standing
    }
}

/// A hospital on a sheet of paper or in a template, with what it reported last.
pub struct Prefilled {
    /// Its row on the board.
    pub row: Arc<Row>,
    /// What is known.
    pub standing: Standing,
}

impl Service {
    /// May this actor report by files and paper at all: for itself or for others?
    pub fn may_report_somehow(&self, actor: &Actor) -> bool {
        let acts = !matches!(&actor.scope.act_for, ActFor::Nobody);
        acts && (may(actor.kind, Action::Report) || may(actor.kind, Action::ReportOnBehalf))
    }

    /// The hospitals that the actor may report for, by reading.
    pub fn acted_rows(&self, actor: &Actor) -> Vec<Arc<Row>> {
        let mut rows = match &actor.scope.act_for {
            ActFor::Nobody => Vec::new(),
            ActFor::Hospitals(set) => self.rows_of(set),
            ActFor::Prefecture(p) => self.live.board(*p).map(|b| b.rows.values().cloned().collect()).unwrap_or_default(),
        };
        rows.retain(|r| Self::rights(actor, &r.card).1);
        rows.sort_by(|a, b| (&a.card.kana, &a.card.code).cmp(&(&b.card.kana, &b.card.code)));
        rows
    }

    /// What stands of some hospitals on a day, in one question.
    async fn what_stands(&self, actor: &Actor, ids: &[HospitalId], day: NaiveDate) -> Result<HashMap<HospitalId, Standing>, StoreError> {
        let versions = self.store.read(&actor.scope).await?.standing_versions(ids, DAILY, day).await?;
        let mut by_hospital: HashMap<HospitalId, Vec<&ReportVersion>> = HashMap::with_capacity(ids.len());
        for v in &versions {
            by_hospital.entry(v.hospital).or_default().push(v);
        }
        Ok(by_hospital.into_iter().map(|(id, versions)| (id, Standing::of(&versions, day))).collect())
    }

    /// The hospitals that the actor may report for with what they reported last, all or those of some IDs, and the survey of the day.
    pub async fn prefilled(
        &self,
        actor: &Actor,
        day: NaiveDate,
        only: Option<&BTreeSet<OrganisationCode>>,
    ) -> Result<Option<(Survey, Vec<Prefilled>)>, StoreError> {
        let Some(survey) = self.demanded_of(actor, day) else { return Ok(None) };
        let mut rows = self.acted_rows(actor);
        rows.retain(|r| only.is_none_or(|only| only.contains(&r.card.code)));
        let ids: Vec<HospitalId> = rows.iter().map(|r| r.card.id).collect();
        let mut standing = self.what_stands(actor, &ids, day).await?;
        let filled = rows.into_iter().map(|row| {
            let mut standing = standing.remove(&row.card.id).unwrap_or_default();
            standing.answers.retain(|id, _| survey.item(id).is_some());
            Prefilled { row, standing }
        });
        let filled = filled.collect();
        Ok(Some((survey, filled)))
    }

    /// The daily survey of a day with what the actor's prefecture requires.
    pub(crate) fn demanded_of(&self, actor: &Actor, day: NaiveDate) -> Option<Survey> {
        actor.prefecture.and_then(|p| self.survey_demanded(DAILY, day, p))
    }

    /// The rows of a template.
    pub fn template_rows(prefilled: &[Prefilled]) -> Vec<TemplateRow> {
        let row = |p: &Prefilled| TemplateRow {
            code: p.row.card.code.to_string(),
            name: p.row.card.name.clone(),
            answers: p.standing.answers.clone(),
        };
        prefilled.iter().map(row).collect()
    }

    /// Reads a file. It takes its time: not for a thread that others wait for.
    pub fn read_report_file(&self, name: &str, bytes: &[u8], day: NaiveDate) -> Result<ReportFile, ReportFileError> {
        let catalogue = self.catalogue();
        let survey = catalogue.on(DAILY, day).ok_or(ReportFileError::NoHeader)?;
        read(name, bytes, survey)
    }

    /// The last files of the actor's organisation.
    pub async fn report_files(&self, actor: &Actor) -> Result<Vec<ReportFileRow>, StoreError> {
        self.store.read(&actor.scope).await?.report_files(actor.organisation, 50).await
    }

    /// One of them.
    pub async fn report_file(&self, actor: &Actor, number: u32) -> Result<Option<ReportFileRow>, StoreError> {
        self.store.read(&actor.scope).await?.report_file(actor.organisation, number).await
    }
}
