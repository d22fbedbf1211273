//! What the property tests share.

use proptest::test_runner::{Config, FileFailurePersistence, RngSeed};

/// So many cases, the same ones in every run. `PROPTEST_RNG_SEED` and `PROPTEST_CASES` ask for others; what
/// fails is kept beside the test's source and tried first from then on.
pub fn config(cases: u32) -> Config {
    let from_environment = Config::default();
    let rng_seed = match from_environment.rng_seed {
        RngSeed::Random => RngSeed::Fixed(9293),
        fixed => fixed,
    };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { from_environment.cases } else { cases };
    let kept = FileFailurePersistence::WithSource("regressions");
    Config { cases, rng_seed, failure_persistence: Some(Box::new(kept)), ..from_environment }
}
