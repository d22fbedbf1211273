//! A profile in one line: `rst=classic syn=rfc5961 msl=30s`; what is not named is undeclared, and nothing
//! declared at all is `any`.

use core::fmt;

use lastack_core::types::Duration;

use super::{Choice, Profile, Protection, TimeWaitRst};

/// The names of the switches, in the order of print.
const NAMES: &str = "rst, syn, ack, time_wait_rst, reopen, half_duplex, drop_synfin, msl, rto_min, rto_max, r2, \
                     ack_delay, nagle";

/// Every declared switch as `name=value`, single spaces between.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            ("rst", protection(self.rst)),
            ("syn", protection(self.syn)),
            ("ack", protection(self.ack)),
            ("time_wait_rst", time_wait_rst(self.time_wait_rst)),
            ("reopen", choice(self.reopen)),
            ("half_duplex", choice(self.half_duplex)),
            ("drop_synfin", choice(self.drop_synfin)),
            ("nagle", choice(self.nagle)),
        ];
        let spans = [
            ("msl", self.msl),
            ("rto_min", self.rto_min),
            ("rto_max", self.rto_max),
            ("r2", self.r2),
            ("ack_delay", self.ack_delay),
        ];
        let words = words.into_iter().filter_map(|(name, word)| Some(format!("{name}={}", word?)));
        let spans = spans.into_iter().filter_map(|(name, span)| Some(format!("{name}={}", span_word(span?))));
        let declared: Vec<String> = words.chain(spans).collect();
        f.write_str(if declared.is_empty() { "any".to_owned() } else { declared.join(" ") }.as_str())
    }
}

impl Profile {
    /// This profile with the switches that `text` names set anew. `classic`, `rfc5961` and `any` alone
    /// set rst, syn and ack; commas or spaces stand between.
    ///
    /// # Errors
    /// The word that cannot be read, and what could stand there.
    pub fn with_text(mut self, text: &str) -> Result<Profile, String> {
        for word in text.split([',', ' ']).filter(|word| !word.is_empty()) {
            match word.split_once('=') {
                Some((name, value)) => self.set(name, value)?,
                None => {
                    let all = read_protection(word).map_err(|_| {
                        format!("{word:?} is neither classic, rfc5961, any nor NAME=VALUE; names are {NAMES}")
                    })?;
                    (self.rst, self.syn, self.ack) = (all, all, all);
                }
            }
        }
        Ok(self)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "rst" => self.rst = read_protection(value)?,
            "syn" => self.syn = read_protection(value)?,
            "ack" => self.ack = read_protection(value)?,
            "time_wait_rst" => self.time_wait_rst = read_time_wait_rst(value)?,
            "reopen" => self.reopen = read_choice(value)?,
            "half_duplex" => self.half_duplex = read_choice(value)?,
            "drop_synfin" => self.drop_synfin = read_choice(value)?,
            "nagle" => self.nagle = read_choice(value)?,
            "msl" => self.msl = read_span(value)?,
            "rto_min" => self.rto_min = read_span(value)?,
            "rto_max" => self.rto_max = read_span(value)?,
            "r2" => self.r2 = read_span(value)?,
            "ack_delay" => self.ack_delay = read_span(value)?,
            _ => return Err(format!("a profile has no switch {name:?}; it has {NAMES}")),
        }
        Ok(())
    }
}

const fn protection(value: Protection) -> Option<&'static str> {
    match value {
        Protection::Classic => Some("classic"),
        Protection::Rfc5961 => Some("rfc5961"),
        Protection::Any => None,
    }
}

const fn time_wait_rst(value: TimeWaitRst) -> Option<&'static str> {
    match value {
        TimeWaitRst::Close => Some("close"),
        TimeWaitRst::Ignore => Some("ignore"),
        TimeWaitRst::Any => None,
    }
}

const fn choice(value: Choice) -> Option<&'static str> {
    match value {
        Choice::Yes => Some("yes"),
        Choice::No => Some("no"),
        Choice::Any => None,
    }
}

/// `30s`, or `10ms`, or `1us`: the largest unit that is exact.
fn span_word(span: Duration) -> String {
    let micros = span.micros();
    if micros.is_multiple_of(1_000_000) {
        format!("{}s", micros / 1_000_000)
    } else if micros.is_multiple_of(1_000) {
        format!("{}ms", micros / 1_000)
    } else {
        format!("{micros}us")
    }
}

fn read_protection(value: &str) -> Result<Protection, String> {
    match value {
        "classic" => Ok(Protection::Classic),
        "rfc5961" => Ok(Protection::Rfc5961),
        "any" => Ok(Protection::Any),
        _ => Err(format!("{value:?} is not classic, rfc5961 or any")),
    }
}

fn read_time_wait_rst(value: &str) -> Result<TimeWaitRst, String> {
    match value {
        "close" => Ok(TimeWaitRst::Close),
        "ignore" => Ok(TimeWaitRst::Ignore),
        "any" => Ok(TimeWaitRst::Any),
        _ => Err(format!("{value:?} is not close, ignore or any")),
    }
}

fn read_choice(value: &str) -> Result<Choice, String> {
    match value {
        "yes" => Ok(Choice::Yes),
        "no" => Ok(Choice::No),
        "any" => Ok(Choice::Any),
        _ => Err(format!("{value:?} is not yes, no or any")),
    }
}

fn read_span(value: &str) -> Result<Option<Duration>, String> {
    if value == "any" {
        return Ok(None);
    }
    let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let (number, unit) = value.split_at(digits);
    let micros = match unit {
        "s" => Some(1_000_000),
        "ms" => Some(1_000),
        "us" => Some(1),
        _ => None,
    };
    let span = number.parse::<u64>().ok().zip(micros).and_then(|(number, unit)| number.checked_mul(unit));
    match span {
        Some(micros) => Ok(Some(Duration::from_micros(micros))),
        None => Err(format!("{value:?} is no span of time such as 30s, 200ms or 1us, and not any")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every switch survives being printed and read.
    #[test]
    fn print_and_read_are_inverse() {
        let text = "rst=classic syn=rfc5961 ack=classic time_wait_rst=ignore reopen=yes half_duplex=no \
                    drop_synfin=yes nagle=no msl=30s rto_min=200ms rto_max=64s r2=180s ack_delay=1us";
        assert_eq!(Profile::default().with_text(text).expect("all are known").to_string(), text);
        assert_eq!(Profile::default().to_string(), "any");
    }

    #[test]
    fn one_word_sets_the_three_mechanisms_and_leaves_the_rest() {
        let declared = Profile { nagle: Choice::Yes, ..Profile::default() };
        let changed = declared.with_text("rfc5961,rst=any").expect("both are known");
        assert_eq!(changed.to_string(), "syn=rfc5961 ack=rfc5961 nagle=yes");
    }

    #[test]
    fn mistakes_name_the_word() {
        for (text, word) in
            [("rst=maybe", "maybe"), ("rts=any", "rts"), ("modern", "modern"), ("msl=5", "\"5\"")]
        {
            let error = Profile::default().with_text(text).expect_err(text);
            assert!(error.contains(word), "{error}");
        }
    }
}
