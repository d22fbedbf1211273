//! The reference and the model are judged as any other stack, and without waivers: no difference from the table,
//! nothing that could not be reached.

use lastack::driver::{Aim, Driver};
use lastack::model::Model;
use lastack::subject::reference::Reference;
use lastack::subject::{Factory, IpVersion};
use lastack::suite::run::{Case, cross_in};
use lastack::table::Profile;
use lastack::verdict::Verdict;

/// Every `step`-th cell and history, beginning with `first`; what is not pass or allowed, with its scenario.
fn judge(stack: &dyn Factory, profile: &str, ip: IpVersion, (first, step): (usize, usize)) {
    let mut driver = Driver::new(stack);
    let declared = driver.description().profile;
    let profile: Profile = declared.with_text(profile).expect("a profile of the test");
    driver.set_profile(profile);
    let run = cross_in(driver.description(), ip, 0);
    let (mut ran, mut wrong) = (0, Vec::new());
    for case in Case::all(true).skip(first).step_by(step) {
        if case.needs().lacking(&driver.description().capabilities).is_some() {
            continue;
        }
        let (scenario, event) = case.scenario(&run);
        let aim: Option<Aim> = case.aim(event);
        let Ok(summary) = driver.run(&scenario, aim) else { continue };
        ran += 1;
        if !matches!(summary.verdict(), Verdict::Pass | Verdict::Allowed) {
            let difference = summary.finding.iter().chain(&summary.conceded).next();
            let what = difference.map(|d| d.signature.to_string()).or(summary.inconclusive);
            wrong.push(format!("{case}: {}", what.unwrap_or_default()));
        }
    }
    assert!(ran >= 5_000, "only {ran} scenarios ran");
    assert!(wrong.is_empty(), "{} of {ran}, first {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
}

#[test]
fn the_reference_does_what_the_table_says() {
    judge(&Reference::Forking, "", IpVersion::V4, (0, 7));
    judge(&Reference::Forking, "", IpVersion::V6, (1, 61));
}

#[test]
fn the_reference_without_rfc_5961_does_what_the_table_says() {
    judge(&Reference::ForkingClassic, "", IpVersion::V4, (2, 61));
    judge(&Reference::SingleClassic, "", IpVersion::V6, (3, 61));
}

#[test]
fn the_reference_with_one_record_a_listener_does_what_the_table_says() {
    judge(&Reference::Single, "", IpVersion::V4, (4, 61));
}

#[test]
fn the_model_does_what_its_table_says() {
    judge(&Model::STANDARD, "", IpVersion::V4, (5, 61));
    judge(&Model::STANDARD, "classic", IpVersion::V6, (6, 61));
}
