//! What a program says of itself in HELLO, as text.

use crate::subject::{Capabilities, Description, ListenerKind};
use crate::table::Profile;

use super::wire::Nonsense;

/// A word of the line `can` and the capability that it declares.
type Word = (&'static str, fn(&mut Capabilities) -> &mut bool);

#[rustfmt::skip]
const WORDS: [Word; 12] = [
    ("ipv4",             |c| &mut c.ipv4),
    ("ipv6",             |c| &mut c.ipv6),
    ("many",             |c| &mut c.many),
    ("iss",              |c| &mut c.iss),
    ("exact-recv-buffer", |c| &mut c.exact_recv_buffer),
    ("zero-recv-buffer", |c| &mut c.zero_recv_buffer),
    ("reads-when-full",  |c| &mut c.reads_when_full),
    ("half-close",       |c| &mut c.half_close),
    ("user-timeout",     |c| &mut c.user_timeout),
    ("keep-alive",       |c| &mut c.keep_alive),
    ("virtual-time",     |c| &mut c.virtual_time),
    ("names-errors",     |c| &mut c.names_errors),
];

/// Nothing at all.
const NOTHING: Capabilities = Capabilities {
    ipv4: false,
    ipv6: false,
    many: false,
    listener: ListenerKind::BecomesConnection,
    iss: false,
    exact_recv_buffer: false,
    zero_recv_buffer: false,
    reads_when_full: false,
    half_close: false,
    user_timeout: false,
    keep_alive: false,
    virtual_time: false,
    names_errors: false,
};

/// The description as HELLO's text.
pub(super) fn write(description: &Description) -> String {
    let mut can = description.capabilities;
    let words: Vec<&str> = WORDS.iter().filter(|(_, has)| *has(&mut can)).map(|(word, _)| *word).collect();
    let listener = match can.listener {
        ListenerKind::BecomesConnection => "becomes".to_owned(),
        ListenerKind::Forks { backlog } => format!("forks {backlog}"),
    };
    format!(
        "name {}\nversion {}\nprofile {}\ncan {}\nlistener {listener}\n",
        description.name,
        description.version,
        description.profile,
        words.join(" "),
    )
}

/// HELLO's text as a description.
pub(super) fn read(text: &[u8]) -> Result<Description, Nonsense> {
    let text = core::str::from_utf8(text).map_err(|_| Nonsense("HELLO's text is no UTF-8".to_owned()))?;
    let mut description = Description {
        name: String::new(),
        version: String::new(),
        profile: Profile::default(),
        capabilities: NOTHING,
    };
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (word, value) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "name" => description.name = value.trim().to_owned(),
            "version" => description.version = value.trim().to_owned(),
            "profile" => description.profile = profile(value.trim())?,
            "can" => can(&mut description.capabilities, value)?,
            "listener" => description.capabilities.listener = listener(value)?,
            _ => return Err(Nonsense(format!("HELLO: there is no line {word:?}"))),
        }
    }
    if description.name.is_empty() {
        return Err(Nonsense("HELLO: the line \"name\" is missing".to_owned()));
    }
    if !description.capabilities.ipv4 && !description.capabilities.ipv6 {
        return Err(Nonsense("HELLO: \"can\" names neither ipv4 nor ipv6".to_owned()));
    }
    Ok(description)
}

fn profile(words: &str) -> Result<Profile, Nonsense> {
    if words.is_empty() {
        return Ok(Profile::default());
    }
    Profile::default().with_text(words).map_err(|what| Nonsense(format!("HELLO: profile: {what}")))
}

fn can(capabilities: &mut Capabilities, words: &str) -> Result<(), Nonsense> {
    for word in words.split_whitespace() {
        let known = WORDS.iter().find(|(name, _)| *name == word);
        let (_, has) = known.ok_or_else(|| Nonsense(format!("HELLO: can: there is no word {word:?}")))?;
        *has(capabilities) = true;
    }
    Ok(())
}

fn listener(words: &str) -> Result<ListenerKind, Nonsense> {
    let mut words = words.split_whitespace();
    let kind = match (words.next(), words.next().map(str::parse::<u16>)) {
        (Some("becomes"), None) => Some(ListenerKind::BecomesConnection),
        (Some("forks"), Some(Ok(backlog))) => Some(ListenerKind::Forks { backlog }),
        _ => None,
    };
    kind.ok_or_else(|| Nonsense("HELLO: listener is \"becomes\" or \"forks\" and a number".to_owned()))
}
