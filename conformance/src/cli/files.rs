//! Files that the command line reads and writes, with errors that name them.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::exit::Failure;
use crate::report::waivers::Waivers;
use crate::report::{Report, file_name, json, junit, markdown, text};
use crate::scenario::Scenario;

/// No scenario of ours is near this.
const SCENARIO_MAX: u64 = 16 << 20;

pub fn write(path: &Path, octets: &[u8]) -> Result<(), Failure> {
    fs::write(path, octets).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}

pub fn read_waivers(path: &Path) -> Result<Waivers, Failure> {
    let text =
        fs::read_to_string(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    Waivers::parse(&text, &path.display().to_string()).map_err(Failure::Usage)
}

/// Reads a scenario in either form: what holds control characters, or is no UTF-8, is bytes, and any
/// bytes are some scenario; all else is text and must be right.
pub fn read_scenario(path: &Path) -> Result<Scenario, Failure> {
    let octets = read(path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    if octets.len() as u64 > SCENARIO_MAX {
        return Err(Failure::Usage(format!("{}: over {SCENARIO_MAX} octets is no scenario", path.display())));
    }
    let is_text = |text: &&str| text.chars().all(|c| !c.is_control() || c.is_whitespace());
    match core::str::from_utf8(&octets).ok().filter(is_text) {
        Some(text) => text.parse().map_err(|error| Failure::Usage(format!("{}: {error}", path.display()))),
        None => Ok(Scenario::from_bytes(&octets)),
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let limit = SCENARIO_MAX + 1;
    if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut octets)?;
    } else {
        fs::File::open(path)?.take(limit).read_to_end(&mut octets)?;
    }
    Ok(octets)
}

/// `--out`: the report in all formats, and a file for each finding's scenario.
pub fn write_folder(dir: &Path, report: &Report, options: &text::Options<'_>) -> Result<(), Failure> {
    let plain = text::Options { colour: false, full: true, ..*options };
    make(dir)?;
    write(&dir.join("report.txt"), text::render(report, &plain).as_bytes())?;
    write(&dir.join("report.md"), markdown::render(report).as_bytes())?;
    write(&dir.join("report.json"), render_json(report)?.as_bytes())?;
    write(&dir.join("junit.xml"), render_junit(report, options.command)?.as_bytes())?;
    for stack in &report.stacks {
        let folder = dir.join(stack.folder());
        make(&folder)?;
        for (signature, finding) in &stack.findings {
            let text = format!("# {} on {}\n{}", signature, stack.label(), finding.scenario);
            write(&folder.join(file_name(signature)), text.as_bytes())?;
        }
    }
    Ok(())
}

fn make(dir: &Path) -> Result<(), Failure> {
    fs::create_dir_all(dir).map_err(|error| Failure::Usage(format!("{}: {error}", dir.display())))
}

pub fn render_json(report: &Report) -> Result<String, Failure> {
    json::render(report).map_err(|error| Failure::Own(format!("the JSON report: {error}")))
}

pub fn render_junit(report: &Report, command: &str) -> Result<String, Failure> {
    junit::render(report, command).map_err(|error| Failure::Own(format!("the JUnit report: {error}")))
}
