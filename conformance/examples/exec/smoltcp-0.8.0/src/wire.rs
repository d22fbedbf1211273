//! The device: a queue of packets in, one of packets out with limited room.

use std::collections::VecDeque;

use smoltcp::Result;
use smoltcp::phy::{self, Device, DeviceCapabilities, Medium};
use smoltcp::time::Instant;

pub struct Wire {
    pub arriving: VecDeque<Vec<u8>>,
    pub leaving: Vec<Vec<u8>>,
    /// How many packets may stand in `leaving`.
    pub room: usize,
    pub mtu: usize,
}

pub struct Arriving(Vec<u8>);

pub struct Leaving<'a>(&'a mut Vec<Vec<u8>>);

impl<'a> Device<'a> for Wire {
    type RxToken = Arriving;
    type TxToken = Leaving<'a>;

    /// A packet is read only where its answer would find room.
    fn receive(&'a mut self) -> Option<(Arriving, Leaving<'a>)> {
        if self.leaving.len() >= self.room {
            return None;
        }
        Some((Arriving(self.arriving.pop_front()?), Leaving(&mut self.leaving)))
    }

    fn transmit(&'a mut self) -> Option<Leaving<'a>> {
        (self.leaving.len() < self.room).then_some(Leaving(&mut self.leaving))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ip;
        capabilities.max_transmission_unit = self.mtu;
        capabilities
    }
}

impl phy::RxToken for Arriving {
    fn consume<R, F: FnOnce(&mut [u8]) -> Result<R>>(mut self, _: Instant, f: F) -> Result<R> {
        f(&mut self.0)
    }
}

impl phy::TxToken for Leaving<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> Result<R>>(self, _: Instant, len: usize, f: F) -> Result<R> {
        let mut packet = vec![0; len];
        let result = f(&mut packet)?;
        self.0.push(packet);
        Ok(result)
    }
}
