//! しきい値 and their alerts. A threshold is never changed: it ends, and another begins. An alert keeps the figures that raised and cleared it.

use crate::{
    db::Store,
    error::StoreError,
    read::{Reader, wall_filter},
    write::WriteTx,
};
use akidoko_domain::{
    id::PrefCode,
    picture::{Measure, Side, Tally, Threshold},
};
use chrono::{DateTime, Utc};
use sea_orm::FromQueryResult;
use uuid::Uuid;

/// A threshold of a prefecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThresholdRow {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub prefecture: PrefCode,
    /// What it watches.
    pub threshold: Threshold,
    /// When it was set.
    pub set_at: DateTime<Utc>,
    /// By whom.
    pub set_by: String,
}

/// An alert, with its threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertRow {
    /// Its id.
    pub id: Uuid,
    /// Its threshold, which may have ended.
    pub threshold: ThresholdRow,
    /// When it was raised, and by which figures.
    pub raised: (DateTime<Utc>, Tally),
    /// When somebody said that they have seen it, and who.
    pub seen: Option<(DateTime<Utc>, String)>,
    /// When it was cleared, and by which figures; of a threshold that ended by none.
    pub cleared: Option<(DateTime<Utc>, Tally)>,
}

#[derive(FromQueryResult)]
struct ThresholdFound {
    threshold_id: Uuid,
    pref_code: String,
    measure: String,
    area_code: Option<String>,
    side: String,
    raise_at: i64,
    clear_at: i64,
    set_at: DateTime<Utc>,
    set_by: String,
}

#[derive(FromQueryResult)]
struct AlertFound {
    #[sea_orm(nested)]
    threshold: ThresholdFound,
    id: Uuid,
    raised_at: DateTime<Utc>,
    raised_part: i64,
    raised_whole: i64,
    raised_hospitals: i32,
    seen_at: Option<DateTime<Utc>>,
    seen_by: Option<String>,
    cleared_at: Option<DateTime<Utc>>,
    cleared_part: Option<i64>,
    cleared_whole: Option<i64>,
    cleared_hospitals: Option<i32>,
}

fn tally(part: i64, whole: i64, hospitals: i32) -> Result<Tally, StoreError> {
    Ok(Tally {
        part: u64::try_from(part).map_err(StoreError::corrupt)?,
        whole: u64::try_from(whole).map_err(StoreError::corrupt)?,
        hospitals: u32::try_from(hospitals).map_err(StoreError::corrupt)?,
    })
}

impl TryFrom<ThresholdFound> for ThresholdRow {
    type Error = StoreError;
    fn try_from(r: ThresholdFound) -> Result<Self, StoreError> {
        let threshold = Threshold {
            measure: Measure::parse(&r.measure).ok_or_else(|| StoreError::corrupt(&r.measure))?,
            area: r.area_code,
            side: Side::parse(&r.side).ok_or_else(|| StoreError::corrupt(&r.side))?,
            raise: u64::try_from(r.raise_at).map_err(StoreError::corrupt)?,
            clear: u64::try_from(r.clear_at).map_err(StoreError::corrupt)?,
        };
        let prefecture = r.pref_code.parse().map_err(StoreError::corrupt)?;
        Ok(Self { id: r.threshold_id, prefecture, threshold, set_at: r.set_at, set_by: r.set_by })
    }
}

impl TryFrom<AlertFound> for AlertRow {
    type Error = StoreError;
    fn try_from(r: AlertFound) -> Result<Self, StoreError> {
        let cleared = match r.cleared_at {
            Some(at) => {
                let figures = (r.cleared_part.unwrap_or(0), r.cleared_whole.unwrap_or(0), r.cleared_hospitals.unwrap_or(0));
                Some((at, tally(figures.0, figures.1, figures.2)?))
            }
            None => None,
        };
        Ok(Self {
            id: r.id,
            threshold: r.threshold.try_into()?,
            raised: (r.raised_at, tally(r.raised_part, r.raised_whole, r.raised_hospitals)?),
            seen: r.seen_at.map(|at| (at, r.seen_by.unwrap_or_default())),
            cleared,
        })
    }
}

const THRESHOLD: &str = "t.id AS threshold_id, t.pref_code, t.measure, t.area_code, t.side, t.raise_at, t.clear_at, t.set_at, t.set_by";
const ALERT: &str = "a.id, a.raised_at, a.raised_part, a.raised_whole, a.raised_hospitals, a.seen_at, a.seen_by, a.cleared_at, a.cleared_part, \
     a.cleared_whole, a.cleared_hospitals FROM alert a JOIN threshold t ON t.id = a.threshold_id";

fn number(n: u64) -> sea_orm::Value {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}

fn all<R, F: TryInto<R, Error = StoreError>>(found: Vec<F>) -> Result<Vec<R>, StoreError> {
    found.into_iter().map(TryInto::try_into).collect()
}

impl Store {
    /// Every threshold that stands, of all prefectures.
    pub async fn thresholds_unscoped(&self) -> Result<Vec<ThresholdRow>, StoreError> {
        let sql = format!("SELECT {THRESHOLD} FROM threshold t WHERE t.ended_at IS NULL ORDER BY t.pref_code, t.set_at, t.id");
        all(self.system_rows().all::<ThresholdFound>(&sql, vec![]).await?)
    }

    /// Every alert that stands, of all prefectures, the newest first.
    pub async fn open_alerts_unscoped(&self) -> Result<Vec<AlertRow>, StoreError> {
        let sql = format!("SELECT {THRESHOLD}, {ALERT} WHERE a.cleared_at IS NULL ORDER BY a.raised_at DESC, a.id");
        all(self.system_rows().all::<AlertFound>(&sql, vec![]).await?)
    }
}

impl Reader {
    /// The thresholds of a prefecture that stand.
    pub async fn thresholds(&self, prefecture: PrefCode) -> Result<Vec<ThresholdRow>, StoreError> {
        let sql = format!(
            "SELECT {THRESHOLD} FROM threshold t WHERE {} AND t.pref_code = $2 AND t.ended_at IS NULL ORDER BY t.set_at, t.id",
            wall_filter("t.pref_code")
        );
        all(self.all::<ThresholdFound>(&sql, vec![self.wall(), prefecture.to_string().into()]).await?)
    }

    /// The alerts of a prefecture, the newest first, at most `limit`.
    pub async fn alerts(&self, prefecture: PrefCode, limit: u32) -> Result<Vec<AlertRow>, StoreError> {
        let sql = format!(
            "SELECT {THRESHOLD}, {ALERT} WHERE {} AND a.pref_code = $2 ORDER BY a.raised_at DESC, a.id LIMIT $3",
            wall_filter("a.pref_code")
        );
        all(self.all::<AlertFound>(&sql, vec![self.wall(), prefecture.to_string().into(), i64::from(limit).into()]).await?)
    }
}

impl WriteTx {
    /// The alert of a threshold that stands, in this transaction.
    pub async fn open_alert(&self, threshold: Uuid) -> Result<Option<Uuid>, StoreError> {
        #[derive(FromQueryResult)]
        struct Id {
            id: Uuid,
        }
        let sql = "SELECT id FROM alert WHERE threshold_id = $1 AND cleared_at IS NULL";
        Ok(self.rows().one::<Id>(sql, vec![threshold.into()]).await?.map(|r| r.id))
    }

    /// Does a threshold still stand, in this transaction?
    pub async fn threshold_stands(&self, id: Uuid) -> Result<bool, StoreError> {
        #[derive(FromQueryResult)]
        struct Count {
            n: i64,
        }
        let sql = "SELECT COUNT(*) AS n FROM threshold WHERE id = $1 AND ended_at IS NULL";
        Ok(self.rows().one::<Count>(sql, vec![id.into()]).await?.is_some_and(|c| c.n > 0))
    }

    /// Raises an alert.
    pub async fn raise_alert(&self, id: Uuid, threshold: &ThresholdRow, by: Tally) -> Result<(), StoreError> {
        let sql = "INSERT INTO alert (id, threshold_id, pref_code, raised_at, raised_part, raised_whole, raised_hospitals) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = vec![
            id.into(),
            threshold.id.into(),
            threshold.prefecture.to_string().into(),
            self.now().into(),
            number(by.part),
            number(by.whole),
            i64::from(by.hospitals).into(),
        ];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// Clears the alert of a threshold that stands; `by`: with these figures, without where the threshold ended.
    pub async fn clear_alert(&self, threshold: Uuid, by: Option<Tally>) -> Result<bool, StoreError> {
        let sql = "UPDATE alert SET cleared_at = $2, cleared_part = $3, cleared_whole = $4, cleared_hospitals = $5 \
                   WHERE threshold_id = $1 AND cleared_at IS NULL";
        let by = by.unwrap_or_default();
        let values = vec![threshold.into(), self.now().into(), number(by.part), number(by.whole), i64::from(by.hospitals).into()];
        Ok(self.execute(sql, values).await? > 0)
    }

    /// Somebody has seen an alert of their prefecture; the first one counts.
    pub async fn see_alert(&self, prefecture: PrefCode, id: Uuid, by: &str) -> Result<bool, StoreError> {
        let sql = "UPDATE alert SET seen_at = $3, seen_by = $4 WHERE id = $2 AND pref_code = $1 AND seen_at IS NULL";
        Ok(self.execute(sql, vec![prefecture.to_string().into(), id.into(), self.now().into(), by.into()]).await? > 0)
    }

    /// Adds a threshold.
    pub async fn add_threshold(&self, row: &ThresholdRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO threshold (id, pref_code, measure, area_code, side, raise_at, clear_at, set_at, set_by) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let t = &row.threshold;
        let values = vec![
            row.id.into(),
            row.prefecture.to_string().into(),
            t.measure.as_str().into(),
            t.area.clone().into(),
            t.side.as_str().into(),
            number(t.raise),
            number(t.clear),
            row.set_at.into(),
            row.set_by.as_str().into(),
        ];
        self.execute(sql, values).await?;
        Ok(())
    }

    /// Ends a threshold of a prefecture. `false`: there is none, or it has ended.
    pub async fn end_threshold(&self, prefecture: PrefCode, id: Uuid) -> Result<bool, StoreError> {
        let sql = "UPDATE threshold SET ended_at = $3 WHERE id = $2 AND pref_code = $1 AND ended_at IS NULL";
        Ok(self.execute(sql, vec![prefecture.to_string().into(), id.into(), self.now().into()]).await? > 0)
    }
}
