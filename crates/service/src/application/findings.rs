//! What the row of an application is held against: the rules of its form, and the other rows.

use akidoko_domain::{
    application::{Column, Form, FormContext, FormFinding, FormProblem, Road, read_form},
    id::{ApplicationId, PrefCode},
};
use akidoko_store::{ApplicationRow, Reference};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What the headquarters of a prefecture are held against: forms, and who has an ID.
pub(super) struct Known<'a> {
    pub(super) name: &'a str,
    pub(super) prefecture: PrefCode,
    pub(super) municipalities: BTreeMap<String, String>,
}

impl Known<'_> {
    pub(super) fn context(&self, road: Road) -> FormContext<'_> {
        FormContext { road, prefecture: self.prefecture, prefecture_name: self.name, municipalities: &self.municipalities }
    }

    /// A form that stands, read once more: its findings.
    pub(super) fn findings(&self, form: &Form) -> Vec<FormFinding> {
        read_form(&values(form), &self.context(form.road)).1
    }
}

/// What a form says, column by column, as it is typed again.
pub(super) fn values(form: &Form) -> BTreeMap<Column, String> {
    Column::of(form.road).iter().map(|c| (*c, form.value(*c))).collect()
}

/// Rows by what two of them may share, so that each is held against all others at the cost of a look-up.
pub(super) struct Others<'a> {
    by_key: HashMap<String, Vec<ApplicationId>>,
    by_mail: HashMap<String, Vec<(&'a ApplicationRow, String)>>,
}

impl<'a> Others<'a> {
    pub(super) fn of(rows: impl IntoIterator<Item = &'a ApplicationRow>) -> Self {
        let mut others = Self { by_key: HashMap::new(), by_mail: HashMap::new() };
        for row in rows.into_iter().filter(|r| !r.state.is_over()) {
            let key = row.form.key();
            others.by_key.entry(key.clone()).or_default().push(row.id);
            if !row.form.email.is_empty() {
                others.by_mail.entry(row.form.email.to_ascii_lowercase()).or_default().push((row, key));
            }
        }
        others
    }

    /// Soft findings that only a look at the other rows gives.
    pub(super) fn findings(&self, form: &Form, id: Option<ApplicationId>) -> Vec<FormFinding> {
        let mut findings = Vec::new();
        let key = form.key();
        for (other, other_key) in self.by_mail.get(&form.email.to_ascii_lowercase()).into_iter().flatten() {
            if Some(other.id) != id && *other_key != key {
                let problem = FormProblem::SharedMail { other: other.form.name.clone() };
                findings.push(FormFinding { column: Column::Email, problem });
            }
        }
        let doubles = self.by_key.get(&key).into_iter().flatten().filter(|other| Some(**other) != id);
        findings.extend(doubles.map(|_| FormFinding { column: Column::Name, problem: FormProblem::HasId }));
        findings
    }
}

/// What forms were found to be, by row and revision: a list of thousands is opened again and again, and few of its rows have changed.
#[derive(Clone, Default)]
pub(crate) struct Judged(Arc<Mutex<Memory>>);

/// See [`Judged`].
#[derive(Default)]
pub(super) struct Memory {
    /// By which names of places it was judged.
    reference: Option<Arc<Reference>>,
    known: HashMap<ApplicationId, (i32, Vec<FormFinding>)>,
}

/// More than any list has: then it is forgotten, and begun anew.
const REMEMBERED: usize = 20_000;

impl Judged {
    /// What is remembered under these names of places.
    pub(super) fn of(&self, reference: &Arc<Reference>) -> MutexGuard<'_, Memory> {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !memory.reference.as_ref().is_some_and(|r| Arc::ptr_eq(r, reference)) || memory.known.len() > REMEMBERED {
            *memory = Memory { reference: Some(reference.clone()), known: HashMap::new() };
        }
        memory
    }
}

impl Memory {
    /// The findings of a row's form.
    pub(super) fn findings(&mut self, known: &Known<'_>, row: &ApplicationRow) -> Vec<FormFinding> {
        match self.known.get(&row.id) {
            Some((revision, findings)) if *revision == row.revision => findings.clone(),
            _ => {
                let findings = known.findings(&row.form);
                self.known.insert(row.id, (row.revision, findings.clone()));
                findings
            }
        }
    }
}
