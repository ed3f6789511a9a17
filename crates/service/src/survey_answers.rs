//! What hospitals answered to a survey in a period: for their prefecture each of them, for the ministry all prefectures.

use crate::{Service, StoreError};
use akidoko_domain::{
    access::{Action, Actor, may},
    board::Card,
    id::HospitalId,
    organisation::OrganisationKind,
    report::{ReportVersion, standing},
    survey::{Answers, DAILY, Period, Survey},
    time::{day_before, jst_day},
};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// So many earlier periods are offered.
const PERIODS: usize = 60;

/// What one hospital answered.
pub struct Given {
    /// The hospital.
    pub card: Card,
    /// What stands of it, with the newest version that says so; `None`: nothing.
    pub answer: Option<(Answers, ReportVersion)>,
}

/// A period of a survey, with what was answered.
pub struct SurveyAnswers {
    /// The survey, as the period asked it.
    pub survey: Survey,
    /// The period.
    pub period: Period,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// The first days of periods of which there are answers, and of this one; the newest first.
    pub periods: Vec<NaiveDate>,
    /// Who is asked or has answered, by prefecture, area and name.
    pub hospitals: Vec<Given>,
}

impl Service {
    /// What hospitals answered to a survey, as far as the actor sees it, in the period of a day; `None`: in the one that lasts. `None` as an answer:
    /// no such survey, or not this actor's to read.
    pub async fn survey_answers(&self, actor: &Actor, code: &str, day: Option<NaiveDate>) -> Result<Option<SurveyAnswers>, StoreError> {
        let reads =
            matches!(actor.kind, OrganisationKind::PrefectureHealth | OrganisationKind::Ministry) && may(actor.kind, Action::ReadHistory);
        let (today, standing_surveys) = (jst_day(self.clock.now()), self.surveys.standing());
        let day = day.filter(|d| *d <= today).unwrap_or(today);
        let survey = standing_surveys.catalogue.on(code, day).filter(|s| s.is_answered() && s.code != DAILY);
        let Some(survey) = survey.filter(|s| reads && s.who.kind == OrganisationKind::Hospital) else { return Ok(None) };
        let period = survey.period(day);
        let reader = self.store.read(&actor.scope).await?;
        let before = |first: &NaiveDate| Some(survey.period(day_before(*first)).first);
        let firsts: Vec<NaiveDate> = std::iter::successors(Some(survey.period(today).first), before).take(PERIODS).collect();
        let mut periods: BTreeSet<NaiveDate> = reader.reported_periods(code, &firsts).await?.into_iter().collect();
        periods.insert(period.first);
        let versions = self.as_seen(actor, reader.period_versions(None, code, period.first).await?);
        drop(reader);
        let mut by_hospital: BTreeMap<HospitalId, Vec<ReportVersion>> = BTreeMap::new();
        for version in versions {
            by_hospital.entry(version.hospital).or_default().push(version);
        }
        let named = standing_surveys.named.get(code);
        let boards = self
            .live
            .reference()
            .prefectures
            .keys()
            .filter(|p| actor.scope.sees(**p))
            .filter_map(|p| self.live.board(*p))
            .collect::<Vec<_>>();
        let mut hospitals = Vec::new();
        for row in boards.iter().flat_map(|b| b.rows.values()) {
            let answer = by_hospital.remove(&row.card.id).and_then(|mut all| {
                all.sort_by_key(|v| v.version);
                Some((standing(&all), all.pop()?))
            });
            if answer.is_some() || survey.who.asks(&row.card, named) {
                hospitals.push(Given { card: (*row.card).clone(), answer });
            }
        }
        hospitals.sort_by(|a, b| {
            let key = |g: &Given| (g.card.prefecture, g.card.area_code.clone(), g.card.kana.clone(), g.card.code.clone());
            key(a).cmp(&key(b))
        });
        Ok(Some(SurveyAnswers {
            survey: survey.clone(),
            due_at: self.due(survey, period.first),
            period,
            periods: periods.into_iter().rev().collect(),
            hospitals,
        }))
    }
}
