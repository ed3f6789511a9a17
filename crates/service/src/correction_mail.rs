//! Who is told of a request for a correction: the prefecture that it has come, the hospital what became of it. Reasons stay on the screen.

use crate::{Service, StoreError, chance};
use akidoko_domain::{
    id::MailId,
    organisation::OrganisationKind,
    report::{Correction, CorrectionState},
    survey::DAILY,
};
use akidoko_store::{NewMail, WriteTx};
use chrono::Datelike;

/// The kind of these mails.
pub(crate) const CORRECTION: &str = "correction";

impl Service {
    /// Puts the mails about a request as it stands now into the outbox, with the transaction that brings it there.
    pub(crate) async fn write_of_correction(&self, tx: &WriteTx, c: &Correction, hospital: &str) -> Result<(), StoreError> {
        let to: Vec<(String, String)> = match c.state {
            CorrectionState::Waiting => tx.mailboxes_of(c.prefecture, OrganisationKind::PrefectureHealth).await?,
            // Whoever withdraws knows it.
            CorrectionState::Withdrawn => Vec::new(),
            CorrectionState::Consented | CorrectionState::Declined => {
                let own = tx.query_addressees(c.prefecture, &[c.hospital]).await?;
                own.into_iter().filter_map(|to| Some((to.name, to.mailbox?))).collect()
            }
        };
        let state = match c.state {
            CorrectionState::Waiting => "waiting",
            CorrectionState::Consented => "consented",
            _ => "declined",
        };
        let by = c.decided.as_ref().map(|(_, by)| by.organisation.clone()).unwrap_or_default();
        let day = format!("{}月{}日", c.report_date.month(), c.report_date.day());
        let title = self.catalogue().on(&c.survey, c.report_date).filter(|s| s.code != DAILY).map(|s| s.title.clone());
        let day = title.map_or_else(|| day.clone(), |title| format!("{title}（{day}から）"));
        let mail = |(name, recipient): (String, String)| NewMail {
            id: MailId(chance::uuid(tx.now())),
            kind: CORRECTION,
            prefecture: Some(c.prefecture),
            application: None,
            account: None,
            recipient,
            facts: [
                ("name", name),
                ("hospital", hospital.to_owned()),
                ("day", day.clone()),
                ("state", state.to_owned()),
                ("by", by.clone()),
                ("path", format!("/corrections/{}", c.id)),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
            has_link: false,
            not_before: tx.now(),
            good_until: None,
        };
        let mails: Vec<NewMail> = to.into_iter().map(mail).collect();
        tx.add_mails(&mails, &self.post.domain).await
    }
}
