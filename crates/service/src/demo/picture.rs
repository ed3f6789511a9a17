//! Phases and a threshold of the invented prefectures, so that a first look finds them in use.

use akidoko_domain::picture::{BedRate, Measure, Phase, Phases, Side, Threshold};

/// Three phases around the beds that their hospitals have; the second holds.
pub fn phases() -> Phases {
    let step = |name: &str, beds: u32, severe: u32, criteria: &str| Phase {
        name: name.to_owned(),
        ready_beds: Some(beds),
        ready_beds_severe: Some(severe),
        criteria: criteria.to_owned(),
    };
    Phases {
        steps: vec![
            step("1", 260, 20, "確保病床使用率が 30 % 未満の日が 1 週間続いたとき"),
            step("2", 450, 36, "確保病床使用率が 40 % を超え、地域の感染状況から必要と判断したとき"),
            step("3", 620, 48, "確保病床使用率が 70 % を超え、さらに増えると見込むとき"),
        ],
        current: 1,
    }
}

/// One that such prefectures come near to.
pub fn threshold() -> Threshold {
    Threshold { measure: Measure::Rate(BedRate::Secured), area: None, side: Side::Above, raise: 650, clear: 600 }
}
