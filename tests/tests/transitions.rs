//! What smoltcp 0.14.0 and the reference do in each state, one line an event: read it beside RFC 9293 3.10.
//!
//! Columns: event, what the stack sent (numbers relative to the variables before), the state that the stack
//! says it is in, and the oracle's verdict with what differs. `cargo insta review` accepts changes.

use std::sync::LazyLock;

use lastack::subject::reference::Reference;
use lastack::subject::smoltcp::Smoltcp;
use lastack::subject::{Factory, IpVersion};
use lastack::suite::transition::{Transitions, transitions};
use lastack_core::types::State;

static SMOLTCP: LazyLock<Vec<Transitions>> = LazyLock::new(|| of(&Smoltcp::Immediate));
static REFERENCE: LazyLock<Vec<Transitions>> = LazyLock::new(|| of(&Reference::Single));

fn of(stack: &dyn Factory) -> Vec<Transitions> {
    transitions(stack, IpVersion::V4)
}

fn trace(all: &[Transitions], state: State) -> String {
    all.iter().find(|t| t.state == state).expect("a way into every state").to_string()
}

macro_rules! snapshots {
    ($($test:ident, $reference:ident: $state:ident,)*) => {$(
        #[test]
        fn $test() {
            insta::assert_snapshot!(trace(&SMOLTCP, State::$state));
        }

        #[test]
        fn $reference() {
            insta::assert_snapshot!(trace(&REFERENCE, State::$state));
        }
    )*};
}

snapshots! {
    closed, reference_closed: Closed,
    listen, reference_listen: Listen,
    syn_sent, reference_syn_sent: SynSent,
    syn_received, reference_syn_received: SynReceived,
    established, reference_established: Established,
    fin_wait_1, reference_fin_wait_1: FinWait1,
    fin_wait_2, reference_fin_wait_2: FinWait2,
    close_wait, reference_close_wait: CloseWait,
    closing, reference_closing: Closing,
    last_ack, reference_last_ack: LastAck,
    time_wait, reference_time_wait: TimeWait,
}
