//! What the environment says.
//!
//! | variable | |
//! | --- | --- |
//! | `LASTACK_SUBJECT` | the stack that is fuzzed; without it the reference |
//! | `LASTACK_AGAINST` | the second stack, of `worlds` and `differential`; without it the model |
//! | `LASTACK_KNOWN` | signatures that are no news, as waivers write them (`*` admits every value of a field), between spaces or line ends |
//! | `LASTACK_WAIVERS` | more waiver files, separated as in `PATH` |
//! | `LASTACK_NO_WAIVERS` | with any value: what the waivers accept is news too |
//! | `LASTACK_OCTETS` | with any value: inputs are changed as octets, by libFuzzer alone |
//! | `LASTACK_GO_ON` | with any value: a finding is told and written once, and the campaign goes on |

use std::env;

use lastack::campaign::{Mutator, Target};
use lastack::report::waivers::{self, Waivers};
use lastack::subject::{Factory, IpVersion, registry};
use lastack::verdict::{Signature, SignaturePattern};

/// Who is fuzzed, and what is no news.
pub struct Settings {
    pub stacks: [&'static dyn Factory; 2],
    pub goes_on: bool,
    pub mutator: Mutator,
    known: Vec<SignaturePattern>,
    /// Of each stack, over IPv4 and over IPv6.
    waived: [[Vec<SignaturePattern>; 2]; 2],
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    /// What in it means nothing, and what would.
    pub fn read(target: Target) -> Result<Settings, String> {
        let first = stack("LASTACK_SUBJECT", "reference")?;
        let second = stack("LASTACK_AGAINST", "model")?;
        for stack in [first, second] {
            stack.ready().map_err(|why| format!("{}: {why}", stack.describe().name))?;
        }
        let known = env::var("LASTACK_KNOWN").unwrap_or_default();
        // A comma may be part of a signature: `SYN,ACK`.
        let words = known.split_whitespace().map(|word| word.trim_end_matches(','));
        let known = words.filter(|word| !word.is_empty()).map(str::parse).collect::<Result<_, String>>();
        let stacks = [first, second];
        let mut settings = Settings {
            stacks,
            goes_on: env::var_os("LASTACK_GO_ON").is_some(),
            mutator: match env::var_os("LASTACK_OCTETS") {
                Some(_) => Mutator::Octets,
                None => Mutator::Meaning,
            },
            known: known.map_err(|why| format!("LASTACK_KNOWN: {why}"))?,
            waived: Default::default(),
        };
        if env::var_os("LASTACK_NO_WAIVERS").is_none() {
            let mut all = waivers::embedded()?;
            let files = env::var_os("LASTACK_WAIVERS").unwrap_or_default();
            // Nothing at all is one path without a name.
            for path in env::split_paths(&files).filter(|path| !path.as_os_str().is_empty()) {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
                all.extend(Waivers::parse(&text, &name)?);
            }
            settings.waived = stacks.map(|stack| {
                let d = stack.describe();
                [IpVersion::V4, IpVersion::V6]
                    .map(|ip| all.signatures(&d.name, &d.version, &d.profile.to_string(), ip))
            });
        }
        let names = stacks.map(|stack| stack.describe().name);
        eprintln!("lastack: {} on {}", target.name(), names.join(" and "));
        Ok(settings)
    }

    /// Whether this signature of a stack, or of the pair, is accepted or known.
    pub fn is_known(&self, stack: Option<usize>, ip: IpVersion, signature: &Signature) -> bool {
        let waived = self.waived.iter().enumerate().filter(|(at, _)| stack.is_none_or(|s| s == *at));
        let waived = waived.flat_map(|(_, by_ip)| &by_ip[usize::from(ip == IpVersion::V6)]);
        self.known.iter().chain(waived).any(|pattern| pattern.admits(signature))
    }
}

fn stack(variable: &str, default: &str) -> Result<&'static dyn Factory, String> {
    let name = env::var(variable).unwrap_or_else(|_| default.to_owned());
    registry::named(&name).ok_or_else(|| {
        let all = registry::embedded().iter().chain(registry::only_named());
        let names: Vec<String> = all.map(|stack| stack.describe().name).collect();
        format!("{variable}: there is no stack {name:?}; there are: {}", names.join(", "))
    })
}
