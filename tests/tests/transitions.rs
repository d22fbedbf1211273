//! What smoltcp 0.14.0 does in each state, one line an event: read it beside RFC 9293 3.10.
//!
//! Columns: event, what the stack sent (numbers relative to the variables before), the state that the stack
//! says it is in, and the oracle's verdict with what differs. `cargo insta review` accepts changes.

use std::sync::LazyLock;

use lastack::subject::IpVersion;
use lastack::subject::smoltcp::Smoltcp;
use lastack::suite::transition::{Transitions, transitions};
use lastack_core::types::State;

static ALL: LazyLock<Vec<Transitions>> = LazyLock::new(|| transitions(&Smoltcp::Immediate, IpVersion::V4));

fn trace(state: State) -> String {
    ALL.iter().find(|t| t.state == state).expect("a way into every state").to_string()
}

macro_rules! snapshots {
    ($($test:ident: $state:ident,)*) => {$(
        #[test]
        fn $test() {
            insta::assert_snapshot!(trace(State::$state));
        }
    )*};
}

snapshots! {
    closed: Closed,
    listen: Listen,
    syn_sent: SynSent,
    syn_received: SynReceived,
    established: Established,
    fin_wait_1: FinWait1,
    fin_wait_2: FinWait2,
    close_wait: CloseWait,
    closing: Closing,
    last_ack: LastAck,
    time_wait: TimeWait,
}
