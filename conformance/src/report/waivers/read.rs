//! The reader of waiver files: TOML into entries, every error with its place.

use core::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{Acceptance, Pattern, StackWaivers, Waiver, Waivers};
use crate::report::explain;
use crate::subject::IpVersion;
use crate::verdict::SignaturePattern;

/// A reason shorter than this says nothing.
const REASON_MIN: usize = 12;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    stack: Vec<StackEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StackEntry {
    name: String,
    version: String,
    profile: Option<String>,
    #[serde(default)]
    waiver: Vec<WaiverEntry>,
    #[serde(default)]
    inconclusive: Vec<InconclusiveEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverEntry {
    title: Spanned<String>,
    signatures: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    rare: Vec<Spanned<String>>,
    section: Spanned<String>,
    reason: Spanned<String>,
    link: Option<String>,
    ip: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InconclusiveEntry {
    cause: String,
    reason: Spanned<String>,
}

pub(super) fn parse(text: &str, name: &str) -> Result<Waivers, String> {
    let source = Source { name, text };
    let file: File = toml::from_str(text)
        .map_err(|error| source.error(error.span().unwrap_or_default(), error.message()))?;
    let stacks = file.stack.into_iter().map(|entry| source.stack(entry)).collect::<Result<_, _>>()?;
    Ok(Waivers { stacks })
}

/// A file's text and name, for errors that say where.
struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    /// `file:line:column: what`, the columns counted in characters from 1.
    fn error(&self, at: Range<usize>, what: impl core::fmt::Display) -> String {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{}:{column}: {what}", self.name, self.line(at.start))
    }

    fn line(&self, offset: usize) -> usize {
        self.text.get(..offset).unwrap_or(self.text).matches('\n').count() + 1
    }

    fn place(&self, at: Range<usize>) -> String {
        format!("{}:{}", self.name, self.line(at.start))
    }

    fn stack(&self, entry: StackEntry) -> Result<StackWaivers, String> {
        let mut findings: Vec<Waiver> = Vec::new();
        for waiver in entry.waiver {
            findings.push(self.waiver(waiver, &findings)?);
        }
        let mut inconclusive = Vec::new();
        for known in entry.inconclusive {
            inconclusive.push((known.cause, self.reason(known.reason)?));
        }
        let StackEntry { name, version, profile, .. } = entry;
        Ok(StackWaivers { name, version, profile, findings, inconclusive })
    }

    fn waiver(&self, entry: WaiverEntry, earlier: &[Waiver]) -> Result<Waiver, String> {
        let ip = entry.ip.map(|ip| self.ip(ip)).transpose()?;
        let same_ip = |w: &&Waiver| w.ip.is_none() || ip.is_none() || w.ip == ip;
        let mut signatures: Vec<Pattern> = Vec::new();
        let place = self.place(entry.title.span());
        let at = entry.signatures.as_ref().map_or(entry.title.span(), Spanned::span);
        let common = entry.signatures.map_or_else(Vec::new, Spanned::into_inner);
        if common.is_empty() && entry.rare.is_empty() {
            return Err(self.error(at, "there is no signature"));
        }
        let common = common.into_iter().map(|text| (text, false));
        for (text, rare) in common.chain(entry.rare.into_iter().map(|text| (text, true))) {
            let pattern = self.signature(&text, rare)?;
            let others = earlier.iter().filter(same_ip).flat_map(|waiver| &waiver.signatures);
            if let Some(first) = others.chain(&signatures).find(|known| known.signature == pattern.signature)
            {
                return Err(
                    self.error(text.span(), format!("this signature stands at {} already", first.place))
                );
            }
            signatures.push(pattern);
        }
        let accepted = Acceptance {
            title: self.some(entry.title, "title")?,
            section: self.some(entry.section, "section")?,
            reason: self.reason(entry.reason)?,
            link: entry.link,
        };
        Ok(Waiver { accepted, signatures, ip, place })
    }

    fn signature(&self, text: &Spanned<String>, rare: bool) -> Result<Pattern, String> {
        let signature: SignaturePattern =
            text.get_ref().parse().map_err(|error| self.error(text.span(), error))?;
        // A rule's name with a slip in it would waive nothing, and nobody would hear of it.
        if let Some(rule) = &signature.rule
            && let Err(error) = explain::known(rule)
        {
            return Err(self.error(text.span(), error));
        }
        Ok(Pattern { signature, text: text.get_ref().clone(), place: self.place(text.span()), rare })
    }

    fn ip(&self, ip: Spanned<String>) -> Result<IpVersion, String> {
        match ip.get_ref().as_str() {
            "ipv4" => Ok(IpVersion::V4),
            "ipv6" => Ok(IpVersion::V6),
            other => {
                let what = format!("ip is \"ipv4\", \"ipv6\" or left out, this is {other:?}");
                Err(self.error(ip.span(), what))
            }
        }
    }

    fn some(&self, text: Spanned<String>, what: &str) -> Result<String, String> {
        let words = text.get_ref().trim();
        if words.is_empty() {
            return Err(self.error(text.span(), format!("the {what} is empty")));
        }
        Ok(words.to_owned())
    }

    /// What a person wrote.
    fn reason(&self, reason: Spanned<String>) -> Result<String, String> {
        let text = reason.get_ref().trim();
        if text.to_ascii_uppercase().starts_with("TODO") {
            let what = "this waiver has no reason yet: a person must write why the finding is accepted";
            return Err(self.error(reason.span(), what));
        }
        if text.chars().count() < REASON_MIN {
            return Err(self.error(reason.span(), format!("{text:?} is no reason: say it in a sentence")));
        }
        Ok(text.to_owned())
    }
}
