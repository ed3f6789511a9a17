//! The states of an application and the steps between them, as one machine: who may take a step from where, and where
//! it leads. Three roads differ in their entrance.

use crate::organisation::OrganisationKind;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// So long a decision can be undone; no mail leaves before（design.md「Accounts」）.
pub const UNDO: TimeDelta = TimeDelta::minutes(5);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)+ }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in code, addresses and the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Reads [`Self::as_str`] back.
            pub fn parse(s: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.as_str() == s)
            }
        }
    };
}
pub(super) use words;

words!(
    /// Where an application stands.
    State {
        /// 記入中
        Draft = "draft",
        /// 束に入れた
        Bundled = "bundled",
        /// 提出済み: the office decides.
        Submitted = "submitted",
        /// 受付期間待ち: arrived outside of every window.
        WaitingWindow = "waiting_window",
        /// 個別相談中: not a fire headquarters, with 「やむを得ない事情」.
        Consulting = "consulting",
        /// 差し戻し: the prefecture mends it and submits it again.
        Returned = "returned",
        /// 却下
        Rejected = "rejected",
        /// 承認済み: the notice waits until it can no longer be undone, and for the window's day.
        Approved = "approved",
        /// 事前連絡を送った
        NoticeSent = "notice_sent",
        /// 届いた: the notice's link was opened, or two working days passed without a bounce.
        Delivered = "delivered",
        /// 不達: the prefecture corrects the address.
        Bounced = "bounced",
        /// 発行済み: the ID exists, its link to set a password was mailed.
        Issued = "issued",
        /// 利用中: a password was set.
        Activated = "activated",
        /// 取り下げ
        Withdrawn = "withdrawn",
        /// 停止中
        Suspended = "suspended",
        /// 廃止
        Closed = "closed",
    }
);

impl State {
    /// The applicant has been decided upon with yes, so that an ID may come to exist or does.
    pub fn is_approved(self) -> bool {
        matches!(
            self,
            Self::Approved
                | Self::NoticeSent
                | Self::Delivered
                | Self::Bounced
                | Self::Issued
                | Self::Activated
                | Self::Suspended
                | Self::Closed
        )
    }

    /// An organisation with an ID stands behind it.
    pub fn has_id(self) -> bool {
        matches!(self, Self::Issued | Self::Activated | Self::Suspended | Self::Closed)
    }

    /// The office has it on its desk.
    pub fn is_undecided(self) -> bool {
        matches!(self, Self::Submitted | Self::Consulting)
    }

    /// It is over: the same headquarters may apply again.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Rejected | Self::Withdrawn | Self::Closed)
    }

    /// What is written in the form may be changed.
    pub fn is_editable(self) -> bool {
        matches!(self, Self::Draft | Self::Bundled | Self::Returned | Self::Bounced)
    }
}

words!(
    /// A step.
    Action {
        /// 記入・訂正
        Edit = "edit",
        /// 医療機関の申請: from now on it lies before its prefecture.
        Apply = "apply",
        /// 招待
        Invite = "invite",
        /// 束に入れる
        Bundle = "bundle",
        /// 束から出す
        Unbundle = "unbundle",
        /// 提出: the office is open. Of a hospital it is its prefecture's approval.
        Submit = "submit",
        /// 提出 outside of every window.
        SubmitEarly = "submit_early",
        /// 提出 of one that is no fire headquarters, with its reason.
        SubmitForConsultation = "submit_for_consultation",
        /// The next window opened.
        OpenWindow = "open_window",
        /// 個別相談の結論: 可
        Allow = "allow",
        /// 承認
        Approve = "approve",
        /// 差し戻し
        Return = "return",
        /// 却下
        Reject = "reject",
        /// Back to the desk, within [`UNDO`] of the decision.
        Undo = "undo",
        /// The same for one that was being consulted: back to the consultation, never past it.
        Reopen = "reopen",
        /// 取り下げ
        Withdraw = "withdraw",
        /// The notice left.
        SendNotice = "send_notice",
        /// The notice arrived.
        Deliver = "deliver",
        /// A mail came back.
        Bounce = "bounce",
        /// The address was corrected: the notice is sent anew, nothing is decided again.
        CorrectAddress = "correct_address",
        /// The ID comes to exist.
        Issue = "issue",
        /// Another link to set a password, the last one ends.
        Resend = "resend",
        /// The first password was set.
        Activate = "activate",
        /// 停止
        Suspend = "suspend",
        /// 停止の解除, of an ID that was in use.
        Resume = "resume",
        /// 廃止
        Close = "close",
        /// 引き継ぎを決める: from a day on another headquarters takes over（統合・広域化）.
        PlanHandOver = "plan_hand_over",
        /// 引き継ぎを取りやめる
        DropHandOver = "drop_hand_over",
        /// 引き継ぎ: the day has come, its operators go on under the other's ID.
        HandOver = "hand_over",
    }
);

words!(
    /// In which capacity somebody takes a step.
    Role {
        /// 都道府県 衛生主管部局
        Prefecture = "prefecture",
        /// 都道府県 消防防災主管部局: helps, cannot submit（memo §1: 「協力を受け」）.
        PrefectureFire = "prefecture_fire",
        /// 厚生労働省 医療班・事務局
        Office = "office",
        /// Whoever applies, by the link that it was given.
        Applicant = "applicant",
        /// The program: windows, mails, time.
        System = "system",
        /// Anybody else who is signed in.
        Other = "other",
    }
);

impl Role {
    /// The role of an organisation.
    pub fn of(kind: OrganisationKind) -> Self {
        match kind {
            OrganisationKind::PrefectureHealth => Self::Prefecture,
            OrganisationKind::PrefectureFire => Self::PrefectureFire,
            OrganisationKind::Ministry => Self::Office,
            _ => Self::Other,
        }
    }
}

/// Why a step is not taken. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// Not this one's step.
    #[error("not a step of this role")]
    NotYours,
    /// Not from here.
    #[error("not a step from this state")]
    NotFromHere,
}

/// Which way leads to an ID. What differs is the entrance; from the yes on it is one road.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Road {
    /// 消防本部: the prefecture gathers and submits a bundle, the office decides（memo §1）.
    #[default]
    Bundle,
    /// 医療機関: it applies itself, its prefecture approves, the office issues（domain.md §3.1）.
    Hospital,
    /// 都道府県などの担当者: the ministry invites.
    Invitation,
}

impl Road {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bundle, Self::Hospital, Self::Invitation];
}

/// May this role take this step at all, on any road?
pub fn may_take(role: Role, action: Action) -> bool {
    Road::ALL.into_iter().any(|road| may_take_on(road, role, action))
}

/// Is it this role's step on this road?
fn may_take_on(road: Road, role: Role, action: Action) -> bool {
    use {Action as A, Road as W};
    let hands_over = matches!(action, A::PlanHandOver | A::DropHandOver) && road == W::Bundle;
    // With the ID in use, whoever answers for it.
    let keeps = matches!(action, A::CorrectAddress | A::Resend | A::Suspend | A::Resume);
    match (role, road) {
        (Role::Prefecture, W::Bundle) => {
            let gathers =
                matches!(action, A::Edit | A::Bundle | A::Unbundle | A::Submit | A::SubmitEarly | A::SubmitForConsultation | A::Withdraw);
            gathers || keeps || hands_over
        }
        (Role::Prefecture, W::Hospital) => keeps || matches!(action, A::Submit | A::Return | A::Reject | A::Withdraw),
        (Role::PrefectureFire, W::Bundle) => action == A::Edit,
        (Role::Prefecture | Role::PrefectureFire | Role::Other, _) => false,
        (Role::Office, W::Invitation) => keeps || matches!(action, A::Invite | A::Undo | A::Close),
        (Role::Office, W::Bundle | W::Hospital) => {
            let consults = matches!(action, A::Allow | A::Reopen) && road == W::Bundle;
            let decides = matches!(action, A::Approve | A::Return | A::Reject | A::Undo | A::Close);
            decides || consults || hands_over || (keeps && action != A::CorrectAddress)
        }
        (Role::Applicant, _) => {
            let writes = match road {
                W::Bundle => action == A::Edit,
                W::Hospital => action == A::Apply,
                W::Invitation => false,
            };
            writes || matches!(action, A::Deliver | A::Resend | A::Activate)
        }
        (Role::System, _) => {
            let gathered = matches!(action, A::OpenWindow | A::HandOver) && road == W::Bundle;
            gathered || matches!(action, A::SendNotice | A::Deliver | A::Bounce | A::Issue | A::Suspend)
        }
    }
}

/// Where a step leads.
pub fn next(road: Road, state: State, action: Action, role: Role) -> Result<State, StepError> {
    if !may_take_on(road, role, action) {
        return Err(StepError::NotYours);
    }
    let entrance = match road {
        Road::Bundle => bundled(state, action, role),
        Road::Hospital => applied(state, action, role),
        Road::Invitation => invited(state, action),
    };
    entrance.or_else(|| onward(state, action, role)).ok_or(StepError::NotFromHere)
}

/// Until the yes, and with what only a headquarters does later.
fn bundled(state: State, action: Action, role: Role) -> Option<State> {
    use {Action as A, State as S};
    // Whoever applies, and who helps, writes only until it lies in a bundle.
    if action == A::Edit && role != Role::Prefecture && !matches!(state, S::Draft | S::Returned) {
        return None;
    }
    Some(match (state, action) {
        (S::Draft | S::Bundled | S::Returned, A::Edit) | (S::Issued | S::Activated, A::PlanHandOver | A::DropHandOver) => state,
        (S::Draft | S::Returned, A::Bundle) => S::Bundled,
        (S::Bundled, A::Unbundle) => S::Draft,
        (S::Bundled, A::SubmitEarly) => S::WaitingWindow,
        (S::Bundled, A::Submit) | (S::WaitingWindow, A::OpenWindow) | (S::Consulting, A::Allow) => S::Submitted,
        (S::Bundled, A::SubmitForConsultation) | (S::Returned | S::Rejected, A::Reopen) => S::Consulting,
        (S::Consulting, A::Return) => S::Returned,
        (S::Consulting, A::Reject) => S::Rejected,
        (S::Draft | S::Bundled | S::Submitted | S::WaitingWindow | S::Consulting | S::Returned, A::Withdraw) => S::Withdrawn,
        // Of one that is suspended nothing is handed over; the plan can be dropped.
        (S::Suspended, A::DropHandOver) => S::Suspended,
        (S::Issued | S::Activated, A::HandOver) => S::Closed,
        _ => return decided(state, action),
    })
}

/// A hospital's entrance. In `Draft` it lies with the hospital, in `Bundled` with its prefecture. What the prefecture sends back or does
/// not take never was before the office: so nothing that the office undoes leads past the prefecture.
fn applied(state: State, action: Action, role: Role) -> Option<State> {
    use {Action as A, State as S};
    Some(match (state, action) {
        (S::Draft | S::Returned, A::Apply) => S::Bundled,
        (S::Bundled, A::Submit) => S::Submitted,
        (S::Bundled, A::Return) if role == Role::Prefecture => S::Draft,
        (S::Bundled, A::Reject) if role == Role::Prefecture => S::Withdrawn,
        (_, A::Return | A::Reject) if role == Role::Prefecture => return None,
        (S::Draft | S::Submitted | S::Returned, A::Withdraw) => S::Withdrawn,
        _ => return decided(state, action),
    })
}

/// The ministry's yes is the entrance. What is undone is over, and is invited anew.
fn invited(state: State, action: Action) -> Option<State> {
    match (state, action) {
        (State::Draft, Action::Invite) => Some(State::Approved),
        (State::Approved, Action::Undo) => Some(State::Withdrawn),
        _ => None,
    }
}

/// On the office's desk.
fn decided(state: State, action: Action) -> Option<State> {
    use {Action as A, State as S};
    Some(match (state, action) {
        (S::Submitted, A::Approve) => S::Approved,
        (S::Submitted, A::Return) => S::Returned,
        (S::Submitted, A::Reject) => S::Rejected,
        (S::Approved | S::Returned | S::Rejected, A::Undo) => S::Submitted,
        _ => return None,
    })
}

/// From the yes on, the same for all.
fn onward(state: State, action: Action, role: Role) -> Option<State> {
    use {Action as A, State as S};
    Some(match (state, action) {
        (S::Bounced, A::CorrectAddress) => S::Approved,
        (S::Approved, A::SendNotice) => S::NoticeSent,
        (S::NoticeSent, A::Deliver) => S::Delivered,
        (S::NoticeSent | S::Delivered, A::Bounce) => S::Bounced,
        // Of one that is issued it is the link, not the ID: a mail that came back, or a link that expired, makes no second ID.
        (S::Delivered, A::Issue) | (S::Issued, A::Resend | A::Bounce | A::CorrectAddress) => S::Issued,
        (S::Issued, A::Activate) | (S::Suspended, A::Resume) => S::Activated,
        // By itself only what was in use and is not any more.
        (S::Issued, A::Suspend) if role == Role::System => return None,
        (S::Issued | S::Activated, A::Suspend) => S::Suspended,
        (S::Issued | S::Activated | S::Suspended, A::Close) => S::Closed,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
