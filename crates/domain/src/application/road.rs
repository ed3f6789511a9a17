//! The states of an application and the steps between them, as one table: who may take a step from where, and where it leads.

use crate::organisation::OrganisationKind;
use chrono::TimeDelta;

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
        /// 束に入れる
        Bundle = "bundle",
        /// 束から出す
        Unbundle = "unbundle",
        /// 提出: the office is open.
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

/// May this role take this step at all?
pub fn may_take(role: Role, action: Action) -> bool {
    use Action as A;
    match role {
        Role::Prefecture => matches!(
            action,
            A::Edit
                | A::Bundle
                | A::Unbundle
                | A::Submit
                | A::SubmitEarly
                | A::SubmitForConsultation
                | A::Withdraw
                | A::CorrectAddress
                | A::Resend
                | A::Suspend
                | A::Resume
                | A::PlanHandOver
                | A::DropHandOver
        ),
        Role::PrefectureFire => action == A::Edit,
        Role::Office => {
            matches!(
                action,
                A::Allow
                    | A::Approve
                    | A::Return
                    | A::Reject
                    | A::Undo
                    | A::Reopen
                    | A::Resend
                    | A::Suspend
                    | A::Resume
                    | A::Close
                    | A::PlanHandOver
                    | A::DropHandOver
            )
        }
        Role::Applicant => matches!(action, A::Edit | A::Deliver | A::Resend | A::Activate),
        Role::System => matches!(action, A::OpenWindow | A::SendNotice | A::Deliver | A::Bounce | A::Issue | A::HandOver | A::Suspend),
        Role::Other => false,
    }
}

/// Where a step leads.
pub fn next(state: State, action: Action, role: Role) -> Result<State, StepError> {
    use {Action as A, State as S};
    if !may_take(role, action) {
        return Err(StepError::NotYours);
    }
    // Whoever applies, and who helps, writes only until it lies in a bundle.
    if action == A::Edit && role != Role::Prefecture && !matches!(state, S::Draft | S::Returned) {
        return Err(StepError::NotFromHere);
    }
    Ok(match (state, action) {
        (S::Draft | S::Bundled | S::Returned, A::Edit) => state,
        (S::Draft | S::Returned, A::Bundle) => S::Bundled,
        (S::Bundled, A::Unbundle) => S::Draft,
        (S::Bundled, A::Submit)
        | (S::WaitingWindow, A::OpenWindow)
        | (S::Consulting, A::Allow)
        | (S::Approved | S::Returned | S::Rejected, A::Undo) => S::Submitted,
        (S::Bundled, A::SubmitEarly) => S::WaitingWindow,
        (S::Bundled, A::SubmitForConsultation) | (S::Returned | S::Rejected, A::Reopen) => S::Consulting,
        (S::Submitted, A::Approve) | (S::Bounced, A::CorrectAddress) => S::Approved,
        (S::Submitted | S::Consulting, A::Return) => S::Returned,
        (S::Submitted | S::Consulting, A::Reject) => S::Rejected,
        (S::Draft | S::Bundled | S::Submitted | S::WaitingWindow | S::Consulting | S::Returned, A::Withdraw) => S::Withdrawn,
        (S::Approved, A::SendNotice) => S::NoticeSent,
        (S::NoticeSent, A::Deliver) => S::Delivered,
        (S::NoticeSent | S::Delivered, A::Bounce) => S::Bounced,
        // Of one that is issued it is the link, not the ID: a mail that came back, or a link that expired, makes no second ID.
        (S::Delivered, A::Issue) | (S::Issued, A::Resend | A::Bounce | A::CorrectAddress | A::PlanHandOver | A::DropHandOver) => S::Issued,
        (S::Activated, A::PlanHandOver | A::DropHandOver) => S::Activated,
        // Of one that is suspended nothing is handed over; the plan can be dropped.
        (S::Suspended, A::DropHandOver) => S::Suspended,
        (S::Issued, A::Activate) | (S::Suspended, A::Resume) => S::Activated,
        // By itself only what was in use and is not any more.
        (S::Issued, A::Suspend) if role == Role::System => return Err(StepError::NotFromHere),
        (S::Issued | S::Activated, A::Suspend) => S::Suspended,
        (S::Issued | S::Activated | S::Suspended, A::Close) | (S::Issued | S::Activated, A::HandOver) => S::Closed,
        _ => return Err(StepError::NotFromHere),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Every step that leads anywhere: from, step, by whom, to. What is not in this list is refused.
    fn steps() -> BTreeSet<(State, Action, Role, State)> {
        use {Action as A, Role as R, State as S};
        let mut all = BTreeSet::new();
        let mut add = |from: &[State], action: Action, roles: &[Role], to: Option<State>| {
            for f in from {
                all.extend(roles.iter().map(|r| (*f, action, *r, to.unwrap_or(*f))));
            }
        };
        add(&[S::Draft, S::Returned], A::Edit, &[R::Prefecture, R::PrefectureFire, R::Applicant], None);
        add(&[S::Bundled], A::Edit, &[R::Prefecture], None);
        add(&[S::Draft, S::Returned], A::Bundle, &[R::Prefecture], Some(S::Bundled));
        add(&[S::Bundled], A::Unbundle, &[R::Prefecture], Some(S::Draft));
        add(&[S::Bundled], A::Submit, &[R::Prefecture], Some(S::Submitted));
        add(&[S::Bundled], A::SubmitEarly, &[R::Prefecture], Some(S::WaitingWindow));
        add(&[S::Bundled], A::SubmitForConsultation, &[R::Prefecture], Some(S::Consulting));
        add(&[S::WaitingWindow], A::OpenWindow, &[R::System], Some(S::Submitted));
        add(&[S::Consulting], A::Allow, &[R::Office], Some(S::Submitted));
        add(&[S::Submitted], A::Approve, &[R::Office], Some(S::Approved));
        add(&[S::Submitted, S::Consulting], A::Return, &[R::Office], Some(S::Returned));
        add(&[S::Submitted, S::Consulting], A::Reject, &[R::Office], Some(S::Rejected));
        add(&[S::Approved, S::Returned, S::Rejected], A::Undo, &[R::Office], Some(S::Submitted));
        add(&[S::Returned, S::Rejected], A::Reopen, &[R::Office], Some(S::Consulting));
        let undecided = [S::Draft, S::Bundled, S::Submitted, S::WaitingWindow, S::Consulting, S::Returned];
        add(&undecided, A::Withdraw, &[R::Prefecture], Some(S::Withdrawn));
        add(&[S::Approved], A::SendNotice, &[R::System], Some(S::NoticeSent));
        add(&[S::NoticeSent], A::Deliver, &[R::System, R::Applicant], Some(S::Delivered));
        add(&[S::NoticeSent, S::Delivered], A::Bounce, &[R::System], Some(S::Bounced));
        add(&[S::Issued], A::Bounce, &[R::System], None);
        add(&[S::Bounced], A::CorrectAddress, &[R::Prefecture], Some(S::Approved));
        add(&[S::Delivered], A::Issue, &[R::System], Some(S::Issued));
        add(&[S::Issued], A::Resend, &[R::Prefecture, R::Office, R::Applicant], None);
        add(&[S::Issued], A::Activate, &[R::Applicant], Some(S::Activated));
        add(&[S::Issued, S::Activated], A::Suspend, &[R::Prefecture, R::Office], Some(S::Suspended));
        add(&[S::Activated], A::Suspend, &[R::System], Some(S::Suspended));
        add(&[S::Suspended], A::Resume, &[R::Prefecture, R::Office], Some(S::Activated));
        add(&[S::Issued, S::Activated, S::Suspended], A::Close, &[R::Office], Some(S::Closed));
        add(&[S::Issued], A::CorrectAddress, &[R::Prefecture], None);
        add(&[S::Issued, S::Activated], A::PlanHandOver, &[R::Prefecture, R::Office], None);
        add(&[S::Issued, S::Activated, S::Suspended], A::DropHandOver, &[R::Prefecture, R::Office], None);
        add(&[S::Issued, S::Activated], A::HandOver, &[R::System], Some(S::Closed));
        all
    }

    #[test]
    fn every_step_from_every_state_by_every_role() {
        let expected = steps();
        for state in State::ALL.iter().copied() {
            for action in Action::ALL.iter().copied() {
                for role in Role::ALL.iter().copied() {
                    let to: Vec<State> =
                        expected.iter().filter(|(f, a, r, _)| (*f, *a, *r) == (state, action, role)).map(|(.., to)| *to).collect();
                    assert_eq!(next(state, action, role).ok(), to.first().copied(), "{state:?} {action:?} {role:?}");
                    assert_eq!(State::parse(state.as_str()), Some(state));
                    assert_eq!(Action::parse(action.as_str()), Some(action));
                }
            }
        }
    }

    proptest! {
        /// However the steps are ordered, and whoever takes them: an ID comes to exist at most once, and never without a yes that
        /// stands.
        #[test]
        fn one_id_and_only_with_a_yes(steps in proptest::collection::vec((0..Action::ALL.len(), 0..Role::ALL.len()), 0..200)) {
            let (mut state, mut ids, mut yes) = (State::Draft, 0, false);
            for (action, role) in steps {
                let (action, role) = (Action::ALL[action], Role::ALL[role]);
                let Ok(to) = next(state, action, role) else { continue };
                match action {
                    Action::Approve => { prop_assert_eq!(role, Role::Office); yes = true; }
                    Action::Undo | Action::Return | Action::Reject | Action::Reopen => yes = false,
                    Action::Issue => { prop_assert!(yes); ids += 1; }
                    _ => {}
                }
                prop_assert!(ids <= 1);
                prop_assert_eq!(to.has_id(), ids == 1);
                prop_assert!(!to.is_approved() || yes);
                state = to;
            }
        }
    }
}
