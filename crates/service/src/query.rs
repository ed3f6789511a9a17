//! 緊急調査: a prefecture asks chosen hospitals a few items by a time, sees who has answered, reminds, extends, closes. Hospitals see it at
//! once, and get a mail.

use crate::{Service, StoreError, chance};
use akidoko_domain::{
    access::{ActFor, Actor},
    audit::{Category, Entry},
    board::Card,
    id::{HospitalId, MailId, OrganisationCode, PrefCode, QueryId},
    organisation::OrganisationKind,
    query::{self, ITEMS_MAX, KIND, NOTE_MAX, QueryProblem, REMIND_AFTER, TITLE_MAX, as_survey, may_be_due},
    report::{Author, Channel, Known, Refusal, Submission, check, read_answers},
    survey::Item,
    text::{PatientHint, patient_hint},
    time::{jst_day, to_jst},
};
use akidoko_store::{NewMail, QueryAddressee, WriteTx};
pub use akidoko_store::{QueryAnswer, QueryRow};
use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The mail that asks.
pub const QUERY: &str = "query";
/// The fact of a mail that says where its query is answered.
const PATH: &str = "path";
/// So many queries are listed.
const LISTED: u32 = 100;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// No such query, as far as this actor can know.
    #[error("no such query")]
    NotFound,
    /// Not this actor's to do.
    #[error("not yours to do")]
    Forbidden,
    /// Somebody changed it meanwhile.
    #[error("changed meanwhile")]
    Stale,
    /// It is closed.
    #[error("closed")]
    Closed,
    /// The last reminder is too young.
    #[error("too soon")]
    TooSoon,
    /// What was typed cannot be asked.
    #[error("problems")]
    Problems(Vec<QueryProblem>),
    /// The answer is not taken.
    #[error("refused")]
    Refused(Refusal),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A query as it was typed and read.
#[derive(Debug, Clone)]
pub struct NewQuery {
    /// 件名
    pub title: String,
    /// Why it is asked.
    pub note: String,
    /// The questions.
    pub items: Vec<Item>,
    /// By when; `None`: it did not read.
    pub due_at: Option<DateTime<Utc>>,
    /// Whom it asks.
    pub hospitals: BTreeSet<OrganisationCode>,
    /// The name of the form that sends it: sent twice, it is asked once.
    pub once: String,
}

/// A query with those whom it asks.
pub struct Answered {
    /// The query.
    pub query: QueryRow,
    /// Each hospital's card and answer, by area and name.
    pub hospitals: Vec<(Card, QueryAnswer)>,
}

/// A hospital before a query.
pub struct Asking {
    /// The query.
    pub query: QueryRow,
    /// The hospital.
    pub card: Card,
    /// What it answered, if it did.
    pub answer: QueryAnswer,
}

fn writer(actor: &Actor) -> String {
    format!("{} {}", actor.organisation_name, actor.operator_name)
}

fn asker(actor: &Actor) -> Result<PrefCode, QueryError> {
    match (actor.kind, actor.prefecture) {
        (OrganisationKind::PrefectureHealth, Some(prefecture)) => Ok(prefecture),
        _ => Err(QueryError::Forbidden),
    }
}

impl Service {
    /// What is wrong with a query, all of it at once.
    pub fn query_problems(&self, new: &NewQuery) -> Vec<QueryProblem> {
        let mut problems = Vec::new();
        let (title, note) = (new.title.trim(), new.note.trim());
        let tests = [
            (title.is_empty() || title.chars().count() > TITLE_MAX || title.chars().any(char::is_control), QueryProblem::Title),
            (note.chars().count() > NOTE_MAX || note.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r')), QueryProblem::Note),
            (new.items.is_empty() || new.items.len() > ITEMS_MAX, QueryProblem::NoItems),
            (!new.due_at.is_some_and(|at| may_be_due(at, self.clock.now())), QueryProblem::Due),
            (new.hospitals.is_empty(), QueryProblem::Nobody),
            ([title, note].iter().any(|w| patient_hint(w).is_some_and(|h| h != PatientHint::PersonalPhone)), QueryProblem::Patient),
        ];
        problems.extend(tests.into_iter().filter(|(wrong, _)| *wrong).map(|(_, problem)| problem));
        problems
    }

    /// Asks. The mails leave at once.
    pub async fn ask(&self, actor: &Actor, new: NewQuery) -> Result<QueryId, QueryError> {
        let prefecture = asker(actor)?;
        let problems = self.query_problems(&new);
        let (Some(due_at), true) = (new.due_at, problems.is_empty()) else { return Err(QueryError::Problems(problems)) };
        let board = self.live.board(prefecture).ok_or(QueryError::NotFound)?;
        // What is not on the own board does not exist.
        let hospitals: Vec<HospitalId> = new.hospitals.iter().filter_map(|c| board.row(c)).map(|r| r.card.id).collect();
        if hospitals.len() < new.hospitals.len() {
            return Err(QueryError::NotFound);
        }
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([prefecture]), self.clock.now()).await?;
        tx.lock().await?;
        // Made of who sends and the form's name: nobody meets another's.
        let named = chance::token_hash(&format!("query {} {}", actor.account, new.once));
        let id = match uuid::Uuid::from_slice(&named[..16]) {
            Ok(id) if !new.once.is_empty() => QueryId(id),
            _ => QueryId(chance::uuid(tx.now())),
        };
        if tx.query(id).await?.is_some() {
            return Ok(id);
        }
        let row = QueryRow {
            id,
            prefecture,
            title: new.title.trim().to_owned(),
            note: new.note.trim().to_owned(),
            items: new.items,
            due_at,
            revision: 1,
            asked_at: tx.now(),
            asked_by: writer(actor),
            reminded_at: None,
            closed_at: None,
        };
        tx.put_query(&row).await?;
        tx.add_query_hospitals(row.id, prefecture, &hospitals).await?;
        let mails = self.write_to(&tx, &row, &hospitals, "").await?;
        let detail = json!({ "query": row.id, "title": row.title, "hospitals": hospitals.len(), "mails": mails, "due_at": row.due_at });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "query_ask", detail));
        tx.commit().await?;
        Ok(row.id)
    }

    /// Puts the mails of a query into the outbox; says how many.
    async fn write_to(&self, tx: &WriteTx, row: &QueryRow, hospitals: &[HospitalId], again: &str) -> Result<usize, StoreError> {
        let by = self.live.reference().prefectures.get(&row.prefecture).cloned().unwrap_or_default();
        let to = tx.query_addressees(row.prefecture, hospitals).await?;
        let mail = |to: QueryAddressee| {
            let facts = [
                ("name", to.name),
                ("by", by.clone()),
                ("subject", row.title.clone()),
                ("note", row.note.clone()),
                ("due", to_jst(row.due_at).format("%-m月%-d日 %H:%M").to_string()),
                ("again", again.to_owned()),
                (PATH, format!("/queries/{}/answers/{}", row.id, to.code)),
            ];
            Some(NewMail {
                id: MailId(chance::uuid(tx.now())),
                kind: QUERY,
                prefecture: Some(row.prefecture),
                application: None,
                account: None,
                recipient: to.mailbox?,
                facts: facts.map(|(name, value)| (name.to_owned(), value)).into(),
                has_link: false,
                not_before: tx.now(),
                good_until: None,
            })
        };
        let mails: Vec<NewMail> = to.into_iter().filter_map(mail).collect();
        tx.add_mails(&mails, &self.post.domain).await?;
        Ok(mails.len())
    }

    /// Where the mail of a query leads.
    pub(crate) fn query_link(&self, facts: &BTreeMap<String, String>) -> String {
        format!("{}{}", self.post.public_url, facts.get(PATH).map_or("", String::as_str))
    }

    /// The queries of the actor's prefecture: each with how many it asks and how many have answered.
    pub async fn queries(&self, actor: &Actor) -> Result<Vec<(QueryRow, usize, usize)>, QueryError> {
        let prefecture = asker(actor)?;
        let reader = self.store.read(&actor.scope).await?;
        let queries = reader.queries(prefecture, LISTED).await?;
        let ids: Vec<QueryId> = queries.iter().map(|q| q.id).collect();
        let mut counts: HashMap<QueryId, (usize, usize)> = HashMap::new();
        for a in reader.query_answers(&ids).await? {
            let count = counts.entry(a.query).or_default();
            count.0 += 1;
            count.1 += usize::from(a.answers.is_some());
        }
        let with = |q: QueryRow| {
            let (asked, answered) = counts.get(&q.id).copied().unwrap_or_default();
            (q, asked, answered)
        };
        Ok(queries.into_iter().map(with).collect())
    }

    /// One of them, with everybody's answers.
    pub async fn query(&self, actor: &Actor, id: QueryId) -> Result<Answered, QueryError> {
        let prefecture = asker(actor)?;
        let reader = self.store.read(&actor.scope).await?;
        let query = reader.query(id).await?.filter(|q| q.prefecture == prefecture).ok_or(QueryError::NotFound)?;
        let board = self.live.board(prefecture).ok_or(QueryError::NotFound)?;
        let answers = reader.query_answers(&[id]).await?;
        let mut hospitals: Vec<(Card, QueryAnswer)> =
            answers.into_iter().filter_map(|a| Some(((*board.rows.get(&a.hospital)?.card).clone(), a))).collect();
        hospitals.sort_by(|a, b| (&a.0.area_code, &a.0.kana, &a.0.code).cmp(&(&b.0.area_code, &b.0.kana, &b.0.code)));
        Ok(Answered { query, hospitals })
    }

    /// A query of the actor's prefecture as it stands under the lock, as the actor saw it, and open.
    async fn standing_query(&self, actor: &Actor, (id, revision): (QueryId, i32)) -> Result<(WriteTx, QueryRow), QueryError> {
        let prefecture = asker(actor)?;
        let tx = self.store.write_behind_wall(&BTreeSet::from([prefecture]), self.clock.now()).await?;
        let row = tx.query(id).await?.filter(|q| q.prefecture == prefecture).ok_or(QueryError::NotFound)?;
        if row.closed_at.is_some() {
            return Err(QueryError::Closed);
        }
        if row.revision != revision {
            return Err(QueryError::Stale);
        }
        Ok((tx, row))
    }

    async fn put_query(
        &self,
        mut tx: WriteTx,
        actor: &Actor,
        mut row: QueryRow,
        act: &'static str,
        detail: Json,
    ) -> Result<(), QueryError> {
        row.revision += 1;
        tx.put_query(&row).await?;
        tx.log(Entry::by(actor, tx.now(), Category::Admin, act, detail));
        tx.commit().await?;
        Ok(())
    }

    /// Writes once more to those who have not answered; says how many mails.
    pub async fn remind_query(&self, actor: &Actor, seen: (QueryId, i32)) -> Result<usize, QueryError> {
        let (tx, mut row) = self.standing_query(actor, seen).await?;
        if row.reminded_at.is_some_and(|at| tx.now() - at < REMIND_AFTER) {
            return Err(QueryError::TooSoon);
        }
        let waiting: Vec<HospitalId> =
            tx.query_hospitals(row.id).await?.into_iter().filter(|a| a.answers.is_none()).map(|a| a.hospital).collect();
        let mails = self.write_to(&tx, &row, &waiting, "1").await?;
        row.reminded_at = Some(tx.now());
        let detail = json!({ "query": row.id, "waiting": waiting.len(), "mails": mails });
        self.put_query(tx, actor, row, "query_remind", detail).await?;
        Ok(mails)
    }

    /// Gives more time.
    pub async fn extend_query(&self, actor: &Actor, seen: (QueryId, i32), due_at: Option<DateTime<Utc>>) -> Result<(), QueryError> {
        let (tx, mut row) = self.standing_query(actor, seen).await?;
        let later = due_at.filter(|at| may_be_due(*at, tx.now()) && *at > row.due_at);
        row.due_at = later.ok_or(QueryError::Problems(vec![QueryProblem::Due]))?;
        let detail = json!({ "query": row.id, "due_at": row.due_at });
        self.put_query(tx, actor, row, "query_extend", detail).await
    }

    /// Closes it: nobody answers any more.
    pub async fn close_query(&self, actor: &Actor, seen: (QueryId, i32)) -> Result<(), QueryError> {
        let (tx, mut row) = self.standing_query(actor, seen).await?;
        row.closed_at = Some(tx.now());
        let detail = json!({ "query": row.id });
        self.put_query(tx, actor, row, "query_close", detail).await
    }

    /// The open queries that wait for an answer of the actor's own hospitals.
    pub async fn calls(&self, actor: &Actor) -> Result<Vec<(QueryRow, Card)>, StoreError> {
        let ActFor::Hospitals(own) = &actor.scope.act_for else { return Ok(Vec::new()) };
        let ids: Vec<HospitalId> = own.iter().copied().collect();
        let reader = self.store.read(&actor.scope).await?;
        let waiting = reader.queries_waiting(&ids).await?;
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.rows_of(own);
        let card = |id: HospitalId| rows.iter().find(|r| r.card.id == id).map(|r| (*r.card).clone());
        Ok(waiting.into_iter().filter_map(|(query, hospital)| Some((query, card(hospital)?))).collect())
    }

    /// Opens a query for a hospital that the actor answers for. `None`: not there for this actor.
    pub async fn asking(&self, actor: &Actor, id: QueryId, code: &OrganisationCode) -> Result<Option<Asking>, StoreError> {
        let Some(row) = self.row_behind_wall(actor, code).await? else { return Ok(None) };
        let (_, may_report) = Self::rights(actor, &row.card);
        let reader = self.store.read(&actor.scope).await?;
        let Some(query) = reader.query(id).await?.filter(|_| may_report) else { return Ok(None) };
        let answer = reader.query_answers(&[id]).await?.into_iter().find(|a| a.hospital == row.card.id);
        Ok(answer.map(|answer| Asking { query, card: (*row.card).clone(), answer }))
    }

    /// Takes an answer; a later one takes its place, until the query is closed. `seen`: when the answer was given that stood on the screen, and
    /// what stands otherwise is not overwritten unread.
    pub async fn answer_query(
        &self,
        actor: &Actor,
        id: QueryId,
        code: &OrganisationCode,
        (raw, seen): (&BTreeMap<String, Json>, Option<DateTime<Utc>>),
        confirmed: BTreeSet<String>,
    ) -> Result<(), QueryError> {
        let asking = self.asking(actor, id, code).await?.ok_or(QueryError::NotFound)?;
        let card = asking.card;
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([card.prefecture]), self.clock.now()).await?;
        let query = tx.query(id).await?.ok_or(QueryError::NotFound)?;
        if query.closed_at.is_some() {
            return Err(QueryError::Closed);
        }
        tx.lock().await?;
        let stands = tx.query_hospitals(id).await?.into_iter().find(|a| a.hospital == card.id).ok_or(QueryError::NotFound)?;
        let survey = as_survey(&query.title, &query.items);
        let (answers, unreadable) = read_answers(&survey, KIND, raw);
        let today = jst_day(tx.now());
        let on_behalf = card.code != actor.organisation_code;
        let submission = Submission {
            report_date: today,
            kind: query::KIND,
            answers,
            unreadable,
            confirmed,
            reason: None,
            expected_version: None,
            channel: Channel::Screen,
            // Whoever answers a query for a hospital is named with the answer; why is not asked.
            on_behalf: false,
            typed_at: None,
            behalf: None,
            source: None,
            as_of: None,
        };
        let author = Author {
            organisation: actor.organisation_name.clone(),
            sign_in: actor.sign_in_name(),
            operator: actor.operator_name.clone(),
            channel: Channel::Screen,
            on_behalf,
            report_date: today,
            version: 0,
            received_at: tx.now(),
            behalf: None,
            source: None,
        };
        let checked = check(&survey, &Known::default(), &submission, author, tx.now()).map_err(QueryError::Refused)?;
        // Pressed twice it is one answer; another's is shown first.
        if stands.answers.as_ref() == Some(&checked.answers) && stands.answered_by.as_deref() == Some(&*writer(actor)) {
            return Ok(());
        }
        if stands.answered_at != seen {
            return Err(QueryError::Stale);
        }
        if !tx.answer_query(id, card.id, &checked.answers, &writer(actor)).await? {
            return Err(QueryError::NotFound);
        }
        // What is replaced stays in the log.
        let before = stands.answers.map(|answers| json!({ "answers": answers, "by": stands.answered_by, "at": stands.answered_at }));
        let detail = json!({ "query": id, "hospital": card.code, "on_behalf": on_behalf, "replaces": before });
        let mut entry = Entry::by(actor, tx.now(), Category::Report, "query_answer", detail);
        entry.prefecture = Some(card.prefecture);
        tx.log(entry);
        tx.commit().await?;
        Ok(())
    }
}
