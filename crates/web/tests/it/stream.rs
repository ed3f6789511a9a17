//! Streams of events: a screen that comes back misses nothing, and is never told the old under the number of the new.

use crate::{
    harness::{Db, Person, TestApp},
    survey::on_both,
};
use akidoko_domain::{
    access::Actor,
    board::Column,
    event::EventKind,
    id::PrefCode,
    organisation::OrganisationKind as Kind,
    survey::{DAILY, Survey},
};
use akidoko_service::{board::Missed, live::Change};
use serde_json::json;

async fn actor(person: &Person<'_>) -> Actor {
    let token = person.cookie.split("; ").find_map(|c| c.strip_prefix("__Host-akidoko=")).unwrap();
    person.app.service.session(token).await.unwrap().unwrap().actor.clone()
}

/// Reports so many beds; the number of the event.
async fn report(reporter: &Person<'_>, hospital: &str, beds: u32) -> i64 {
    let answers = json!({ "answers": { "emergency_status": "normal", "inpatient_status": "normal", "available_beds": beds } });
    let got = reporter.put(&format!("/api/v1/hospitals/{hospital}/reports/2026-04-10"), &answers).await;
    assert!(got.status.is_success(), "{}", got.text);
    got.json()["event_id"].as_i64().unwrap()
}

/// Number and beds of each row that a screen missed; `None`: the board is to be read anew.
fn told(missed: Missed) -> Option<Vec<(i64, Option<u32>)>> {
    match missed {
        Missed::Rows(rows) => Some(rows.iter().map(|c| (c.event_id, c.row.count(Column::AvailableBeds))).collect()),
        Missed::Anew => None,
    }
}

async fn a_report_while_a_screen_comes_back(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let reporter = t.person_of(&hospital).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    t.settled().await;
    let first = report(&reporter, hospital.as_str(), 4).await;
    t.settled().await;

    // As a stream begins: it listens, takes the board, and asks what it missed. A report comes before it asks.
    let who = actor(&fire).await;
    let mut changes = t.service.board_changes(&who, None).unwrap();
    let board = t.service.board(&who, None).unwrap();
    let second = report(&reporter, hospital.as_str(), 3).await;
    t.settled().await;
    assert!(board.event_id == first && t.service.board(&who, None).unwrap().event_id == second);

    let missed = t.service.missed(&who, &board, first - 1).await.unwrap();
    assert_eq!(told(missed), Some(vec![(first, Some(4))]), "the old row never bears the number of the new one");
    let Change::Row(change) = changes.try_recv().unwrap() else { panic!("a row") };
    assert_eq!((change.event_id, change.row.count(Column::AvailableBeds)), (second, Some(3)), "which comes as a change");
    // Nor is a board read anew before its time: that is a change too.
    t.hospital(12, "架空おか病院").await;
    t.settled().await;
    let missed = t.service.missed(&who, &board, first).await.unwrap();
    assert_eq!(told(missed), Some(vec![]));
    assert!(matches!(changes.try_recv().unwrap(), Change::Reset { event_id } if event_id > second));

    let third = report(&reporter, hospital.as_str(), 2).await;
    t.settled().await;
    // Each kind of stream is told so, by the board that it begins with.
    for path in ["/board/events", "/wall/events", "/api/v1/board/events"] {
        let heard = fire.stream_until(path, Some(third - 1), &format!("id: {third}")).await;
        assert!(heard.contains(&format!("id: {third}\n")) && !heard.contains("event: reset"), "{path}: {heard}");
        let heard = fire.stream_until(path, Some(first), "event: reset").await;
        assert!(heard.contains(&format!("id: {third}\nevent: reset")), "{path}: {heard}");
    }
}
on_both!(a_report_while_a_screen_comes_back, a_report_while_a_screen_comes_back_on_sqlite, a_report_while_a_screen_comes_back_on_postgres);

/// The ministry publishes the next version of the daily survey from a day.
async fn publish(t: &TestApp, desk: &Actor, from: &str, change: impl FnOnce(&mut Survey) + Send) -> u32 {
    t.service.begin_draft(desk, DAILY).await.unwrap();
    let seen = t.service.survey_file(desk, DAILY).await.unwrap().draft.unwrap().revision;
    let changed = t.service.change_draft(desk, (DAILY, seen), |survey| {
        change(survey);
        Ok(())
    });
    let revision = changed.await.unwrap();
    t.service.publish_survey(desk, (DAILY, revision), from.parse().unwrap()).await.unwrap()
}

/// Severe beds are no business of headquarters any more.
fn keep_severe_beds(survey: &mut Survey) {
    let mut items = survey.sections.iter_mut().flat_map(|s| &mut s.items);
    let item = items.find(|i| i.column == Some(Column::AvailableBedsSevere)).unwrap();
    item.hidden_from.insert(Kind::FireHeadquarters);
}

async fn a_survey_published_while_a_screen_is_away(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let reporter = t.person_of(&hospital).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let ministry = t.person(Kind::Ministry, None).await;
    t.settled().await;
    let after = report(&reporter, hospital.as_str(), 4).await;
    let (who, desk) = (actor(&fire).await, actor(&ministry).await);
    let missed = async |after: i64| {
        t.settled().await;
        let board = t.service.board(&who, None).unwrap();
        told(t.service.missed(&who, &board, after).await.unwrap())
    };

    // A version that fills the same columns for the same eyes: nobody need read the board anew.
    publish(t, &desk, "2026-04-10", |survey| survey.title.push('二')).await;
    assert_eq!(missed(after).await, Some(vec![]));
    let version = publish(t, &desk, "2026-04-11", keep_severe_beds).await;
    assert_eq!(missed(after).await, None);
    for path in ["/board/events", "/wall/events", "/api/v1/board/events"] {
        let heard = fire.stream_until(path, Some(after), "event: reset").await;
        assert!(heard.contains("event: reset"), "{path}: it would go on showing what it may not see: {heard}");
    }
    // A report beside it changes nothing of that; whoever was told is not told again.
    let next = report(&reporter, hospital.as_str(), 3).await;
    assert_eq!(missed(after).await, None);
    assert_eq!(missed(next - 1).await, Some(vec![(next, Some(3))]));
    // The version is taken back: so is the rule.
    t.service.withdraw_survey(&desk, DAILY, version).await.unwrap();
    assert_eq!(missed(next).await, None);
}
on_both!(
    a_survey_published_while_a_screen_is_away,
    a_survey_published_while_a_screen_is_away_on_sqlite,
    a_survey_published_while_a_screen_is_away_on_postgres
);

async fn one_prefecture_of_a_busy_nation(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    t.hospital(13, "架空となり病院").await;
    let reporter = t.person_of(&hospital).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let ministry = t.person(Kind::Ministry, None).await;
    t.settled().await;
    let after = t.store.last_event_unscoped().await.unwrap();
    let prefecture = |n: u8| PrefCode::new(n).unwrap();
    let stir = async |n: u8| {
        let mut tx = t.store.write_system(t.service.now()).await.unwrap();
        (0..1000).for_each(|_| tx.event(Some(prefecture(n)), EventKind::Completeness));
        tx.commit().await.unwrap();
    };
    stir(13).await;
    let event = report(&reporter, hospital.as_str(), 4).await;
    t.settled().await;
    let desk = actor(&ministry).await;
    let missed = async || {
        let board = t.service.board(&desk, Some(prefecture(12))).unwrap();
        told(t.service.missed(&desk, &board, after).await.unwrap())
    };
    assert_eq!(missed().await, Some(vec![(event, Some(4))]), "what happened elsewhere takes nothing away");
    for path in ["/board/events?prefecture=12", "/api/v1/board/events?prefecture=12"] {
        let heard = ministry.stream_until(path, Some(after), &format!("id: {event}")).await;
        assert!(heard.contains(&format!("id: {event}\n")), "{path}: {heard}");
    }
    // So much of its own, and the board is read anew.
    stir(12).await;
    report(&reporter, hospital.as_str(), 3).await;
    t.settled().await;
    assert_eq!(missed().await, None);
    // The wall stands beside the prefecture that is asked for.
    let reader = t.store.read(&actor(&fire).await.scope).await.unwrap();
    assert_eq!(reader.board_events(prefecture(13), 0, i64::MAX, 10).await.unwrap(), []);
    assert_eq!(reader.board_events(prefecture(12), 0, i64::MAX, 10).await.unwrap().len(), 10);
}
on_both!(one_prefecture_of_a_busy_nation, one_prefecture_of_a_busy_nation_on_sqlite, one_prefecture_of_a_busy_nation_on_postgres);

async fn a_screen_from_before_a_restore(t: &TestApp) {
    let hospital = t.hospital(12, "架空みなと病院").await;
    let reporter = t.person_of(&hospital).await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let who = actor(&fire).await;
    t.settled().await;
    let before = report(&reporter, hospital.as_str(), 4).await;
    t.settled().await;
    let board = t.service.board(&who, None).unwrap();
    // Ahead of the board of a node that lags: nothing was lost, and nothing is to be told twice.
    let after = report(&reporter, hospital.as_str(), 3).await;
    assert!(board.event_id == before && before < after);
    assert_eq!(told(t.service.missed(&who, &board, after).await.unwrap()), Some(vec![]));
    t.settled().await;

    // Its place lies behind the last event that the database knows. It is told so, and goes on from where the board is.
    let gone = after + 500;
    for (path, word, beds) in [("/board/events", "row", 2), ("/wall/events", "row", 1), ("/api/v1/board/events", "hospital", 5)] {
        let reporting = async {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            report(&reporter, hospital.as_str(), beds).await
        };
        let stands = t.service.board(&who, None).unwrap().event_id;
        let word = format!("event: {word}\n");
        let (heard, next) = tokio::join!(fire.stream_until(path, Some(gone), &word), reporting);
        let (reset, row) = (format!("id: {stands}\nevent: reset\n"), format!("id: {next}\n{word}"));
        assert!(heard.contains(&reset) && heard.contains(&row), "{path}: {heard}");
        t.settled().await;
        // Once: from the place that it was given it comes back as any other.
        let heard = fire.stream_until(path, Some(stands), &word).await;
        assert!(heard.contains(&row) && !heard.contains("event: reset"), "{path}: {heard}");
    }
}
on_both!(a_screen_from_before_a_restore, a_screen_from_before_a_restore_on_sqlite, a_screen_from_before_a_restore_on_postgres);
