//! Network namespaces of the process's own, with the kernel's settings for all stacks.
//!
//! There is one until there are very many stacks. Whenever an address comes or goes the kernel walks over all
//! routes of its namespace, one thread at a time: a thousand stacks in one would wait for each other.

use core::fmt;
use std::fs::File;
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Why there is no namespace or no device: one plain sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Settings of the namespace, below `/proc/sys/net`. Older kernels lack some; those are passed over.
///
/// Answers are not rationed, so that each can be judged; the congestion control is RFC 5681's and does not pace;
/// what a scenario's peer does not speak (SACK, timestamps, ECN, Fast Open) is not offered; text leaves when it is
/// sent; a backlog that is full is no reason for cookies; nothing is remembered of earlier connections; and the
/// device sends nothing but what TCP does.
#[rustfmt::skip]
const SETTINGS: [(&str, &str); 24] = [
    ("ipv4/tcp_invalid_ratelimit",              "0"),
    ("ipv4/tcp_challenge_ack_limit",            "2147483647"),
    ("ipv4/tcp_congestion_control",             "reno"),
    ("ipv4/tcp_timestamps",                     "0"),
    ("ipv4/tcp_sack",                           "0"),
    ("ipv4/tcp_ecn",                            "0"),
    ("ipv4/tcp_fastopen",                       "0"),
    ("ipv4/tcp_autocorking",                    "0"),
    ("ipv4/tcp_syncookies",                     "0"),
    ("ipv4/tcp_no_metrics_save",                "1"),
    ("ipv4/tcp_max_tw_buckets",                 "1000000"),
    ("ipv4/ip_forward",                         "0"),
    ("ipv4/conf/all/rp_filter",                 "0"),
    ("ipv4/conf/default/rp_filter",             "0"),
    ("ipv6/conf/all/accept_dad",                "0"),
    ("ipv6/conf/default/accept_dad",            "0"),
    ("ipv6/conf/all/dad_transmits",             "0"),
    ("ipv6/conf/default/dad_transmits",         "0"),
    ("ipv6/conf/all/accept_ra",                 "0"),
    ("ipv6/conf/default/accept_ra",             "0"),
    ("ipv6/conf/all/router_solicitations",      "0"),
    ("ipv6/conf/default/router_solicitations",  "0"),
    ("ipv6/conf/all/addr_gen_mode",             "1"),
    ("ipv6/conf/default/addr_gen_mode",         "1"),
];

/// The namespace, seen from the process's own.
pub(crate) struct Namespace {
    /// Both are missing where the whole process lives inside.
    doors: Option<(File, File)>,
}

/// Stacks that share a namespace, as long as there are namespaces.
const STACKS: usize = 32;
const NAMESPACES: usize = 64;

static MADE: [OnceLock<Result<Namespace, Refused>>; NAMESPACES] = [const { OnceLock::new() }; NAMESPACES];
/// Stacks so far, those that are gone included.
static STACK: AtomicUsize = AtomicUsize::new(0);

/// Makes the first namespace, if there is none yet. An ordinary user needs a user namespace for it, and only a
/// process of one thread can make that: call it before any other thread is started. The whole process then
/// lives inside.
///
/// # Errors
/// What the system refuses, in plain words.
pub fn prepare() -> Result<(), Refused> {
    MADE[0].get_or_init(Namespace::make).as_ref().map(drop).map_err(Clone::clone)
}

/// The namespace for one more stack.
pub(crate) fn next() -> Result<&'static Namespace, Refused> {
    prepare()?;
    let place = STACK.fetch_add(1, Ordering::Relaxed) / STACKS % NAMESPACES;
    MADE[place].get_or_init(Namespace::make_another).as_ref().map_err(Clone::clone)
}

impl Namespace {
    fn make() -> Result<Namespace, Refused> {
        match Namespace::beside() {
            Err(error) if error.raw_os_error() == Some(Errno::EPERM as i32) => Namespace::around(),
            made => made.map_err(|error| Refused(format!("no network namespace: {error}"))),
        }
    }

    /// Where the first has given the right to do so.
    fn make_another() -> Result<Namespace, Refused> {
        Namespace::beside().map_err(|error| Refused(format!("no further network namespace: {error}")))
    }

    /// With the right to do so a thread makes it, leaves the door open and ends.
    fn beside() -> io::Result<Namespace> {
        let outside = own_door()?;
        let made = thread::spawn(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            set_all()?;
            own_door()
        });
        let inside = made.join().unwrap_or_else(|_| Err(io::Error::other("its thread panicked")))?;
        Ok(Namespace { doors: Some((inside, outside)) })
    }

    /// As an ordinary user: all of the process moves, into a user namespace of its own too.
    fn around() -> Result<Namespace, Refused> {
        let both = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET;
        unshare(both).map_err(|error| match error {
            Errno::EINVAL => Refused(
                "an ordinary user's network namespace needs a process of one thread: try `unshare -Urn COMMAND`"
                    .to_owned(),
            ),
            error => Refused(format!("neither a network namespace nor a user namespace: {error}")),
        })?;
        set_all().map_err(|error| Refused(format!("no settings in the namespace: {error}")))?;
        Ok(Namespace { doors: None })
    }

    /// Brings this thread inside until the guard is dropped. Sockets and devices stay where they were made.
    pub(crate) fn enter(&self) -> io::Result<Inside<'_>> {
        if let Some((inside, _)) = &self.doors {
            setns(inside, CloneFlags::CLONE_NEWNET)?;
        }
        Ok(Inside { namespace: self })
    }
}

/// This thread is inside the namespace.
pub(crate) struct Inside<'a> {
    namespace: &'a Namespace,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        if let Some((_, outside)) = &self.namespace.doors {
            // The door is open and the right to pass was there a moment ago. Were it refused all the same, the
            // thread would stay where it harms nobody.
            let _ = setns(outside, CloneFlags::CLONE_NEWNET);
        }
    }
}

fn own_door() -> io::Result<File> {
    File::open("/proc/thread-self/ns/net")
}

fn set_all() -> io::Result<()> {
    for (path, value) in SETTINGS {
        match std::fs::write(format!("/proc/sys/net/{path}"), value) {
            // Not known to this kernel, or not to be set by this user: the kernel's own value holds.
            Err(error)
                if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied) => {}
            Err(error) => return Err(io::Error::new(error.kind(), format!("{path}: {error}"))),
            Ok(()) => {}
        }
    }
    Ok(())
}

/// How many files this process may have open. The soft limit is raised to the hard one.
pub fn open_files_max() -> usize {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 256 };
    let raised = soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok();
    usize::try_from(if raised { hard } else { soft }).unwrap_or(usize::MAX)
}
