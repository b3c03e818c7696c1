//! The soak of `cargo bench --bench soak`, in small: two days over the end of summer time.

#[path = "../../benches/soak/quarter/mod.rs"]
pub(crate) mod quarter;

use self::quarter::Plan;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_days_of_faults_and_a_death_lose_nothing_and_double_nothing() {
    let begin = "2026-10-31T20:04:56Z".parse().unwrap();
    let plan = Plan { begin, days: 2, servers: 100, seed: 7 };
    let found = quarter::run(plan, |_, _| {}).await.unwrap();
    assert_eq!(found.problems, [""; 0], "{found}");
    assert_eq!((found.kills, found.rules), (1, 100), "{found}");
    assert!(found.firings > 100 && found.struck > 50 && found.changes > 20, "{found}");
}
