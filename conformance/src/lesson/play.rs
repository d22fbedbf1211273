//! A scenario, played and drawn; what the judge finds fault with is no lesson.

use super::demonstrations::Scene;
use crate::driver::Driver;
use crate::scenario::Scenario;
use crate::trace::ladder;
use crate::trace::line::Numbers;

/// What is played.
pub fn scenario(scene: &Scene) -> Result<Scenario, String> {
    let text = format!("lastack scenario 1\n{}", scene.script);
    text.parse().map_err(|error| format!("{error}"))
}

/// Draws every scene.
pub fn play(out: &mut String, scenes: &[Scene]) -> Result<(), String> {
    for scene in scenes {
        let scenario = scenario(scene)?;
        let mut driver = Driver::new(&scene.stack);
        driver.record();
        let summary = driver.run(&scenario, None)?;
        if let Some(found) = summary.finding.iter().chain(&summary.conceded).next() {
            return Err(format!(
                "the judge finds {}: wanted {}, got {}",
                found.signature, found.want, found.got
            ));
        }
        if let Some(reason) = summary.inconclusive {
            return Err(reason);
        }
        let trace = driver.trace().cloned().unwrap_or_default();
        let options = ladder::Options { numbers: Numbers::Relative, stack: "the reference", states: &[] };
        out.push('\n');
        if !scene.title.is_empty() {
            out.push_str(&format!("{}:\n\n", scene.title));
        }
        out.push_str(&ladder::ladder(&trace, &options));
    }
    Ok(())
}
