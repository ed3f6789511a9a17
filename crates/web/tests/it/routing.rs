//! Drives by road: a small HTTP server stands for the operator's routing service, well, slow, broken and full of nonsense.

use crate::harness::TestApp;
use akidoko_domain::{hospital::Attributes, id::PrefCode, organisation::OrganisationKind as Kind};
use akidoko_exchange::routing::Routing;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// How far north the hospital lies to which the service knows no road.
const NO_ROAD: f64 = 35.5374;
/// How far north the hospital lies to which no road leads.
const ISLAND: f64 = 34.75;
const FROM: &str = "35.6074,140.1065";
const BOARD: &str = "/board?near=35.6074,140.1065&order=distance";

/// How the service behaves.
#[derive(Clone, Debug, PartialEq)]
enum Mood {
    /// To one hospital no road leads.
    Well,
    Slow,
    Hanging,
    Broken,
    Nonsense,
    Endless,
    Impossible,
    Elsewhere,
    /// From here no road leads anywhere.
    Pier,
    /// As OSRM answers where one of the places lies on no road.
    Island,
    Refusing,
    Busy,
}

#[derive(Clone)]
struct Stand {
    mood: Arc<Mutex<Mood>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Stand {
    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

async fn table(State(stand): State<Stand>, uri: Uri) -> Response {
    stand.asked.lock().unwrap().push(uri.to_string());
    let mood = stand.mood.lock().unwrap().clone();
    let places: Vec<(f64, f64)> = uri.path().rsplit('/').next().unwrap().split(';').map(place).collect();
    let row = |of: &dyn Fn(usize) -> String| (0..places.len()).map(of).collect::<Vec<_>>().join(",");
    let metres = |at: usize| ((places[at].0 - places[0].0).abs() + (places[at].1 - places[0].1).abs()) * 111_000.0 * 1.2;
    // Beyond the river the way is long.
    let seconds = |at: usize| if places[at].1 > places[0].1 { 4_000.0 } else { metres(at) / 10.0 };
    let answer = |durations: String, distances: String, off: u32| {
        let to = row(&|_| r#"{"distance":5}"#.to_owned());
        format!(
            r#"{{"code":"Ok","durations":[[{durations}]],"distances":[[{distances}]],"sources":[{{"distance":{off},"name":"国道"}}],"destinations":[{to}]}}"#
        )
    };
    match mood {
        Mood::Hanging => std::future::pending().await,
        Mood::Broken => (StatusCode::BAD_GATEWAY, "<html>").into_response(),
        Mood::Nonsense => r#"{"code":"Ok","durations":[["soon"]]}"#.into_response(),
        Mood::Endless => format!("{{\"code\":\"Ok\",\"x\":\"{}\"}}", "y".repeat(3 << 20)).into_response(),
        Mood::Impossible => answer(row(&|_| "0".to_owned()), row(&|_| "0".to_owned()), 5).into_response(),
        Mood::Elsewhere => answer(row(&|_| "60".to_owned()), row(&|_| "900".to_owned()), 4_000_000).into_response(),
        Mood::Pier => answer(row(&|_| "null".to_owned()), row(&|_| "null".to_owned()), 5).into_response(),
        Mood::Refusing => (StatusCode::NOT_FOUND, "{}").into_response(),
        Mood::Busy => (StatusCode::TOO_MANY_REQUESTS, "{}").into_response(),
        Mood::Island if places.iter().any(|(_, latitude)| (latitude - ISLAND).abs() < 1e-6) => {
            (StatusCode::BAD_REQUEST, r#"{"code":"NoSegment","message":"Could not find a matching segment for coordinate 3"}"#)
                .into_response()
        }
        Mood::Slow | Mood::Well | Mood::Island => {
            if mood == Mood::Slow {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            let known = |at: usize, n: f64| if (places[at].1 - NO_ROAD).abs() < 1e-6 { "null".to_owned() } else { format!("{n:.1}") };
            answer(row(&|at| known(at, seconds(at))), row(&|at| known(at, metres(at))), 5).into_response()
        }
    }
}

fn place(text: &str) -> (f64, f64) {
    let (longitude, latitude) = text.split_once(',').unwrap();
    (longitude.parse().unwrap(), latitude.parse().unwrap())
}

/// A service that answers, and its address.
async fn stand() -> (Stand, String) {
    let stand = Stand { mood: Arc::new(Mutex::new(Mood::Well)), asked: Arc::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().fallback(table).with_state(stand.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (stand, address)
}

async fn placed(t: &TestApp, prefecture: u8, name: &str, latitude: f64, longitude: f64) {
    let attributes = Attributes {
        name: Some(name.to_owned()),
        name_kana: Some("カクウビョウイン".to_owned()),
        latitude: Some(latitude),
        longitude: Some(longitude),
        ..Attributes::default()
    };
    t.admin.create_hospital(PrefCode::new(prefecture).unwrap(), &attributes).await.unwrap();
}

/// Names of the rows, in their order.
fn order(page: &str) -> Vec<&str> {
    page.split("class=\"c-name\"><a href=").skip(1).map(|rest| rest.split('>').nth(1).unwrap().split('<').next().unwrap()).collect()
}

/// What a row says of its way.
fn way<'a>(page: &'a str, name: &str) -> &'a str {
    page.split(&format!(">{name}</a>")).nth(1).unwrap().split("<span class=\"dist\">").nth(1).unwrap().split('<').next().unwrap()
}

#[tokio::test]
async fn the_list_is_by_road_and_says_so() {
    let (stand, address) = stand().await;
    let t = TestApp::sqlite().await.with_routing(Routing::new(&address, None).unwrap());
    placed(&t, 12, "川向こう病院", 35.6274, 140.1065).await;
    placed(&t, 12, "川のこちら病院", 35.5674, 140.1065).await;
    placed(&t, 12, "道のない病院", NO_ROAD, 140.1065).await;
    placed(&t, 13, "壁の向こう病院", 35.6074, 140.1065).await;
    t.hospital(12, "位置のない病院").await;
    t.settled().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;

    let page = fire.get(BOARD).await.text;
    assert_eq!(order(&page), ["川のこちら病院", "川向こう病院", "道のない病院", "位置のない病院"]);
    assert_eq!(way(&page, "川のこちら病院"), "道のり 5.3 km 9分");
    assert_eq!(way(&page, "川向こう病院"), "道のり 2.8 km 67分");
    assert_eq!(way(&page, "道のない病院"), "直線 7.8 km 経路なし");
    assert_eq!(way(&page, "位置のない病院"), "位置未登録");
    assert!(page.contains("からの道のり。") && page.contains("「経路なし」の病院へは") && page.contains("data-roads"), "{page}");

    // Only the own prefecture is asked about, from a place to some hundred metres, longitude first.
    let asked = stand.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("/table/v1/driving/140.1070,35.6070;") && asked[0].matches(';').count() == 3, "{}", asked[0]);
    assert!(asked[0].contains("?sources=0&annotations=duration,distance"));

    // What was asked a moment ago is known; so is a place beside it. Later, or from elsewhere, it is asked again.
    fire.get(&format!("{BOARD}&accepting=1")).await;
    fire.get("/board?near=35.6073,140.1066").await;
    assert_eq!(stand.asked().len(), 0);
    fire.get("/board?near=35.7,140.2").await;
    assert_eq!(stand.asked().len(), 1);
    t.wait(TimeDelta::minutes(11));
    assert_eq!(way(&fire.get(BOARD).await.text, "川のこちら病院"), "道のり 5.3 km 9分");
    assert_eq!(stand.asked().len(), 1);
    // The file stands in the order of the screen.
    let csv = fire.get(&BOARD.replace("/board", "/board.csv")).await.text;
    assert!(csv.find("川のこちら病院") < csv.find("川向こう病院"), "{csv}");
    // Without a place nothing is asked, nor by programs, which have the places.
    fire.get("/board").await;
    fire.get("/api/v1/board?near=35.1,140.1&order=distance").await;
    assert_eq!(stand.asked().len(), 0);
    // A hospital that is new is in the next question.
    placed(&t, 12, "新しい病院", 35.5974, 140.1065).await;
    t.settled().await;
    assert!(fire.get(BOARD).await.text.contains("新しい病院"));
    assert_eq!(stand.asked().len(), 1);
}

#[tokio::test]
async fn a_service_that_fails_leaves_the_estimate() {
    let (stand, address) = stand().await;
    let t = TestApp::sqlite().await.with_routing(Routing::new(&address, None).unwrap());
    placed(&t, 12, "川向こう病院", 35.6274, 140.1065).await;
    placed(&t, 12, "川のこちら病院", 35.5674, 140.1065).await;
    t.settled().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    let again = || t.wait(TimeDelta::minutes(11));

    for mood in [Mood::Broken, Mood::Busy, Mood::Nonsense, Mood::Endless, Mood::Impossible, Mood::Elsewhere, Mood::Pier, Mood::Hanging] {
        stand.set(mood.clone());
        let before = Instant::now();
        let page = fire.get(BOARD).await.text;
        assert!(before.elapsed() < Duration::from_secs(5), "{mood:?}: a page waits a moment and no longer");
        assert_eq!(order(&page), ["川向こう病院", "川のこちら病院"], "{mood:?}");
        assert_eq!(way(&page, "川向こう病院"), "直線 2.2 km 約5分", "{mood:?}");
        assert!(page.contains("からの直線距離。") && page.contains("いまは、道路の経路を調べられません。"), "{mood:?}");
        assert_eq!(stand.asked().len(), 1, "{mood:?}");
        again();
    }
    // After a failure nobody waits again at once; what was asked from elsewhere is an estimate too.
    stand.set(Mood::Hanging);
    fire.get(BOARD).await;
    let before = Instant::now();
    assert!(fire.get("/board?near=35.9,140.1").await.text.contains("いまは、道路の経路を調べられません。"));
    assert!(before.elapsed() < Duration::from_millis(1_000));
    assert_eq!(stand.asked().len(), 1);
    stand.set(Mood::Slow);
    t.wait(TimeDelta::seconds(20));
    assert_eq!(way(&fire.get(BOARD).await.text, "川のこちら病院"), "道のり 5.3 km 9分");
    // Poles, and what is no place.
    for place in ["90,0", "-90,180", "0,-0.0001"] {
        assert_eq!(fire.get(&format!("/board?near={place}&order=distance")).await.status, StatusCode::OK, "{place}");
    }
    assert_eq!(fire.get("/board?near=91,0&order=distance").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn many_hospitals_are_asked_for_some_at_a_time() {
    let (stand, address) = stand().await;
    let t = TestApp::sqlite().await.with_routing(Routing::new(&address, None).unwrap());
    for n in 0..210 {
        placed(&t, 12, &format!("架空第{n}病院"), 35.0 + f64::from(n) / 1000.0, 140.0).await;
    }
    t.settled().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    stand.set(Mood::Slow);
    let page = fire.get(BOARD).await.text;
    assert_eq!(page.matches("<span class=\"dist\">道のり").count(), 210);
    let asked = stand.asked();
    assert_eq!(asked.iter().map(|uri| uri.matches(';').count()).sum::<usize>(), 210);
    assert!(asked.len() == 3 && asked.iter().all(|uri| uri.matches(';').count() <= 99));
    // Nothing there at all: the estimate, at once.
    let t = TestApp::sqlite().await.with_routing(Routing::new("http://127.0.0.1:1", None).unwrap());
    placed(&t, 12, "架空みなと病院", 35.5974, 140.1065).await;
    t.settled().await;
    let page = t.person(Kind::FireHeadquarters, Some(12)).await.get(&format!("/board?near={FROM}")).await.text;
    assert_eq!(way(&page, "架空みなと病院"), "直線 1.1 km 約3分");
}

#[tokio::test]
async fn one_place_without_a_road_takes_it_from_no_other() {
    let (stand, address) = stand().await;
    let t = TestApp::sqlite().await.with_routing(Routing::new(&address, None).unwrap());
    for n in 0..120 {
        placed(&t, 12, &format!("架空第{n}病院"), 35.0 + f64::from(n) / 1000.0, 140.0).await;
    }
    placed(&t, 12, "架空島の病院", ISLAND, 139.35).await;
    t.settled().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    stand.set(Mood::Island);
    let page = fire.get(BOARD).await.text;
    assert_eq!(page.matches("<span class=\"dist\">道のり").count(), 120);
    assert!(way(&page, "架空島の病院").starts_with("直線 "));
    let asked = stand.asked().len();
    assert!((3..=2 + 2 * 14).contains(&asked), "{asked}");
    // What it refuses of a place it refuses again: that is kept, and nobody rests.
    fire.get(BOARD).await;
    assert_eq!(stand.asked().len(), 0);
    stand.set(Mood::Refusing);
    assert!(fire.get("/board?near=35.7,140.2").await.text.contains("いまは、道路の経路を調べられません。"));
    fire.get("/board?near=35.7,140.2").await;
    assert_eq!(stand.asked().len(), 2, "once for each hundred, not halved");
    // From nowhere: each half is refused, and the asking ends.
    stand.set(Mood::Island);
    assert!(fire.get(&format!("/board?near={ISLAND},140.0")).await.text.contains("いまは、道路の経路を調べられません。"));
    let asked = stand.asked().len();
    assert!(asked <= 2 * (1 + 2 * 14), "{asked}");
    stand.set(Mood::Well);
    assert!(fire.get("/board?near=35.8,140.3").await.text.contains("<span class=\"dist\">道のり"), "nobody rests");
}

#[tokio::test]
async fn who_asks_the_same_waits_for_the_same_and_waiting_is_no_failure() {
    let (stand, address) = stand().await;
    let t = TestApp::sqlite().await.with_routing(Routing::new(&address, None).unwrap());
    placed(&t, 12, "川のこちら病院", 35.5674, 140.1065).await;
    t.settled().await;
    let fire = t.person(Kind::FireHeadquarters, Some(12)).await;
    stand.set(Mood::Slow);
    let by_road = |pages: Vec<crate::harness::Got>| pages.iter().filter(|page| page.text.contains("<span class=\"dist\">道のり")).count();
    assert_eq!(by_road(join_all((0..8).map(|_| fire.get(BOARD))).await), 8);
    assert_eq!(stand.asked().len(), 1);

    // From forty places at once: the last of them wait too long for their turn.
    let places: Vec<String> = (0..40).map(|n| format!("/board?near=35.6,140.{:03}", 100 + n)).collect();
    let known = by_road(join_all(places.iter().map(|place| fire.get(place))).await);
    assert!((1..40).contains(&known), "{known}");
    // That is no failure of the service: it is asked for the others, and whoever comes next is answered.
    stand.set(Mood::Well);
    assert_eq!(by_road(vec![fire.get("/board?near=35.7,140.2").await]), 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(by_road(join_all(places.iter().map(|place| fire.get(place))).await), 40);
    assert_eq!(stand.asked().len(), 41, "nothing is asked twice");
}
