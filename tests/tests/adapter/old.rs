//! The older versions of smoltcp behind the same adapter.

use lastack::subject::selfcheck::self_check;
use lastack::subject::smoltcp::old::Old;
use lastack::subject::{Factory as _, IpVersion, Packets, Setup, registry};
use lastack_core::types::wire;

use crate::desk::{Desk, setup};

#[test]
fn every_version_is_named_and_none_is_embedded() {
    let embedded = registry::embedded().iter().map(|stack| stack.describe().name);
    let embedded: Vec<String> = embedded.collect();
    for old in Old::ALL {
        let name = old.describe().name;
        let found = registry::named(&name).map(|stack| stack.describe());
        assert_eq!(found, Some(old.describe()));
        assert!(!embedded.contains(&name), "{name}");
    }
}

#[test]
fn every_version_passes_the_self_check() {
    for old in Old::ALL {
        assert_eq!(self_check(&old), [], "{old:?}");
    }
}

/// Of the generator each version draws from, and what it draws before.
#[test]
fn the_iss_is_the_one_of_the_setup() {
    for old in Old::ALL {
        for iss in [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            for (ip, seed) in [(IpVersion::V4, 0), (IpVersion::V4, 7), (IpVersion::V6, 1)] {
                let wish = Setup { iss: Some(iss), ..setup(ip) };
                let mut desk = Desk::new(&old, &wish);
                desk.stack.reset(&wish, seed).expect("a plain set-up");
                desk.open_active(0);
                let mut out = Packets::default();
                desk.stack.poll(9, &mut out);
                let syn = wire::parse(out.get(0).expect("a SYN")).expect("a segment");
                assert_eq!(syn.header.seq.value(), iss, "{old:?}");
            }
        }
    }
}
