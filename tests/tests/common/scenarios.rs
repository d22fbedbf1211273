//! Strategies for whole scenarios: every value that the types can hold, the extremes often.

use lastack::scenario::{
    Addr, Anchor, App, Ends, Event, Fault, HostId, LinkSetup, Num, OddOptions, Opens, OptionSpec, Route,
    Scenario, ScriptCall, SegmentSpec, Size, Trick, WorldEvent, WorldSetup,
};
use lastack::subject::{IpVersion, Setup, SocketOption};
use lastack_core::types::{Duration, Flags};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// A scenario of up to `events` events.
pub fn scenario(events: usize) -> impl Strategy<Value = Scenario> {
    (setup(), number64(), option::of(world()), prop::collection::vec(event(), 0..=events))
        .prop_map(|(setup, seed, world, events)| Scenario { setup, seed, world, events })
}

fn world() -> impl Strategy<Value = WorldSetup> {
    let link = (duration(), duration(), number8(), number16());
    let link = link.prop_map(|(latency, spacing, queue, mtu)| LinkSetup { latency, spacing, queue, mtu });
    (setup(), link).prop_map(|(other, link)| WorldSetup { other, link })
}

fn world_event() -> impl Strategy<Value = WorldEvent> {
    let host = || select(HostId::BOTH.to_vec());
    prop_oneof![
        (number8(), call()).prop_map(|(handle, call)| WorldEvent::Call { handle, call }),
        number8().prop_map(WorldEvent::Room),
        (host(), app()).prop_map(|(host, app)| WorldEvent::App { host, app }),
        (host(), option::of(number32())).prop_map(|(host, iss)| WorldEvent::Crash { host, iss }),
        (host(), number16(), fault()).prop_map(|(host, packet, fault)| WorldEvent::Fault {
            host,
            packet,
            fault
        }),
    ]
}

fn app() -> impl Strategy<Value = App> {
    let opens = select(vec![Opens::Connect, Opens::Listen, Opens::Accept]);
    let ends = select(vec![Ends::Close, Ends::Half, Ends::Last, Ends::Abort, Ends::Never]);
    (opens, (number32(), number32(), duration()), (number32(), duration()), ends).prop_map(
        |(opens, (writes, chunk, every), (reads, pause), ends)| App {
            opens,
            writes,
            chunk,
            every,
            reads,
            pause,
            ends,
        },
    )
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        Just(Fault::Drop),
        duration().prop_map(Fault::Delay),
        number8().prop_map(Fault::Behind),
        number8().prop_map(Fault::Copies),
        duration().prop_map(Fault::Again),
        (number16(), any::<bool>()).prop_map(|(bit, mended)| Fault::Flip { bit, mended }),
        number16().prop_map(Fault::Cut),
    ]
}

pub fn setup() -> impl Strategy<Value = Setup> {
    let buffers = (number32(), number32(), number16());
    let switches = (select(vec![IpVersion::V4, IpVersion::V6]), any::<Option<bool>>(), any::<Option<bool>>());
    let times = (option::of(number32()), option::of(duration()), option::of(duration()));
    let changed = (buffers, switches, times).prop_map(|(buffers, switches, times)| Setup {
        ip: switches.0,
        recv_buffer: buffers.0,
        send_buffer: buffers.1,
        nagle: switches.1,
        ack_delay: switches.2,
        mtu: buffers.2,
        iss: times.0,
        user_timeout: times.1,
        keep_alive: times.2,
    });
    prop_oneof![Just(Setup::default()), changed]
}

pub fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (number8(), call()).prop_map(|(handle, call)| Event::Call { handle, call }),
        5 => segment().prop_map(Event::Segment),
        1 => duration().prop_map(Event::Wait),
        1 => number8().prop_map(Event::Room),
        2 => world_event().prop_map(Event::World),
    ]
}

pub fn call() -> impl Strategy<Value = ScriptCall> {
    let plain = vec![ScriptCall::ShutdownWrite, ScriptCall::Close, ScriptCall::Abort, ScriptCall::Status];
    prop_oneof![
        number16().prop_map(|port| ScriptCall::OpenPassive { port }),
        (number16(), addr(), number16()).prop_map(|(port, remote, remote_port)| ScriptCall::OpenActive {
            port,
            remote,
            remote_port
        }),
        number8().prop_map(|into| ScriptCall::Accept { into }),
        number32().prop_map(ScriptCall::Send),
        number32().prop_map(ScriptCall::Receive),
        select(plain),
        socket_option().prop_map(ScriptCall::Set),
    ]
}

fn socket_option() -> impl Strategy<Value = SocketOption> {
    prop_oneof![
        any::<bool>().prop_map(SocketOption::Nagle),
        any::<bool>().prop_map(SocketOption::AckDelay),
        option::of(duration()).prop_map(SocketOption::UserTimeout),
        option::of(duration()).prop_map(SocketOption::KeepAlive),
    ]
}

pub fn segment() -> impl Strategy<Value = SegmentSpec> {
    let numbers = (num(), num(), size(), number16(), number16());
    let changed = (route(), flags(), numbers, options(), trick()).prop_map(
        |(route, flags, (seq, ack, text, window, urgent), options, trick)| SegmentSpec {
            route,
            flags,
            seq,
            ack,
            text,
            window,
            urgent,
            options,
            trick,
        },
    );
    let in_step = flags().prop_map(|flags| SegmentSpec { flags, ..SegmentSpec::default() });
    prop_oneof![1 => in_step, 4 => changed]
}

fn route() -> impl Strategy<Value = Route> {
    let changed = (addr(), number16(), addr(), number16()).prop_map(|(from, from_port, to, to_port)| Route {
        from,
        from_port,
        to,
        to_port,
    });
    prop_oneof![Just(Route::MAIN), changed]
}

fn addr() -> impl Strategy<Value = Addr> {
    let others = vec![
        Addr::Stack,
        Addr::Elsewhere,
        Addr::Broadcast,
        Addr::DirectedBroadcast,
        Addr::Multicast,
        Addr::Unspecified,
        Addr::Loopback,
    ];
    prop_oneof![number8().prop_map(Addr::Peer), select(others)]
}

fn flags() -> impl Strategy<Value = Flags> {
    prop_oneof![
        select(vec![Flags::NONE, Flags::SYN, Flags::ACK, Flags::RST, Flags::SYN | Flags::ACK]),
        (0_u16..0x1000).prop_map(Flags::from_bits),
    ]
}

fn num() -> impl Strategy<Value = Num> {
    let anchors = vec![
        Anchor::Literal,
        Anchor::Iss,
        Anchor::SndUna,
        Anchor::SndNxt,
        Anchor::Irs,
        Anchor::RcvNxt,
        Anchor::RcvEdge,
        Anchor::OldSndNxt,
        Anchor::OldRcvNxt,
    ];
    let offset = prop_oneof![Just(0), -3..4, Just(i32::MIN), Just(i32::MAX), any::<i32>()];
    (select(anchors), offset).prop_map(|(anchor, offset)| Num { anchor, offset })
}

fn size() -> impl Strategy<Value = Size> {
    let offset = || prop_oneof![Just(0_i16), -3_i16..4, Just(i16::MIN), Just(i16::MAX), any::<i16>()];
    prop_oneof![
        number16().prop_map(Size::Octets),
        offset().prop_map(Size::Window),
        offset().prop_map(Size::Mss)
    ]
}

fn options() -> impl Strategy<Value = OptionSpec> {
    let odd = select(vec![
        OddOptions::None,
        OddOptions::Padding,
        OddOptions::Unknown,
        OddOptions::Unaligned,
        OddOptions::LengthZero,
        OddOptions::LengthOne,
        OddOptions::LengthPast,
        OddOptions::SackPermitted,
    ]);
    (option::of(number16()), option::of(number8()), odd).prop_map(|(mss, scale, odd)| OptionSpec {
        mss,
        scale,
        odd,
    })
}

fn trick() -> impl Strategy<Value = Trick> {
    prop_oneof![
        3 => Just(Trick::None),
        1 => Just(Trick::BadChecksum),
        1 => number8().prop_map(Trick::DataOffset),
        1 => number8().prop_map(Trick::CutAt),
        1 => number8().prop_map(Trick::ReservedBits),
    ]
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![number64(), (0_u64..200_000).prop_map(|ms| ms * 1000)].prop_map(Duration::from_micros)
}

fn number8() -> impl Strategy<Value = u8> {
    prop_oneof![0_u8..3, Just(u8::MAX), any::<u8>()]
}

fn number16() -> impl Strategy<Value = u16> {
    prop_oneof![0_u16..3, Just(u16::MAX), Just(8000), Just(9000), Just(4096), Just(1460), any::<u16>()]
}

fn number32() -> impl Strategy<Value = u32> {
    prop_oneof![0_u32..3, Just(u32::MAX), Just(1 << 31), Just(4096), Just(65_536), any::<u32>()]
}

fn number64() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..3, Just(u64::MAX), Just(1 << 63), 0_u64..10_000_000, any::<u64>()]
}
