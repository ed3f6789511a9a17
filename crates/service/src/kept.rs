//! What people keep of the board: views, their own or their organisation's, and the places from where they measure.

use crate::{Service, StoreError, chance};
use akidoko_domain::{
    access::{Action, Actor},
    audit::{Category, Entry},
    board::{
        Filter, FilterError,
        kept::{BadName, LANDMARKS_MAX, Landmark, PARAMETERS_MAX, SavedView, VIEWS_MAX, read_name},
    },
    id::{KeptId, PrefCode},
    place::Point,
};
use serde_json::json;
use std::collections::BTreeSet;

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Not for this kind of organisation.
    #[error("not for this kind of organisation")]
    Forbidden,
    /// There is no such thing, as far as this actor can know.
    #[error("nothing such is kept")]
    NotFound,
    /// The name.
    #[error("the name cannot be kept")]
    BadName(BadName),
    /// It is no place.
    #[error("no place")]
    BadPlace,
    /// It is no view of the board.
    #[error("no view of the board")]
    BadView(#[from] FilterError),
    /// There are enough.
    #[error("too many")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<BadName> for KeepError {
    fn from(why: BadName) -> Self {
        Self::BadName(why)
    }
}

/// The filter that the parameters of an address say today. What is gone since they were saved is an error, never another view.
pub fn filter_of(parameters: &str) -> Result<Filter, FilterError> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(parameters.as_bytes()).into_owned().collect();
    Filter::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
}

impl Service {
    /// Whoever reads the board of one prefecture keeps things of it.
    fn keeps_board(actor: &Actor) -> Result<PrefCode, KeepError> {
        actor.prefecture.filter(|_| actor.may(Action::ReadBoard) && actor.key.is_none()).ok_or(KeepError::Forbidden)
    }

    /// The views and landmarks that an actor has. The ministry, which has no board of its own, has none.
    pub async fn kept(&self, actor: &Actor) -> Result<(Vec<SavedView>, Vec<Landmark>), KeepError> {
        Self::keeps_board(actor)?;
        let reader = self.store.read(&actor.scope).await?;
        let views = reader.saved_views(actor.organisation, actor.account).await?;
        Ok((views, reader.landmarks(actor.organisation).await?))
    }

    /// Saves a view by the parameters of its address: for oneself, or for the organisation.
    pub async fn save_view(&self, actor: &Actor, name: &str, of_address: &str, for_all: bool) -> Result<(), KeepError> {
        let prefecture = Self::keeps_board(actor)?;
        let name = read_name(name)?;
        if of_address.len() > PARAMETERS_MAX {
            return Err(FilterError { name: "q".to_owned(), value: of_address.chars().take(40).collect() }.into());
        }
        // What the filter says, and nothing else of the address.
        let kept = filter_of(of_address)?.parameters();
        let parameters = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
        let id = KeptId(chance::uuid(self.clock.now()));
        let view = SavedView { id, account: (!for_all).then_some(actor.account), name, parameters };
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([prefecture]), self.clock.now()).await?;
        if tx.count_views(actor.organisation).await? >= VIEWS_MAX {
            return Err(KeepError::TooMany);
        }
        tx.add_view(&view, prefecture, actor.organisation, &actor.sign_in_name()).await?;
        let detail = json!({ "act": "save", "name": view.name, "parameters": view.parameters, "for_all": for_all });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "saved_view", detail));
        tx.commit().await?;
        Ok(())
    }

    /// Keeps a landmark for the organisation.
    pub async fn add_landmark(&self, actor: &Actor, name: &str, place: &str) -> Result<(), KeepError> {
        let prefecture = Self::keeps_board(actor)?;
        let name = read_name(name)?;
        let place: Point = place.replace([' ', '\u{3000}'], "").parse().map_err(|_| KeepError::BadPlace)?;
        let landmark = Landmark { id: KeptId(chance::uuid(self.clock.now())), name, place };
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([prefecture]), self.clock.now()).await?;
        if tx.count_landmarks(actor.organisation).await? >= LANDMARKS_MAX {
            return Err(KeepError::TooMany);
        }
        tx.add_landmark(&landmark, prefecture, actor.organisation, &actor.sign_in_name()).await?;
        let detail = json!({ "act": "add", "name": landmark.name, "place": landmark.place.to_string() });
        tx.log(Entry::by(actor, tx.now(), Category::Admin, "landmark", detail));
        tx.commit().await?;
        Ok(())
    }

    /// Takes a view or a landmark away.
    pub async fn forget_kept(&self, actor: &Actor, id: KeptId) -> Result<(), KeepError> {
        let prefecture = Self::keeps_board(actor)?;
        let mut tx = self.store.write_behind_wall(&BTreeSet::from([prefecture]), self.clock.now()).await?;
        let view = tx.remove_view(id, actor.organisation, actor.account).await?;
        if !view && !tx.remove_landmark(id, actor.organisation).await? {
            return Err(KeepError::NotFound);
        }
        let what = if view { "saved_view" } else { "landmark" };
        tx.log(Entry::by(actor, tx.now(), Category::Admin, what, json!({ "act": "remove", "id": id })));
        tx.commit().await?;
        Ok(())
    }

    /// What a place is called for an actor who sees this prefecture: a hospital, the middle of a municipality's hospitals, a landmark.
    pub async fn name_of_place(&self, actor: &Actor, prefecture: PrefCode, place: Point) -> Result<Option<String>, StoreError> {
        let Some(board) = self.live.board(prefecture) else { return Ok(None) };
        if let Some(row) = board.rows.values().find(|r| r.card.place() == Some(place)) {
            return Ok(Some(row.card.name.clone()));
        }
        if let Some((_, name, _)) = board.starts().into_iter().find(|(_, _, middle)| *middle == place) {
            return Ok(Some(name));
        }
        if Self::keeps_board(actor).is_err() {
            return Ok(None);
        }
        let landmarks = self.store.read(&actor.scope).await?.landmarks(actor.organisation).await?;
        Ok(landmarks.into_iter().find(|l| l.place == place).map(|l| l.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use akidoko_domain::board::Severity;

    #[test]
    fn a_view_reads_as_it_was_saved_or_not_at_all() {
        let filter = filter_of("q=%E3%81%BF%E3%81%AA%E3%81%A8&severity=severe&care=dialysis&near=35.6%2C140.1&order=distance").unwrap();
        assert_eq!((filter.search.as_str(), filter.severity, filter.care.len()), ("みなと", Some(Severity::Severe), 1));
        assert_eq!(filter.near.unwrap().to_string(), "35.6000,140.1000");
        assert_eq!(filter_of("care=oxygen").unwrap_err().name, "care");
    }
}
