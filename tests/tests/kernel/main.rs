//! The reference against the Linux kernel, over a TUN device in a namespace of its own, in real time: whole
//! conversations that no table judges, only both ends' users.
//!
//! `cargo test --release -p lastack-tests --features linux --test kernel -- --nocapture` prints the throughput. Where
//! there is no namespace or device to be had, each test says so and ends.
#![cfg(all(feature = "linux", target_os = "linux"))]

mod link;
mod pair;

use lastack::subject::{Call, Outcome, UserSignal};
use lastack_core::types::{Duration, State};
use lastack_core::{ReceiveError, Signal};

use self::link::Faults;
use self::pair::{Connection, Pair, SOON, Traffic, World};

const TEN_MEGABYTES: usize = 10_000_000;

/// Reads at the reference until its user is told something else than text.
fn reference_reads_to_the_end(pair: &mut Pair, connection: Connection) -> ReceiveError {
    let mut end = None;
    let ended = pair.until(SOON, |pair| {
        end = pair.host.receive(connection.name, 1 << 16, &mut Vec::new()).err();
        end.is_some()
    });
    assert!(ended, "the reference's user hears nothing");
    end.expect("it ended")
}

fn kernel_reads(pair: &mut Pair, connection: Connection) -> Outcome {
    let mut came = Outcome::WouldBlock;
    pair.until(SOON, |pair| {
        came = pair.call(connection.handle, Call::Receive { max: 1 << 16 });
        !matches!(came, Outcome::WouldBlock | Outcome::Octets(_))
    });
    came
}

fn both_end_in(pair: &mut Pair, connection: Connection, kernel: State, reference: State) {
    let so = pair.until(SOON, |pair| {
        let state = pair.host.status(connection.name).unwrap_or(State::Closed);
        (pair.kernel.state(connection.handle), state) == (Some(kernel), reference)
    });
    let state = pair.host.status(connection.name);
    assert!(so, "kernel {:?}, reference {state:?}", pair.kernel.state(connection.handle));
}

/// Either side opens; whoever closes first ends in TIME-WAIT, the other in CLOSED.
#[test]
fn both_sides_open_and_close() {
    for kernel_opens in [true, false] {
        for kernel_closes in [true, false] {
            let Some(mut pair) = Pair::new(&World::default()) else { return };
            let connection = if kernel_opens { pair.kernel_opens() } else { pair.reference_opens() };
            if kernel_closes {
                assert_eq!(pair.call(connection.handle, Call::Close), Outcome::Done);
                assert_eq!(reference_reads_to_the_end(&mut pair, connection), ReceiveError::Closing);
                pair.host.close(connection.name).expect("open");
                both_end_in(&mut pair, connection, State::TimeWait, State::Closed);
            } else {
                pair.host.close(connection.name).expect("open");
                assert_eq!(kernel_reads(&mut pair, connection), Outcome::EndOfStream);
                assert_eq!(pair.call(connection.handle, Call::Close), Outcome::Done);
                both_end_in(&mut pair, connection, State::Closed, State::TimeWait);
            }
        }
    }
}

/// Ten megabytes each way at once through this wire, whole; prints what it took.
fn ten_megabytes_each_way(world: &World, within: Duration) {
    let Some(mut pair) = Pair::new(world) else { return };
    let connection = pair.reference_opens();
    let mut traffic = Traffic::new();
    let began = pair.now;
    let ends = [TEN_MEGABYTES; 2];
    let whole = pair.until(within, |pair| {
        traffic.work(pair, connection, ends);
        traffic.is_whole(ends)
    });
    let seconds = pair.now.since(began).micros() as f64 / 1e6;
    let read = traffic.read.each_ref().map(|stream| stream.octets);
    let lost = pair.wires.each_ref().map(|wire| wire.happened);
    assert!(whole, "after {seconds:.1} s only {read:?} octets came; lost, doubled, late: {lost:?}");
    traffic.assert_same();
    let rate = 2.0 * TEN_MEGABYTES as f64 / seconds / 1e6;
    println!(
        "10 MB each way, {:?}: {seconds:.2} s, {rate:.1} MB/s; lost, doubled, late: {lost:?}",
        world.faults
    );
    for (fault, percent) in [world.faults.lost, world.faults.twice, world.faults.late].into_iter().enumerate()
    {
        assert!(percent == 0 || lost.iter().any(|wire| wire[fault] > 0), "a fault never happened");
    }
}

#[test]
fn ten_megabytes_arrive_whole_both_ways() {
    ten_megabytes_each_way(&World::default(), Duration::from_secs(60));
}

/// The kernel's user has no more to say and still listens.
#[test]
fn a_half_closed_connection_goes_on() {
    let Some(mut pair) = Pair::new(&World::default()) else { return };
    let connection = pair.kernel_opens();
    assert_eq!(pair.call(connection.handle, Call::ShutdownWrite), Outcome::Done);
    assert_eq!(reference_reads_to_the_end(&mut pair, connection), ReceiveError::Closing);
    both_end_in(&mut pair, connection, State::FinWait2, State::CloseWait);
    let mut traffic = Traffic::new();
    let ends = [0, 1_000_000];
    let whole = pair.until(SOON, |pair| {
        traffic.work(pair, connection, ends);
        traffic.is_whole(ends)
    });
    assert!(whole, "text after the half-close did not arrive: {:?}", traffic.read[1]);
    traffic.assert_same();
    pair.host.close(connection.name).expect("open");
    assert_eq!(kernel_reads(&mut pair, connection), Outcome::EndOfStream);
    both_end_in(&mut pair, connection, State::TimeWait, State::Closed);
}

/// And the other way round.
#[test]
fn the_reference_half_closes() {
    let Some(mut pair) = Pair::new(&World::default()) else { return };
    let connection = pair.kernel_opens();
    pair.host.shutdown(connection.name).expect("open");
    assert_eq!(kernel_reads(&mut pair, connection), Outcome::EndOfStream);
    both_end_in(&mut pair, connection, State::CloseWait, State::FinWait2);
    let mut traffic = Traffic::new();
    let ends = [1_000_000, 0];
    let whole = pair.until(SOON, |pair| {
        traffic.work(pair, connection, ends);
        traffic.is_whole(ends)
    });
    assert!(whole, "text after the half-close did not arrive: {:?}", traffic.read[0]);
    traffic.assert_same();
    assert_eq!(pair.call(connection.handle, Call::Close), Outcome::Done);
    assert_eq!(reference_reads_to_the_end(&mut pair, connection), ReceiveError::Closing);
    both_end_in(&mut pair, connection, State::Closed, State::TimeWait);
}

/// The FINs cross: both ends go through CLOSING and wait.
#[test]
fn a_simultaneous_close_ends_in_time_wait_on_both_sides() {
    let Some(mut pair) = Pair::new(&World::default()) else { return };
    let connection = pair.kernel_opens();
    assert_eq!(pair.call(connection.handle, Call::Close), Outcome::Done);
    pair.host.close(connection.name).expect("open");
    both_end_in(&mut pair, connection, State::TimeWait, State::TimeWait);
}

/// Octets that nobody will read: the closer says so by a reset (RFC 9293 3.6.1, SHLD-3).
#[test]
fn closing_with_unread_octets_resets() {
    let Some(mut pair) = Pair::new(&World { half_duplex: true, ..World::default() }) else { return };
    let connection = pair.kernel_opens();
    assert_eq!(pair.host.send(connection.name, b"hello"), Ok(5));
    pair.until(Duration::from_millis(100), |_| false);
    assert_eq!(pair.call(connection.handle, Call::Close), Outcome::Done);
    assert_eq!(reference_reads_to_the_end(&mut pair, connection), ReceiveError::Reset);
    both_end_in(&mut pair, connection, State::Closed, State::Closed);

    let Some(mut pair) = Pair::new(&World { half_duplex: true, ..World::default() }) else { return };
    let connection = pair.reference_opens();
    assert_eq!(pair.call(connection.handle, Call::Send(b"hello")), Outcome::Octets(5));
    pair.until(Duration::from_millis(100), |_| false);
    pair.host.close(connection.name).expect("open");
    assert_eq!(kernel_reads(&mut pair, connection), Outcome::Reset);
    both_end_in(&mut pair, connection, State::Closed, State::Closed);
}

/// ABORT on either side ends both, and the other user is told.
#[test]
fn an_abort_resets_the_other_end() {
    let Some(mut pair) = Pair::new(&World::default()) else { return };
    let connection = pair.kernel_opens();
    pair.host.abort(connection.name).expect("open");
    let mut told = Vec::new();
    pair.until(SOON, |pair| {
        told.extend(pair.signals(connection.handle));
        !told.is_empty()
    });
    assert_eq!(told, [UserSignal::Reset]);
    assert_eq!(kernel_reads(&mut pair, connection), Outcome::Reset);

    let Some(mut pair) = Pair::new(&World::default()) else { return };
    let connection = pair.kernel_opens();
    assert_eq!(pair.call(connection.handle, Call::Abort), Outcome::Done);
    let mut told = Vec::new();
    pair.until(SOON, |pair| {
        told.extend(pair.host.signals(connection.name));
        told.contains(&Signal::Reset)
    });
    assert!(told.contains(&Signal::Reset), "{told:?}");
    both_end_in(&mut pair, connection, State::Closed, State::Closed);
}

/// A wire that loses, repeats and reorders. Packets are large, so that there are few enough losses for two senders
/// that mostly wait for a timer: the kernel's is 200 ms at least, and doubles.
fn lossy(lost: u32, mtu: u16, seed: u64) {
    let faults = Faults { lost, twice: 5, late: 5 };
    let rto = (Duration::from_millis(20), Duration::from_millis(100));
    let world = World { mtu, faults, seed, rto, ..World::default() };
    ten_megabytes_each_way(&world, Duration::from_secs(240));
}

#[test]
fn ten_megabytes_arrive_whole_over_a_wire_that_repeats_and_reorders() {
    lossy(0, 1_500, 1);
}

#[test]
fn ten_megabytes_arrive_whole_at_a_loss_of_5_percent() {
    lossy(5, 16_000, 2);
}

#[test]
fn ten_megabytes_arrive_whole_at_a_loss_of_20_percent() {
    lossy(20, 60_000, 3);
}
