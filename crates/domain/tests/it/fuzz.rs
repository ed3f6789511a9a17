//! Rules and records by chance, without a panic: ten thousand here, a million in `./test rules`（AKIDOKO_RULE_CASES）.

use crate::{
    chance::{Chance, answers, any},
    table::{judge, survey},
};
use akidoko_domain::rule::Expression;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

#[test]
fn no_rule_and_no_record_panics() {
    let wanted: usize = std::env::var("AKIDOKO_RULE_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let seed: u64 = std::env::var("AKIDOKO_RULE_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(20_260_410);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(8);
    let taken = AtomicUsize::new(0);
    let judged = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 0..threads {
            let (taken, judged) = (&taken, &judged);
            // The small stack of a worker: what is nested deeply must be refused, not descended into.
            let run = move || {
                let survey = survey();
                for case in (thread..wanted).step_by(threads) {
                    let mut c = Chance(seed.wrapping_add(u64::try_from(case).unwrap().wrapping_mul(0x1000_0001)));
                    let text = any(&mut c);
                    let ran = catch_unwind(AssertUnwindSafe(|| {
                        let expression = Expression::new(text.as_str());
                        if expression.program(&survey).is_err() {
                            return;
                        }
                        taken.fetch_add(1, Ordering::Relaxed);
                        for _ in 0..2 {
                            let (now, last) = (answers(&mut c, &survey), answers(&mut c, &survey));
                            let first = judge(&survey, &expression, &now, &last, Some(100));
                            assert_eq!(first, judge(&survey, &expression.afresh(), &now, &last, Some(100)), "the same twice");
                            judged.fetch_add(1, Ordering::Relaxed);
                        }
                    }));
                    assert!(ran.is_ok(), "case {case} of seed {seed}: {text:?}");
                }
            };
            thread::Builder::new().stack_size(2 << 20).spawn_scoped(scope, run).unwrap();
        }
    });
    let taken = taken.into_inner();
    println!("{wanted} expressions, {taken} of them taken, {} records judged", judged.into_inner());
    assert!(taken * 3 > wanted, "{taken} of {wanted} were taken: the others alone would test little");
}
