//! A campaign's folder: what is left of it when it ends, and where it goes on.
//!
//! | in the folder | |
//! | --- | --- |
//! | `corpus/` | the inputs, a file each, named by what is in them |
//! | `findings/*.scn` | for each finding its shortest input as text; `.bin` where an input is no scenario |
//! | `campaign.txt` | what ran, how far, and when each finding was seen first ([`State`]) |
//!
//! Corpus and findings are what counts: the state only remembers. Files that somebody else put there stay.

mod state;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fmt, fs, io};

pub use self::state::{Remembered, State};
use super::engine::Campaign;
use super::findings::{Finding, Key};
use super::{Bench, Target};
use crate::report::plain;
use crate::scenario::Scenario;

/// No input of ours is near this.
const FILE_MAX: u64 = 1 << 20;
/// More files than any corpus has.
const FILES_MAX: usize = 1_000_000;

/// Why a folder cannot be used.
#[derive(Debug)]
pub struct FolderError {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for FolderError {}

/// What was read from a folder.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// The corpus, then the findings, as inputs.
    pub inputs: Vec<Vec<u8>>,
    /// How many of them are findings.
    pub findings: usize,
    /// What it remembers; `None` of a folder without a campaign.
    pub state: Option<State>,
}

/// A folder that a campaign is saved in.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Files of the corpus that are ours to remove.
    corpus: BTreeSet<String>,
    findings: BTreeSet<String>,
}

impl Folder {
    /// The folder, made where there is none, and what is in it.
    ///
    /// # Errors
    /// It cannot be made or read, or a file in it is none of a campaign.
    pub fn open(path: &Path) -> Result<(Folder, Held), FolderError> {
        for dir in [path, &path.join("corpus"), &path.join("findings")] {
            fs::create_dir_all(dir).map_err(|error| wrong(dir, &error))?;
        }
        let mut folder = Folder { path: path.to_owned(), corpus: BTreeSet::new(), findings: BTreeSet::new() };
        let held = read_into(path, &mut folder)?;
        Ok((folder, held))
    }

    /// Writes a campaign: what is new; what it has let go of goes.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn save(&mut self, campaign: &Campaign, state: &State, bench: &Bench<'_>) -> Result<(), FolderError> {
        let mut corpus = BTreeSet::new();
        for input in campaign.corpus.inputs() {
            let name = content_name(input);
            if !self.corpus.contains(&name) {
                self.write(&self.path.join("corpus").join(&name), input)?;
            }
            corpus.insert(name);
        }
        let gone = self.corpus.difference(&corpus).map(|name| self.path.join("corpus").join(name));
        gone.for_each(remove);
        self.corpus = corpus;
        let mut findings = BTreeSet::new();
        for (key, finding) in campaign.findings.iter() {
            let name = file_name(key, finding, bench);
            let path = self.path.join("findings").join(&name);
            self.write(&path, &finding_octets(key, finding, bench, state))?;
            findings.insert(name);
        }
        let gone = self.findings.difference(&findings).map(|name| self.path.join("findings").join(name));
        gone.for_each(remove);
        self.findings = findings;
        self.write(&self.path.join(STATE), state.to_string().as_bytes())
    }

    /// Never half a file: an interrupt leaves the old one or the new one.
    fn write(&self, path: &Path, octets: &[u8]) -> Result<(), FolderError> {
        let half = self.path.join(".half");
        fs::write(&half, octets).map_err(|error| wrong(&half, &error))?;
        fs::rename(&half, path).map_err(|error| wrong(path, &error))
    }
}

/// What another campaign's folder holds, to be merged.
///
/// # Errors
/// It cannot be read, or a file in it is none of a campaign.
pub fn read(path: &Path) -> Result<Held, FolderError> {
    if !path.join("corpus").is_dir() && !path.join("findings").is_dir() {
        let why = "there is neither a corpus nor a findings folder in it".to_owned();
        return Err(FolderError { path: path.to_owned(), why });
    }
    let mut none = Folder { path: path.to_owned(), corpus: BTreeSet::new(), findings: BTreeSet::new() };
    read_into(path, &mut none)
}

/// Everything in a folder as inputs, whoever put it there: scripts in text as scripts, anything else as it is.
///
/// # Errors
/// A file cannot be read.
pub fn inputs(dir: &Path) -> Result<Vec<Vec<u8>>, FolderError> {
    let as_input = |path: &PathBuf| {
        let octets = octets(path)?;
        let text = core::str::from_utf8(&octets).ok();
        let scenario = text.and_then(|text| text.parse::<Scenario>().ok());
        Ok(scenario.map_or(octets, |scenario| scenario.to_bytes()))
    };
    files(dir)?.iter().map(as_input).collect()
}

const STATE: &str = "campaign.txt";

fn read_into(path: &Path, folder: &mut Folder) -> Result<Held, FolderError> {
    let mut held = Held { state: read_state(&path.join(STATE))?, ..Held::default() };
    for file in files(&path.join("corpus"))? {
        let input = octets(&file)?;
        let name = name_of(&file);
        if name == content_name(&input) {
            folder.corpus.insert(name);
        }
        held.inputs.push(input);
    }
    let remembered = held.state.iter().flat_map(|state| &state.findings);
    folder.findings.extend(remembered.map(|known| known.file.clone()));
    for file in files(&path.join("findings"))? {
        held.inputs.push(finding_input(&file)?);
        held.findings += 1;
    }
    Ok(held)
}

fn read_state(path: &Path) -> Result<Option<State>, FolderError> {
    match fs::read_to_string(path) {
        Ok(text) => {
            let state = text.parse().map_err(|why| FolderError { path: path.to_owned(), why })?;
            Ok(Some(state))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(path, &error)),
    }
}

/// A finding's file as an input: a scenario in text, or octets.
fn finding_input(path: &Path) -> Result<Vec<u8>, FolderError> {
    let octets = octets(path)?;
    if path.extension().is_none_or(|extension| extension != "scn") {
        return Ok(octets);
    }
    let text = core::str::from_utf8(&octets).map_err(|_| "no text".to_owned());
    let scenario = text.and_then(|text| text.parse::<Scenario>().map_err(|error| error.to_string()));
    let scenario = scenario.map_err(|why| FolderError { path: path.to_owned(), why })?;
    Ok(scenario.to_bytes())
}

/// The files of a folder by name; none of a folder that is not there.
fn files(dir: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(wrong(dir, &error)),
    };
    let mut files = Vec::new();
    for entry in entries.take(FILES_MAX) {
        let path = entry.map_err(|error| wrong(dir, &error))?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn octets(path: &Path) -> Result<Vec<u8>, FolderError> {
    use io::Read as _;
    let mut octets = Vec::new();
    let file = fs::File::open(path).map_err(|error| wrong(path, &error))?;
    file.take(FILE_MAX + 1).read_to_end(&mut octets).map_err(|error| wrong(path, &error))?;
    if octets.len() as u64 > FILE_MAX {
        return Err(FolderError {
            path: path.to_owned(),
            why: format!("over {FILE_MAX} octets is no input"),
        });
    }
    Ok(octets)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What is already gone needs no removing.
fn remove(path: PathBuf) {
    let _ = fs::remove_file(path);
}

fn wrong(path: &Path, error: &io::Error) -> FolderError {
    FolderError { path: path.to_owned(), why: error.to_string() }
}

/// FNV-1a over the octets, and their number.
fn content_name(input: &[u8]) -> String {
    let step = |hash: u64, octet: &u8| (hash ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325, step);
    format!("{hash:016x}-{}", input.len())
}

/// A finding's file, by its signature and who is charged.
pub fn file_name(key: &Key, finding: &Finding, bench: &Bench<'_>) -> String {
    let who = match (key.0, bench.target()) {
        (None, Target::Worlds) => ".pair",
        (None, _) => ".own",
        (Some(0), Target::Worlds | Target::Differential) => ".first",
        (Some(_), Target::Worlds | Target::Differential) => ".second",
        _ => "",
    };
    let form = if bench.scenario(&finding.input).is_some() { "scn" } else { "bin" };
    plain(&format!("{}{who}.{form}", key.1.to_string().replace(':', ".")))
}

fn finding_octets(key: &Key, finding: &Finding, bench: &Bench<'_>, state: &State) -> Vec<u8> {
    let Some(scenario) = bench.scenario(&finding.input) else { return finding.input.clone() };
    let who = key.0.and_then(|stack| state.stacks.get(stack));
    let who = who.map_or("lastack itself, or the pair", |name| name);
    let cause = finding.cause.map_or_else(String::new, |cause| format!("# follows {cause}\n"));
    format!("# {} by {who}\n{cause}{scenario}", key.1).into_bytes()
}
