//! The road of an ID: from the prefecture's application sheet（様式・別添1）to the first sign-in（memo §1, §3, §4; design.md「Accounts」）.
//! One road for fire headquarters, for hospitals and for a prefecture's own officers; they differ in who takes which step.

mod column;
mod form;
mod queue;
mod road;

pub use column::{Applicant, Column, HeadquartersType};
pub use form::{Form, FormContext, FormFinding, FormProblem, INVITED, Weight, read_form};
pub use queue::{Estimate, Window, arrival, estimate, working_day_after};
pub use road::{Action, Road, Role, State, StepError, UNDO, may_take, next};
