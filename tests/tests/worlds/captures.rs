//! The capture of a world, read by readers that are not ours: the file by `pcap-parser`, the packets by `etherparse`.

use std::net::IpAddr;

use etherparse::{IpSlice, TcpSlice};
use lastack::model::Model;
use lastack::scenario::HostId;
use lastack::subject::reference::Reference;
use lastack::subject::{IpVersion, stack_addr};
use lastack::trace::pcapng::capture_world;
use lastack::world::World;
use pcap_parser::traits::PcapNGPacketBlock as _;
use pcap_parser::{Block, EnhancedPacketBlock, Linktype, OptionCode, PcapBlockOwned, PcapNGSlice};

const SCRIPT: &str = "lastack scenario 1\nworld latency 10ms\napp B listen send 700\napp A connect send 1500\n\
    fault A 4 drop\nfault B 2 copies 2\nfault A 5 delay 20ms\n";

/// A packet as a reader has it.
struct Captured {
    host: HostId,
    micros: u64,
    left: bool,
    octets: Vec<u8>,
    comment: String,
}

impl Captured {
    fn read(block: &EnhancedPacketBlock<'_>) -> Captured {
        let option = |code| block.options.iter().find(|option| option.code == code);
        // if_tsresol is not there: microseconds.
        let (seconds, micros) = block.decode_ts(0, 1_000_000);
        let flags = option(OptionCode::IfName).expect("epb_flags has the same code");
        Captured {
            host: HostId::BOTH[block.if_id as usize],
            micros: u64::from(seconds) * 1_000_000 + u64::from(micros),
            left: match flags.as_u32_le().expect("four octets") & 0b11 {
                1 => false,
                2 => true,
                other => panic!("neither in nor out: {other}"),
            },
            octets: block.packet_data().to_vec(),
            comment: option(OptionCode::Comment).map_or("", |o| o.as_str().expect("text")).to_owned(),
        }
    }
}

/// The names of the interfaces, and the packets.
fn read(file: &[u8]) -> (Vec<String>, Vec<Captured>) {
    let (mut names, mut packets) = (Vec::new(), Vec::new());
    for block in PcapNGSlice::from_slice(file).expect("a section") {
        let PcapBlockOwned::NG(block) = block.expect("a whole block") else { panic!("not of pcapng") };
        match block {
            Block::SectionHeader(_) => {}
            Block::InterfaceDescription(interface) => {
                assert_eq!(interface.linktype, Linktype::RAW);
                names.push(interface.if_name().expect("named").expect("text").to_owned());
            }
            Block::EnhancedPacket(packet) => packets.push(Captured::read(&packet)),
            other => panic!("a block of a kind that we do not write: {other:?}"),
        }
    }
    (names, packets)
}

/// Who sent an IP packet, when all its checksums are right.
fn sender(octets: &[u8]) -> IpAddr {
    let ip = IpSlice::from_slice(octets).expect("an IP packet");
    let tcp = TcpSlice::from_slice(ip.payload().payload).expect("a TCP segment");
    let (wanted, sender) = match &ip {
        IpSlice::Ipv4(v4) => {
            let header = v4.header();
            assert_eq!(header.header_checksum(), header.to_header().calc_header_checksum());
            (tcp.calc_checksum_ipv4(header.source(), header.destination()), IpAddr::from(header.source()))
        }
        IpSlice::Ipv6(v6) => {
            let header = v6.header();
            (tcp.calc_checksum_ipv6(header.source(), header.destination()), IpAddr::from(header.source()))
        }
    };
    assert_eq!(tcp.checksum(), wanted.expect("no longer than IP allows"));
    sender
}

/// Two interfaces; each packet once where it left and as often as it came where it came, in order of time, with
/// one address a host.
#[test]
fn a_world_reads_back_from_its_capture() {
    for ip in [IpVersion::V4, IpVersion::V6] {
        let mut scenario: lastack::scenario::Scenario = SCRIPT.parse().expect("a script");
        scenario.setup.ip = ip;
        let mut world = World::new(&Reference::Forking, &Model::STANDARD);
        world.record();
        let course = world.run(&scenario).expect("a plain set-up");
        assert!(course.is_clean() && course.struck == 3, "{course:#?}");

        let file = capture_world(world.trace().expect("recorded"), ["reference", "model"]);
        let (names, packets) = read(&file);
        assert_eq!(names, ["A: reference", "B: model"]);
        assert!(packets.is_sorted_by_key(|packet| packet.micros));
        for host in HostId::BOTH {
            let of = |host, left| packets.iter().filter(move |p| (p.host, p.left) == (host, left));
            assert_eq!(of(host, true).count(), course.packets[host.index()] as usize);
            for packet in &packets {
                let is_stack = sender(&packet.octets) == stack_addr(ip);
                assert_eq!(is_stack, (packet.host == HostId::A) == packet.left, "addresses are A's view");
            }
            for arrived in of(host.other(), false) {
                let sent =
                    of(host, true).any(|p| p.octets == arrived.octets && arrived.micros - p.micros >= 10_000);
                assert!(sent, "what comes was sent 10 ms before: {}", arrived.comment);
            }
        }
        // One of A's was lost, two copies of B's came.
        let came = |host| packets.iter().filter(|p| p.host == host && !p.left).count();
        assert_eq!(came(HostId::B) as u32, course.packets[0] - 1);
        assert_eq!(came(HostId::A) as u32, course.packets[1] + 2);
        assert!(packets.iter().any(|packet| packet.comment.contains("lost")));
    }
}
