//! What is asked of whom now, and how it stands: for those who answer, and for a prefecture that looks after its hospitals.

use crate::{Service, StoreError};
use akidoko_domain::{
    access::{ActFor, Actor},
    board::Card,
    id::{HospitalId, PrefCode},
    organisation::OrganisationKind,
    report::{Kind, ReportVersion},
    survey::{DAILY, Period, Survey},
    time::jst_day,
};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// A survey that is asked of somebody now.
pub struct Asked {
    /// The survey.
    pub survey: Survey,
    /// The period that lasts.
    pub period: Period,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// The newest answer of this period.
    pub answered: Option<ReportVersion>,
}

/// What is asked of one hospital or prefecture.
pub struct Duties {
    /// Whom.
    pub card: Card,
    /// The surveys beside the daily report, the soonest due first.
    pub asked: Vec<Asked>,
}

/// How far a prefecture's hospitals are with a survey.
pub struct Progress {
    /// The survey.
    pub survey: Survey,
    /// The period that lasts.
    pub period: Period,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// So many are asked.
    pub asked: usize,
    /// So many of them have answered.
    pub answered: usize,
}

/// Who is asked, and who has answered.
pub struct Respondents {
    /// The survey.
    pub survey: Survey,
    /// The period that lasts.
    pub period: Period,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// Each hospital, and whether it has answered.
    pub hospitals: Vec<(Card, bool)>,
}

impl Service {
    /// The surveys that the system asks of somebody today, beside the daily report.
    fn asked_surveys(&self, prefecture: PrefCode, kind: OrganisationKind) -> Vec<Survey> {
        let (standing, today) = (self.surveys.standing(), jst_day(self.clock.now()));
        let newest = standing.catalogue.newest().filter(|s| s.is_answered() && s.code != DAILY).map(|s| s.code.clone());
        // A period is answered in the version that its first day had, as its screen opens it.
        let shown = newest.filter_map(|code| {
            let survey = self.survey_shown(&code, today, prefecture)?;
            self.survey_shown(&code, survey.period(today).first, prefecture)
        });
        // One that begins later is not asked yet.
        shown.filter(|s| s.who.kind == kind && s.last_day(s.period(today).first) >= s.valid_from).collect()
    }

    /// What is asked of the actor's own: a hospital, an association's members, or a prefecture.
    pub async fn duties(&self, actor: &Actor) -> Result<Vec<Duties>, StoreError> {
        let today = jst_day(self.clock.now());
        let standing = self.surveys.standing();
        let mut duties = Vec::new();
        if let (OrganisationKind::PrefectureHealth, Some(prefecture)) = (actor.kind, actor.prefecture) {
            let reader = self.store.read(&actor.scope).await?;
            let mut asked = Vec::new();
            for survey in self.asked_surveys(prefecture, OrganisationKind::PrefectureHealth) {
                let period = survey.period(today);
                let answered = reader.prefecture_versions(prefecture, &survey.code, period.first..=period.first, 1).await?;
                asked.push(Asked { due_at: self.due(&survey, period.first), survey, period, answered: answered.into_iter().next() });
            }
            duties.push(Duties { card: self.card_of_prefecture(&actor.organisation_code, prefecture), asked });
        }
        let ActFor::Hospitals(own) = &actor.scope.act_for else { return Ok(sorted(duties)) };
        for row in self.rows_of(own) {
            let reader = self.store.read(&actor.scope).await?;
            let mut asked = Vec::new();
            for survey in self.asked_surveys(row.card.prefecture, OrganisationKind::Hospital) {
                if !survey.who.asks(&row.card, standing.named.get(&survey.code)) {
                    continue;
                }
                let period = survey.period(today);
                let versions = reader.report_versions(row.card.id, &survey.code, period.first..=period.first, 20).await?;
                let answered = versions.into_iter().find(|v| v.kind == Kind::Full);
                asked.push(Asked { due_at: self.due(&survey, period.first), survey, period, answered });
            }
            duties.push(Duties { card: (*row.card).clone(), asked });
        }
        Ok(sorted(duties))
    }

    /// How far the hospitals of the actor's prefecture are with each survey.
    pub async fn progress(&self, actor: &Actor, prefecture: PrefCode) -> Result<Vec<Progress>, StoreError> {
        let (today, standing) = (jst_day(self.clock.now()), self.surveys.standing());
        let Some(board) = self.live.board(prefecture).filter(|_| actor.scope.sees(prefecture)) else { return Ok(Vec::new()) };
        let reader = self.store.read(&actor.scope).await?;
        let mut progress = Vec::new();
        for survey in self.asked_surveys(prefecture, OrganisationKind::Hospital) {
            let period = survey.period(today);
            let asks = |id: &HospitalId| board.rows.get(id).is_some_and(|r| survey.who.asks(&r.card, standing.named.get(&survey.code)));
            let asked: BTreeSet<HospitalId> = board.rows.keys().copied().filter(asks).collect();
            let answered = reader.answered(&survey.code, period.first).await?.intersection(&asked).count();
            progress.push(Progress { due_at: self.due(&survey, period.first), period, asked: asked.len(), answered, survey });
        }
        Ok(progress)
    }

    /// Which hospitals of the actor's prefecture are asked in the period that lasts, and which have answered. `None`: no such survey.
    pub async fn respondents(&self, actor: &Actor, code: &str) -> Result<Option<Respondents>, StoreError> {
        let (today, standing) = (jst_day(self.clock.now()), self.surveys.standing());
        let Some(prefecture) = actor.prefecture.filter(|p| actor.kind == OrganisationKind::PrefectureHealth && actor.scope.sees(*p)) else {
            return Ok(None);
        };
        let Some(survey) = self.asked_surveys(prefecture, OrganisationKind::Hospital).into_iter().find(|s| s.code == code) else {
            return Ok(None);
        };
        let Some(board) = self.live.board(prefecture) else { return Ok(None) };
        let period = survey.period(today);
        let answered = self.store.read(&actor.scope).await?.answered(code, period.first).await?;
        let named = standing.named.get(code);
        let asked = board.rows.values().filter(|r| survey.who.asks(&r.card, named));
        let mut hospitals: Vec<(Card, bool)> = asked.map(|r| ((*r.card).clone(), answered.contains(&r.card.id))).collect();
        // Who has not answered stands first.
        hospitals.sort_by(|a, b| (a.1, &a.0.area_code, &a.0.kana, &a.0.code).cmp(&(b.1, &b.0.area_code, &b.0.kana, &b.0.code)));
        Ok(Some(Respondents { due_at: self.due(&survey, period.first), survey, period, hospitals }))
    }
}

fn sorted(mut duties: Vec<Duties>) -> Vec<Duties> {
    for d in &mut duties {
        d.asked.sort_by_key(|a| (a.answered.is_some(), a.due_at.is_none(), a.due_at, a.survey.code.clone()));
    }
    duties
}
