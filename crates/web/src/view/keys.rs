//! Keys of the API: the list, one of them, and a new one with its secret.

use super::{Frame, Here};
use crate::words;
use akidoko_domain::{
    id::SessionId,
    key::{
        KEYS_MAX, KeyLimits, KeyProblem, KeyRights, LIFE_DAYS, NETWORKS_MAX, NOTICE_DAYS, PER_MINUTE, PER_MINUTE_MAX, TypedKey, last_day,
        latest_day,
    },
    time::jst_day,
};
use akidoko_service::keys::{KeyForm, KeyRow, Keys, NewKey};
use askama::Template;
use chrono::{DateTime, Days, NaiveDate, Utc};
use std::collections::{BTreeMap, BTreeSet};

const SHEETS: &[&str] = &["account.css", "keys.css"];

/// What is wrong, the field, and how to mend it.
fn sentence(problem: &KeyProblem) -> (&'static str, String) {
    match problem {
        KeyProblem::Name => ("name", "名前を 1 文字から 40 文字で入れてください。".to_owned()),
        KeyProblem::Nothing => ("rights", "できることを 1 つは選んでください。".to_owned()),
        KeyProblem::NotYours => ("rights", "この組織ではできないことが選ばれています。画面を開き直して、選び直してください。".to_owned()),
        KeyProblem::NoHospital => ("hospitals", "医療機関を 1 つは選んでください。".to_owned()),
        KeyProblem::Network(word) => ("networks", format!("「{word}」はネットワークとして読めません。192.0.2.0/24 の形で入れてください。")),
        KeyProblem::TooManyNetworks => ("networks", format!("ネットワークは {NETWORKS_MAX} 個までにしてください。")),
        KeyProblem::PerMinute => ("per_minute", format!("1 分間の回数を、1 から {PER_MINUTE_MAX} までの整数で入れてください。")),
        KeyProblem::Expiry(latest) => ("expires_on", format!("期限を、今日から {} までの日で入れてください。", words::date(*latest))),
        KeyProblem::FeedOnly => ("rights", "他システム連携のキーには、「報告する」も選んでください。".to_owned()),
        KeyProblem::NoOtherSystem => {
            ("rights", "他システム連携のキーを作る前に、共有範囲の画面で他システムの名前を登録してください。".to_owned())
        }
        KeyProblem::TooMany => ("name", format!("使えるキーは {KEYS_MAX} 個までです。使わないキーを取り消してから、作ってください。")),
    }
}

/// A hospital to be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HospitalChoice {
    code: String,
    name: String,
    chosen: bool,
}

/// The fields of a key.
#[derive(Debug, Clone)]
pub struct KeyFields {
    typed: TypedKey,
    hospitals: Vec<HospitalChoice>,
    may: KeyRights,
    other_system: Option<String>,
    problems: Vec<(&'static str, String)>,
    earliest: NaiveDate,
    latest: NaiveDate,
}

impl KeyFields {
    /// `form`: what was typed; `made_on`: today, or the day on which the key was made.
    pub fn new(keys: &Keys, form: &KeyForm, problems: &[KeyProblem], made_on: NaiveDate, today: NaiveDate) -> Self {
        let chosen: BTreeSet<&str> = form.codes.iter().map(String::as_str).collect();
        let choice = |code: String, name: String| HospitalChoice { chosen: chosen.contains(code.as_str()), code, name };
        let hospitals = if keys.may.report && keys.hospitals.len() > 1 {
            keys.hospitals.iter().map(|r| choice(r.card.code.to_string(), r.card.name.clone())).collect()
        } else {
            Vec::new()
        };
        Self {
            typed: form.typed.clone(),
            hospitals,
            may: keys.may,
            other_system: keys.other_system.clone(),
            problems: problems.iter().map(sentence).collect(),
            earliest: today,
            latest: latest_day(made_on),
        }
    }

    /// An empty form: what is usual.
    pub fn usual(keys: &Keys, today: NaiveDate) -> KeyForm {
        let expires_on = today.checked_add_days(Days::new(LIFE_DAYS)).unwrap_or(today).to_string();
        let read = keys.may.read && !keys.may.report;
        let typed = TypedKey { read, report: keys.may.report, per_minute: PER_MINUTE.to_string(), expires_on, ..TypedKey::default() };
        KeyForm { typed, codes: Vec::new() }
    }

    /// The form of a key as it stands.
    pub fn of(key: &KeyRow, keys: &Keys) -> KeyForm {
        let limits = &key.limits;
        let chosen = limits.hospitals.as_ref();
        let covered = keys.hospitals.iter().filter(|r| chosen.is_some_and(|set| set.contains(&r.card.id)));
        let codes = covered.map(|r| r.card.code.to_string()).collect();
        let typed = TypedKey {
            name: key.name.clone(),
            read: limits.read,
            report: limits.report,
            feed: limits.feed,
            some: chosen.is_some(),
            hospitals: BTreeSet::new(),
            networks: limits.networks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            per_minute: limits.per_minute.to_string(),
            expires_on: last_day(key.expires_at).to_string(),
        };
        KeyForm { typed, codes }
    }

    fn wrong(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|(name, _)| *name == field).map(|(_, sentence)| sentence.as_str())
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.wrong(field).is_some()
    }
}

/// A key in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLine {
    id: SessionId,
    name: String,
    /// 使用できます, 期限切れ, 取り消し済み
    state: &'static str,
    stands: bool,
    soon: Option<i64>,
    rights: String,
    from: String,
    per_minute: u32,
    until: String,
    used: String,
    made: String,
}

fn rights(limits: &KeyLimits, names: &BTreeMap<akidoko_domain::id::HospitalId, String>) -> String {
    let report = limits.report.then(|| match &limits.hospitals {
        Some(set) if set.len() <= 3 => {
            let known: Vec<&str> = set.iter().filter_map(|id| names.get(id).map(String::as_str)).collect();
            format!("報告（{}）", if known.is_empty() { format!("選んだ {} 件", set.len()) } else { known.join("、") })
        }
        Some(set) => format!("報告（選んだ {} 件の医療機関）", set.len()),
        None => "報告".to_owned(),
    });
    let report = report.map(|words| if limits.feed { format!("{words}、他システム連携") } else { words });
    let read = limits.read.then(|| "ボードを読む".to_owned());
    report.into_iter().chain(read).collect::<Vec<_>>().join("、")
}

impl KeyLine {
    fn of(key: &KeyRow, names: &BTreeMap<akidoko_domain::id::HospitalId, String>, now: DateTime<Utc>) -> Self {
        let state = match (key.revoked_at, key.expires_at <= now) {
            (Some(_), _) => "取り消し済み",
            (None, true) => "期限切れ",
            (None, false) => "使用できます",
        };
        let stands = key.revoked_at.is_none() && key.expires_at > now;
        let left = (last_day(key.expires_at) - jst_day(now)).num_days();
        let networks: Vec<String> = key.limits.networks.iter().map(ToString::to_string).collect();
        Self {
            id: key.id,
            name: key.name.clone(),
            state,
            stands,
            soon: (stands && left <= NOTICE_DAYS[0]).then_some(left),
            rights: rights(&key.limits, names),
            from: if networks.is_empty() { "どこからでも".to_owned() } else { networks.join("、") },
            per_minute: key.limits.per_minute,
            until: words::date(last_day(key.expires_at)),
            used: key.last_used_at.map_or_else(
                || "まだ使われていません".to_owned(),
                |at| format!("{}　{}", words::moment(at, now), key.last_network.as_deref().unwrap_or_default()),
            ),
            made: format!("{}　{}", words::moment(key.created_at, now), key.made_by),
        }
    }
}

/// The list, and the form for a new one.
#[derive(Debug, Clone, Template)]
#[template(path = "keys.html")]
pub struct KeysPage {
    frame: Frame,
    keys: Vec<KeyLine>,
    ended: Vec<KeyLine>,
    tokens: Vec<(SessionId, String, String, String)>,
    fields: KeyFields,
    once: String,
}

impl KeysPage {
    /// `once` is a secret of the form.
    pub fn new(frame: Frame, keys: &Keys, fields: KeyFields, once: String, now: DateTime<Utc>) -> Self {
        let names = keys.hospitals.iter().map(|r| (r.card.id, r.card.name.clone())).collect();
        let (standing, ended) = keys.keys.iter().map(|k| KeyLine::of(k, &names, now)).partition(|k: &KeyLine| k.stands);
        let tokens = keys.tokens.iter().map(|t| {
            (SessionId(t.id), t.name.clone(), format!("{:02} {}", t.operator, t.operator_name), words::date(last_day(t.expires_at)))
        });
        Self {
            frame: frame.of("API キー", Here::Keys, &[]).with_sheets(SHEETS),
            keys: standing,
            ended,
            tokens: tokens.collect(),
            fields,
            once,
        }
    }
}

/// One key, to be changed.
#[derive(Debug, Clone, Template)]
#[template(path = "key.html")]
pub struct KeyPage {
    frame: Frame,
    key: KeyLine,
    fields: KeyFields,
}

impl KeyPage {
    /// See [`KeysPage::new`].
    pub fn new(frame: Frame, key: &KeyRow, keys: &Keys, fields: KeyFields, now: DateTime<Utc>) -> Self {
        let names = keys.hospitals.iter().map(|r| (r.card.id, r.card.name.clone())).collect();
        let title = format!("API キー {}", key.name);
        Self { frame: frame.of(title, Here::Keys, &[]).with_sheets(SHEETS), key: KeyLine::of(key, &names, now), fields }
    }
}

/// A key that was made, with its secret.
#[derive(Debug, Clone, Template)]
#[template(path = "key_made.html")]
pub struct KeyMadePage {
    frame: Frame,
    name: String,
    secret: String,
    until: String,
    site: String,
}

impl KeyMadePage {
    /// `site` is the beginning of the address.
    pub fn new(frame: Frame, key: &NewKey, site: String) -> Self {
        Self {
            frame: frame.of("キーを控える", Here::Keys, &["js/print.js"]).with_sheets(SHEETS),
            name: key.name.clone(),
            secret: key.secret.clone(),
            until: words::date(last_day(key.expires_at)),
            site,
        }
    }
}
