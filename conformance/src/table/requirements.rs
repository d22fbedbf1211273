//! The numbered and unnumbered requirements of RFC 9293 and its neighbours, as facts in our own words, and
//! how a rule's citation is read.

use std::sync::LazyLock;

/// One requirement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Requirement {
    /// `MUST-12`, `SHLD-3`, `MAY-2`, `REC-1` of RFC 9293; otherwise the RFC, the section and a letter.
    pub id: &'static str,
    /// MUST, MUST NOT, SHOULD, SHOULD NOT, MAY, RECOMMENDED: a capital keyword. COND-MUST binds where an
    /// optional protection is built in; TEXT is normative in lower case; INFO binds nobody.
    pub level: &'static str,
    /// The RFC, by number.
    pub rfc: u16,
    /// The section, with what narrows it down.
    pub section: &'static str,
    /// What it is about.
    pub area: &'static str,
    /// What it asks for.
    pub text: &'static str,
    /// Where it shows: `wire`, `api`, `both` or `not`.
    pub observable: &'static str,
    /// The states that it concerns, `|` between, or `all`.
    pub states: &'static str,
    /// Whether it concerns the life of connections: `yes`, `partly` or `no`.
    pub connection: &'static str,
    /// How it can be seen from outside.
    pub check: &'static str,
}

static REQUIREMENTS: LazyLock<Vec<Requirement>> =
    LazyLock::new(|| parse(include_str!("../../data/requirements.csv")));

/// All of them, in the order of the data.
pub fn requirements() -> &'static [Requirement] {
    &REQUIREMENTS
}

/// The one with this id.
pub fn requirement(id: &str) -> Option<&'static Requirement> {
    requirements().iter().find(|r| r.id == id)
}

/// What a citation names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cited<'a> {
    /// A numbered requirement of RFC 9293.
    Id(&'a str),
    /// A section of an RFC.
    Section {
        /// The RFC, by number.
        rfc: u16,
        /// `3.10.7.4`, `A.2`.
        section: &'a str,
    },
}

/// The ids and sections of a citation such as `3.10.7.4 first; RFC 5961 3.2 7; MUST-12`: sections without an
/// RFC are RFC 9293's; figures, errata and the names of steps are left out.
pub fn cited(cite: &str) -> Vec<Cited<'_>> {
    let mut found = Vec::new();
    for part in cite.split([';', ',']) {
        cited_in_part(part, &mut found);
    }
    found
}

fn cited_in_part<'a>(part: &'a str, found: &mut Vec<Cited<'a>>) {
    let mut rfc = None;
    let mut words = part.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if word == "RFC" {
            rfc = words.next().and_then(|number| number.parse().ok());
        } else if matches!(word, "Fig." | "erratum") {
            words.next();
        } else if is_id(word) {
            found.push(Cited::Id(word));
        } else {
            // `3.5.2(2)` is item 2 of section 3.5.2; a word of the glossary follows in parentheses.
            let section = word.split('(').next().unwrap_or(word);
            let glossary = words.peek().is_some_and(|next| next.starts_with('('));
            if is_section(section) && (section.contains('.') || rfc.is_some() || glossary) {
                found.push(Cited::Section { rfc: rfc.unwrap_or(9293), section });
            }
        }
    }
}

fn is_id(word: &str) -> bool {
    ["MUST-", "SHLD-", "MAY-", "REC-"].iter().any(|kind| {
        word.strip_prefix(kind).is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn is_section(word: &str) -> bool {
    let number = word.strip_prefix("A.").or_else(|| word.strip_prefix("B.")).unwrap_or(word);
    !number.is_empty() && number.split('.').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

impl Requirement {
    /// Whether it stands in this section of this RFC.
    pub fn is_in(&self, rfc: u16, section: &str) -> bool {
        self.rfc == rfc && self.section.split([' ', '/', '(']).any(|word| word == section)
    }
}

/// The data has a header line and nine columns; fields with commas are quoted, none holds a quote or a line
/// break (a test reads every line).
fn parse(csv: &'static str) -> Vec<Requirement> {
    csv.lines().skip(1).filter_map(parse_line).collect()
}

fn parse_line(line: &'static str) -> Option<Requirement> {
    let mut fields = Fields { rest: Some(line) };
    let mut next = || fields.next();
    let (id, level, section, area, text) = (next()?, next()?, next()?, next()?, next()?);
    let (observable, states, connection, check) = (next()?, next()?, next()?, next()?);
    let rfc = match id.strip_prefix("RFC") {
        Some(rest) => rest.split('-').next()?.parse().ok()?,
        None => 9293,
    };
    Some(Requirement { id, level, rfc, section, area, text, observable, states, connection, check })
}

/// The fields of one line.
struct Fields {
    rest: Option<&'static str>,
}

impl Iterator for Fields {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let rest = self.rest?;
        let (field, after) = match rest.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
            Some((field, after)) => (field, after.strip_prefix(',')),
            None => match rest.split_once(',') {
                Some((field, after)) => (field, Some(after)),
                None => (rest, None),
            },
        };
        self.rest = after;
        Some(field)
    }
}
