//! What a prefecture sets: phases and thresholds.

use super::SHEETS;
use crate::{
    view::{Frame, Here},
    words,
};
use akidoko_domain::{
    picture::{Measure, PHASES_MAX, Phases},
    time::{jst_day, to_jst},
};
use akidoko_service::picture::{PhaseRow, ThresholdRow, words as pw};
use askama::Template;
use std::collections::BTreeMap;

/// What was typed and not taken.
#[derive(Debug, Clone, Default)]
pub struct PictureTyped {
    /// Which form: `phases` or `threshold`.
    pub form: String,
    /// Its fields.
    pub fields: BTreeMap<String, String>,
    /// What to mend.
    pub problem: String,
}

struct Step {
    n: usize,
    name: String,
    beds: String,
    severe: String,
    criteria: String,
    current: bool,
}

struct Standing {
    id: String,
    what: String,
    rule: String,
    set: String,
}

/// The page.
#[derive(Template)]
#[template(path = "picture/settings.html")]
pub struct PictureSettingsPage {
    frame: Frame,
    saved: bool,
    is_on: bool,
    seen: String,
    steps: Vec<Step>,
    thresholds: Vec<Standing>,
    measures: Vec<(&'static str, &'static str, &'static str)>,
    areas: BTreeMap<String, String>,
    typed: PictureTyped,
}

impl PictureSettingsPage {
    /// `changes`: what was set of phases, the newest first.
    pub fn new(
        frame: Frame,
        changes: &[PhaseRow],
        thresholds: &[ThresholdRow],
        areas: &BTreeMap<String, String>,
        typed: PictureTyped,
        saved: bool,
    ) -> Self {
        let stands: Option<&Phases> = changes.first().and_then(|c| c.phases.as_ref());
        // Who switched them off and on again finds what stood before.
        let known = stands.or_else(|| changes.iter().find_map(|c| c.phases.as_ref()));
        let is_typed = typed.form == "phases";
        let field = |name: &str, n: usize| typed.fields.get(&format!("{name}{n}")).cloned().unwrap_or_default();
        let beds = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
        let count = if is_typed { PHASES_MAX } else { (known.map_or(0, |k| k.steps.len()) + 2).clamp(5, PHASES_MAX) };
        let step = |n: usize| {
            let step = known.and_then(|k| k.steps.get(n));
            if is_typed {
                Step {
                    n,
                    name: field("name", n),
                    beds: field("beds", n),
                    severe: field("severe", n),
                    criteria: field("criteria", n),
                    current: typed.fields.get("current") == Some(&n.to_string()),
                }
            } else {
                Step {
                    n,
                    name: step.map(|s| s.name.clone()).unwrap_or_default(),
                    beds: beds(step.and_then(|s| s.ready_beds)),
                    severe: beds(step.and_then(|s| s.ready_beds_severe)),
                    criteria: step.map(|s| s.criteria.clone()).unwrap_or_default(),
                    current: known.map_or(n == 0, |k| k.current == n),
                }
            }
        };
        let standing = |row: &ThresholdRow| {
            let t = &row.threshold;
            let area = t.area.as_ref().map(|code| format!("{}圏域　", areas.get(code).unwrap_or(code))).unwrap_or_default();
            Standing {
                id: row.id.to_string(),
                what: format!("{area}{}", pw::measure(t.measure)),
                rule: pw::rule(t),
                set: format!("{}{} {}", words::day(jst_day(row.set_at)), to_jst(row.set_at).format("%H:%M"), row.set_by),
            }
        };
        Self {
            frame: frame.of("フェーズとしきい値の設定", Here::Picture, &[]).with_sheets(SHEETS),
            saved,
            is_on: stands.is_some(),
            seen: if is_typed {
                typed.fields.get("seen").cloned().unwrap_or_default()
            } else {
                changes.first().map(|c| c.set_at.timestamp_micros().to_string()).unwrap_or_default()
            },
            steps: (0..count).map(step).collect(),
            thresholds: thresholds.iter().map(standing).collect(),
            measures: Measure::all().map(|m| (m.as_str(), pw::measure(m), pw::unit(m))).collect(),
            areas: areas.clone(),
            typed,
        }
    }

    fn is_wrong(&self, form: &str) -> bool {
        self.typed.form == form
    }

    fn field(&self, form: &str, name: &str) -> &str {
        if self.is_wrong(form) { self.typed.fields.get(name).map_or("", String::as_str) } else { "" }
    }
}
