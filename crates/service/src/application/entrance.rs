//! The entrance of hospitals: a form that anybody may fill in, a mail that proves the address, and the press behind its link that lays the
//! application before its prefecture. Until then nothing stands but the mail; and nothing tells whether a hospital or an ID exists.

use super::{
    gather::{blank, said, step},
    worker::note,
};
use crate::{Service, StoreError, chance, sign_in::Browser};
use akidoko_domain::{
    application::{Action, Applicant, Column, Form, FormFinding, FormProblem, Road, Role, State, Weight, read_form},
    audit::{Category, Entry},
    event::EventKind,
    id::{ApplicationId, MailId, PrefCode},
};
use akidoko_store::{ApplicationRow, MailRow, NewMail, WriteTx};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::collections::BTreeMap;

/// アドレスの確認: its link leads to the press that applies.
pub const ASKED: &str = "apply";
/// 差し戻し: to the hospital, with a link to correct.
pub const RETURNED: &str = "apply_returned";
/// 見送り・却下: to the hospital.
pub const REJECTED: &str = "apply_rejected";

/// The link that proves an address is good for so long after it left.
const PROOF_LIFE: TimeDelta = TimeDelta::hours(72);
/// The link of an application that stands, for looking at it and correcting it.
const LINK_LIFE: TimeDelta = TimeDelta::days(30);
/// From one network so many are asked for, then none for a while.
const ASKED_MOST: i32 = 10;
const ASKED_WITHIN: TimeDelta = TimeDelta::minutes(15);
/// To one address so many go, whoever typed it.
const TO_ONE_ADDRESS: i64 = 3;
const TO_ONE_WITHIN: TimeDelta = TimeDelta::hours(1);

/// Why an application was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// What is written cannot be taken.
    #[error("findings")]
    Findings(Vec<FormFinding>),
    /// Too many from this network.
    #[error("refused for {minutes} minutes")]
    Blocked {
        /// For so long.
        minutes: i64,
    },
    /// Guessed, expired, replaced, or decided: nothing says which.
    #[error("no such link")]
    Gone,
    /// Somebody sent it first, from another window.
    #[error("changed meanwhile")]
    Stale,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What lies behind a link.
#[derive(Debug, Clone, PartialEq)]
pub enum HospitalLink {
    /// The address is proved: what was typed can be looked at once more, and laid before the prefecture.
    Proved(HospitalWish),
    /// It was sent back: it can be corrected, and laid before the prefecture again.
    Returned(HospitalWish),
    /// It is on its way.
    Standing {
        /// Where it stands.
        state: State,
        /// The hospital, as it was typed.
        name: String,
        /// Its prefecture.
        prefecture: PrefCode,
    },
}

/// What was typed, and is to be looked at before it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct HospitalWish {
    /// The prefecture.
    pub prefecture: PrefCode,
    /// What was typed.
    pub form: Form,
    /// What is wrong or doubtful with it.
    pub findings: Vec<FormFinding>,
    /// Why it was sent back.
    pub reason: Option<String>,
    /// What the writer saw.
    pub revision: i32,
}

/// What a link is found to be.
enum Found {
    Mail(Box<MailRow>, PrefCode, Box<Form>),
    Row(Box<ApplicationRow>),
}

fn typed_prefecture(raw: &BTreeMap<Column, String>) -> Option<PrefCode> {
    raw.get(&Column::Prefecture).and_then(|text| text.trim().parse().ok())
}

fn is_hard(finding: &FormFinding) -> bool {
    finding.problem.weight() != Weight::Soft
}

impl Service {
    /// Prefectures that somebody can apply to, whether anybody of them is here or not: nothing is told by it.
    pub fn prefectures_to_choose(&self) -> BTreeMap<PrefCode, String> {
        let mut all = self.live.reference().prefectures.clone();
        for (number, name) in (1..).zip(akidoko_domain::area::PREFECTURES) {
            if let Some(code) = PrefCode::new(number) {
                all.entry(code).or_insert_with(|| name.to_owned());
            }
        }
        all
    }

    /// Reads what was typed on a road whose prefecture is typed too. Everything that is wrong is told at once.
    pub(super) fn read_typed(&self, road: Road, raw: &BTreeMap<Column, String>) -> Result<(PrefCode, Form), Vec<FormFinding>> {
        let choices = self.prefectures_to_choose();
        let prefecture = typed_prefecture(raw).filter(|p| choices.contains_key(p));
        let reference = self.live.reference();
        let mut known = Self::known(&reference, prefecture.unwrap_or(PrefCode::new(1).expect("a code")));
        if let Some(name) = prefecture.and_then(|p| choices.get(&p)) {
            known.name = name;
        }
        let (form, findings) = read_form(raw, &known.context(road));
        let mut hard: Vec<FormFinding> = findings.into_iter().filter(is_hard).collect();
        match prefecture {
            Some(prefecture) if hard.is_empty() => return Ok((prefecture, form)),
            Some(_) => {}
            None => {
                hard.retain(|f| f.problem != FormProblem::OtherPrefectureCode && f.column != Column::Prefecture);
                hard.insert(0, FormFinding { column: Column::Prefecture, problem: FormProblem::Missing });
            }
        }
        Err(hard)
    }

    /// Somebody fills in the form. A mail goes to the address, and the answer is the same whatever stands already.
    pub async fn ask_to_apply(&self, raw: &BTreeMap<Column, String>, browser: Browser<'_>) -> Result<(), ApplyError> {
        let (prefecture, form) = self.read_typed(Road::Hospital, raw).map_err(ApplyError::Findings)?;
        let now = self.clock.now();
        let network = crate::sign_in::network(browser.address);
        let key = format!("apply {network}");
        // Whoever is refused holds nobody up.
        let blocked = |until: DateTime<Utc>| ApplyError::Blocked { minutes: ((until - now).num_seconds() + 59) / 60 };
        if let Some(until) = self.store.sign_in_failures_unscoped(&key).await?.blocked_until.filter(|until| *until > now) {
            return Err(blocked(until));
        }
        let before = self.store.mails_to_unscoped(ASKED, &form.email, now - TO_ONE_WITHIN).await?;
        let mut tx = self.store.write_system(now).await?;
        tx.lock().await?;
        let asked = tx.sign_in_failures(&key).await?;
        if let Some(until) = asked.blocked_until.filter(|until| *until > now) {
            return Err(blocked(until));
        }
        let count = if asked.last_at.is_none_or(|at| now - at > ASKED_WITHIN) { 1 } else { asked.failures + 1 };
        tx.put_sign_in_failures(&key, count, (count >= ASKED_MOST).then(|| now + ASKED_WITHIN)).await?;
        tx.forget_mails(ASKED, now - PROOF_LIFE - PROOF_LIFE).await?;
        if before < TO_ONE_ADDRESS {
            tx.add_mails(&[self.proof_mail(prefecture, &form)?], &self.post.domain).await?;
        }
        let mut entry = Entry::by_system(now, Category::Admin, "application asked", json!({ "network": network }));
        entry.prefecture = Some(prefecture);
        tx.log(entry);
        tx.commit().await?;
        Ok(())
    }

    /// The mail says nothing of what was typed: whoever typed it is not known, and may have given another's address.
    fn proof_mail(&self, prefecture: PrefCode, form: &Form) -> Result<NewMail, StoreError> {
        let now = self.clock.now();
        let written = serde_json::to_string(form).map_err(|e| StoreError::Configuration(e.to_string()))?;
        let name = self.prefectures_to_choose().remove(&prefecture).unwrap_or_default();
        let facts = [("form", written), ("prefecture", name), ("code", prefecture.to_string()), ("applicant", "hospital".to_owned())];
        Ok(NewMail {
            id: MailId(chance::uuid(now)),
            kind: ASKED,
            prefecture: Some(prefecture),
            application: None,
            account: None,
            recipient: form.email.clone(),
            facts: facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            has_link: true,
            not_before: now,
            good_until: None,
        })
    }

    async fn found(&self, token: &str) -> Result<Option<Found>, StoreError> {
        let now = self.clock.now();
        let hash = chance::token_hash(token);
        if let Some(row) = self.store.application_of_link_unscoped(&hash, now).await? {
            return Ok((row.applicant == Applicant::Hospital && !row.state.is_over()).then(|| Found::Row(Box::new(row))));
        }
        let Some(mail) = self.store.mail_of_link_unscoped(&hash).await? else { return Ok(None) };
        let good = mail.kind == ASKED
            && mail.application.is_none()
            && matches!(mail.state.as_str(), "waiting" | "sent")
            && now < mail.sent_at.unwrap_or(mail.created_at) + PROOF_LIFE;
        let prefecture = mail.facts.get("code").and_then(|c| c.parse().ok());
        let form = mail.facts.get("form").and_then(|f| serde_json::from_str(f).ok());
        Ok(prefecture.zip(form).filter(|_| good).map(|(prefecture, form)| Found::Mail(Box::new(mail), prefecture, Box::new(form))))
    }

    /// What a link shows. Opening it changes nothing: programs that look at mail open links too.
    pub async fn hospital_link(&self, token: &str) -> Result<Option<HospitalLink>, StoreError> {
        let reference = self.live.reference();
        let wish = |prefecture, form: Form, reason, revision| {
            let findings = Self::known(&reference, prefecture).findings(&form);
            HospitalWish { prefecture, form, findings, reason, revision }
        };
        Ok(self.found(token).await?.map(|found| match found {
            Found::Mail(_, prefecture, form) => HospitalLink::Proved(wish(prefecture, *form, None, 0)),
            Found::Row(row) if matches!(row.state, State::Draft | State::Returned) => {
                HospitalLink::Returned(wish(row.prefecture, row.form, row.reason, row.revision))
            }
            Found::Row(row) => HospitalLink::Standing { state: row.state, name: row.form.name, prefecture: row.prefecture },
        }))
    }

    /// 申請する: lays it before its prefecture, as it is written now. The address is the one that the link proved.
    pub async fn apply_by_link(&self, token: &str, revision: i32, raw: &BTreeMap<Column, String>) -> Result<(), ApplyError> {
        let mut tx = self.store.write_system(self.clock.now()).await?;
        // Two windows send one after the other; the second finds what the first left.
        tx.lock().await?;
        let found = self.found(token).await?.ok_or(ApplyError::Gone)?;
        let (prefecture, email, stands) = match &found {
            Found::Mail(_, prefecture, form) => (*prefecture, form.email.clone(), None),
            Found::Row(row) => (row.prefecture, row.form.email.clone(), Some(row)),
        };
        match stands {
            // Pressed twice: it lies there.
            Some(row) if !matches!(row.state, State::Draft | State::Returned) => return Ok(()),
            Some(row) if row.revision != revision => return Err(ApplyError::Stale),
            _ => {}
        }
        let mut raw = raw.clone();
        raw.insert(Column::Email, email.clone());
        raw.insert(Column::EmailAgain, email);
        raw.insert(Column::Prefecture, prefecture.to_string());
        let (_, form) = self.read_typed(Road::Hospital, &raw).map_err(ApplyError::Findings)?;
        let row = self.lay_before(&mut tx, prefecture, form, stands.map(|row| (**row).clone())).await?;
        if let Found::Mail(mail, ..) = &found {
            tx.mail_led_to(mail, row.id).await?;
        }
        tx.set_application_link(row.id, &chance::token_hash(token), tx.now() + LINK_LIFE).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn lay_before(
        &self,
        tx: &mut WriteTx,
        prefecture: PrefCode,
        form: Form,
        stands: Option<ApplicationRow>,
    ) -> Result<ApplicationRow, StoreError> {
        if tx.ensure_prefecture(prefecture, None).await? {
            tx.event(Some(prefecture), EventKind::Board);
        }
        let mut row = match stands {
            Some(row) => ApplicationRow { form, ..row },
            None => blank(ApplicationId(chance::uuid(tx.now())), prefecture, form, tx.now()),
        };
        let mut steps = Vec::new();
        if step(&mut row, Action::Apply, Role::Applicant, tx.now()).is_ok() {
            // Written anew, it is looked at anew: by its prefecture, then by the office.
            (row.hospital, row.reason, row.submitted_at, row.decided_at) = (None, None, None, None);
            steps.push(said(&row, Action::Apply, Role::Applicant, &row.form.name, None));
        }
        tx.put_applications(std::slice::from_ref(&row)).await?;
        tx.add_steps(&steps).await?;
        note(tx, Action::Apply, std::slice::from_ref(&row));
        Ok(row)
    }

    /// The hospital is told why it does not go on. Sent back by the office, the mail waits as long as that can be undone.
    pub(super) async fn tell_applicant(
        &self,
        tx: &WriteTx,
        row: &ApplicationRow,
        (action, role): (Action, Role),
    ) -> Result<(), StoreError> {
        let returned = action == Action::Return;
        let not_before: DateTime<Utc> = if role == Role::Office { tx.now() + self.post.undo } else { tx.now() };
        let mut mail = self.mail(row, if returned { RETURNED } else { REJECTED }, not_before);
        // The link is the application's, not the mail's: it goes on leading to where it stands.
        mail.has_link = false;
        mail.facts.insert("reason".to_owned(), row.reason.clone().unwrap_or_default());
        mail.facts.insert("by".to_owned(), if role == Role::Office { "厚生労働省".to_owned() } else { mail.facts["prefecture"].clone() });
        if returned {
            let hash = chance::token_hash(&self.store.mail_link(mail.id));
            tx.set_application_link(row.id, &hash, not_before + LINK_LIFE).await?;
        }
        tx.add_mails(&[mail], &self.post.domain).await
    }
}
