//! Every step of every road, and what no order of steps can bring about.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

type Steps = BTreeSet<(State, Action, Role, State)>;

/// Adds steps: from, step, by whom, to; `None` stays where it is.
fn add(all: &mut Steps, from: &[State], action: Action, roles: &[Role], to: Option<State>) {
    for f in from {
        all.extend(roles.iter().map(|r| (*f, action, *r, to.unwrap_or(*f))));
    }
}

/// Every step that leads anywhere on a road. What is not in this list is refused.
fn steps(road: Road) -> Steps {
    use {Action as A, Role as R, State as S};
    let mut all = match road {
        Road::Bundle => gathered(),
        Road::Hospital => applied(),
        Road::Invitation => {
            let mut all = Steps::new();
            add(&mut all, &[S::Draft], A::Invite, &[R::Office], Some(S::Approved));
            add(&mut all, &[S::Approved], A::Undo, &[R::Office], Some(S::Withdrawn));
            all
        }
    };
    // Who answers for it once it has been decided with yes.
    let (keepers, corrects): (&[Role], Role) = match road {
        Road::Invitation => (&[R::Office], R::Office),
        _ => (&[R::Prefecture, R::Office], R::Prefecture),
    };
    let asks: Vec<Role> = keepers.iter().copied().chain([R::Applicant]).collect();
    let mut add = |from: &[State], action, roles: &[Role], to| add(&mut all, from, action, roles, to);
    add(&[S::Approved], A::SendNotice, &[R::System], Some(S::NoticeSent));
    add(&[S::NoticeSent], A::Deliver, &[R::System, R::Applicant], Some(S::Delivered));
    add(&[S::NoticeSent, S::Delivered], A::Bounce, &[R::System], Some(S::Bounced));
    add(&[S::Issued], A::Bounce, &[R::System], None);
    add(&[S::Bounced], A::CorrectAddress, &[corrects], Some(S::Approved));
    add(&[S::Issued], A::CorrectAddress, &[corrects], None);
    add(&[S::Delivered], A::Issue, &[R::System], Some(S::Issued));
    add(&[S::Issued], A::Resend, &asks, None);
    add(&[S::Issued], A::Activate, &[R::Applicant], Some(S::Activated));
    add(&[S::Issued, S::Activated], A::Suspend, keepers, Some(S::Suspended));
    add(&[S::Activated], A::Suspend, &[R::System], Some(S::Suspended));
    add(&[S::Suspended], A::Resume, keepers, Some(S::Activated));
    add(&[S::Issued, S::Activated, S::Suspended], A::Close, &[R::Office], Some(S::Closed));
    all
}

/// The steps of a headquarters that no other applicant has.
fn gathered() -> Steps {
    use {Action as A, Role as R, State as S};
    let mut all = decided();
    let mut add = |from: &[State], action, roles: &[Role], to| add(&mut all, from, action, roles, to);
    add(&[S::Draft, S::Returned], A::Edit, &[R::Prefecture, R::PrefectureFire, R::Applicant], None);
    add(&[S::Bundled], A::Edit, &[R::Prefecture], None);
    add(&[S::Draft, S::Returned], A::Bundle, &[R::Prefecture], Some(S::Bundled));
    add(&[S::Bundled], A::Unbundle, &[R::Prefecture], Some(S::Draft));
    add(&[S::Bundled], A::Submit, &[R::Prefecture], Some(S::Submitted));
    add(&[S::Bundled], A::SubmitEarly, &[R::Prefecture], Some(S::WaitingWindow));
    add(&[S::Bundled], A::SubmitForConsultation, &[R::Prefecture], Some(S::Consulting));
    add(&[S::WaitingWindow], A::OpenWindow, &[R::System], Some(S::Submitted));
    add(&[S::Consulting], A::Allow, &[R::Office], Some(S::Submitted));
    add(&[S::Consulting], A::Return, &[R::Office], Some(S::Returned));
    add(&[S::Consulting], A::Reject, &[R::Office], Some(S::Rejected));
    add(&[S::Returned, S::Rejected], A::Reopen, &[R::Office], Some(S::Consulting));
    let undecided = [S::Draft, S::Bundled, S::Submitted, S::WaitingWindow, S::Consulting, S::Returned];
    add(&undecided, A::Withdraw, &[R::Prefecture], Some(S::Withdrawn));
    add(&[S::Issued, S::Activated], A::PlanHandOver, &[R::Prefecture, R::Office], None);
    add(&[S::Issued, S::Activated, S::Suspended], A::DropHandOver, &[R::Prefecture, R::Office], None);
    add(&[S::Issued, S::Activated], A::HandOver, &[R::System], Some(S::Closed));
    all
}

/// The entrance of a hospital.
fn applied() -> Steps {
    use {Action as A, Role as R, State as S};
    let mut all = decided();
    let mut add = |from: &[State], action, roles: &[Role], to| add(&mut all, from, action, roles, to);
    add(&[S::Draft, S::Returned], A::Apply, &[R::Applicant], Some(S::Bundled));
    add(&[S::Bundled], A::Submit, &[R::Prefecture], Some(S::Submitted));
    add(&[S::Bundled], A::Return, &[R::Prefecture], Some(S::Draft));
    add(&[S::Bundled], A::Reject, &[R::Prefecture], Some(S::Withdrawn));
    add(&[S::Draft, S::Submitted, S::Returned], A::Withdraw, &[R::Prefecture], Some(S::Withdrawn));
    all
}

/// What the office decides of those that apply.
fn decided() -> Steps {
    use {Action as A, Role as R, State as S};
    let mut all = Steps::new();
    let mut add = |from: &[State], action, roles: &[Role], to| add(&mut all, from, action, roles, to);
    add(&[S::Submitted], A::Approve, &[R::Office], Some(S::Approved));
    add(&[S::Submitted], A::Return, &[R::Office], Some(S::Returned));
    add(&[S::Submitted], A::Reject, &[R::Office], Some(S::Rejected));
    add(&[S::Approved, S::Returned, S::Rejected], A::Undo, &[R::Office], Some(S::Submitted));
    all
}

#[test]
fn every_step_from_every_state_by_every_role_on_every_road() {
    for road in Road::ALL {
        let expected = steps(road);
        for state in State::ALL.iter().copied() {
            for action in Action::ALL.iter().copied() {
                for role in Role::ALL.iter().copied() {
                    let to: Vec<State> =
                        expected.iter().filter(|(f, a, r, _)| (*f, *a, *r) == (state, action, role)).map(|(.., to)| *to).collect();
                    let led = next(road, state, action, role);
                    assert_eq!(led.ok(), to.first().copied(), "{road:?} {state:?} {action:?} {role:?}");
                    // Whoever can take it from somewhere is told where it stands, all others that it is not theirs.
                    let theirs = expected.iter().any(|(_, a, r, _)| (*a, *r) == (action, role));
                    assert_eq!(led == Err(StepError::NotYours), !theirs, "{road:?} {action:?} {role:?}");
                    assert!(!theirs || may_take(role, action));
                    assert_eq!(State::parse(state.as_str()), Some(state));
                    assert_eq!(Action::parse(action.as_str()), Some(action));
                }
            }
        }
    }
}

proptest! {
    /// However the steps are ordered, and whoever takes them: an ID comes to exist at most once, and never without a yes that
    /// stands; a hospital's never without its prefecture's yes beside the office's.
    #[test]
    fn one_id_and_only_with_a_yes(
        road in prop::sample::select(Road::ALL.to_vec()),
        steps in proptest::collection::vec((0..Action::ALL.len(), 0..Role::ALL.len()), 0..300),
    ) {
        let (mut state, mut ids, mut yes, mut vouched) = (State::Draft, 0, false, false);
        for (action, role) in steps {
            let (action, role) = (Action::ALL[action], Role::ALL[role]);
            let Ok(to) = next(road, state, action, role) else { continue };
            match action {
                Action::Approve | Action::Invite => { prop_assert_eq!(role, Role::Office); yes = true; }
                Action::Undo | Action::Return | Action::Reject | Action::Reopen => yes = false,
                Action::Submit if road == Road::Hospital => { prop_assert_eq!(role, Role::Prefecture); vouched = true; }
                // Written anew, it is looked at anew.
                Action::Apply => vouched = false,
                Action::Issue => { prop_assert!(yes); ids += 1; }
                _ => {}
            }
            prop_assert!(ids <= 1);
            prop_assert_eq!(to.has_id(), ids == 1);
            prop_assert!(!to.is_approved() || yes);
            prop_assert!(road != Road::Hospital || vouched || !(to.is_approved() || to == State::Submitted));
            state = to;
        }
    }

    /// The same with steps that lead somewhere each: far down every road.
    #[test]
    fn a_walk_of_good_steps(road in prop::sample::select(Road::ALL.to_vec()), choices in proptest::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let (all, mut state, mut ids, mut vouched) = (steps(road), State::Draft, 0, false);
        for choice in choices {
            let open: Vec<_> = all.iter().filter(|(from, ..)| *from == state).collect();
            if open.is_empty() {
                prop_assert!(state.is_over());
                break;
            }
            let (from, action, role, to) = *choice.get(&open);
            prop_assert_eq!(next(road, *from, *action, *role), Ok(*to));
            match action {
                Action::Submit => vouched = true,
                Action::Apply => vouched = false,
                Action::Issue => ids += 1,
                _ => {}
            }
            prop_assert!(ids <= 1 && to.has_id() == (ids == 1));
            prop_assert!(road != Road::Hospital || vouched || !to.is_approved());
            state = *to;
        }
    }
}
