//! lwIP's global state, shared safely.
//!
//! Every copy of lwIP in the binary is a slot: a table of C functions and the memory that they work on, behind
//! a lock. An instance lives in one slot for its whole life. Where more instances than slots are alive, the
//! one that is called next finds its memory put back and the other's put aside: slower, and invisible.

use core::ffi::{c_char, c_int, c_void};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Version;

/// Copies of each version; `build.rs` makes as many.
const COPIES: usize = 4;

/// How a packet leaves: 1 when it was taken, 0 when there is no room.
pub type Emit = extern "C" fn(port: *mut c_void, packet: *const u8, len: usize) -> c_int;

/// `struct lastack_setup` of shim.c.
#[repr(C)]
pub struct RawSetup {
    pub addr: u32,
    pub mask: u32,
    pub seed: u64,
    pub iss: u32,
    pub has_iss: u8,
    pub nagle_off: u8,
    pub keep_alive: u8,
    pub wnd: u16,
    pub snd_buf: u16,
    pub mtu: u16,
    pub keep_alive_ms: u32,
}

/// `struct lastack_api` of shim.c. The functions work on one global memory: to be called under the slot's
/// lock only.
#[repr(C)]
pub struct Api {
    state_start: *mut u8,
    state_end: *mut u8,
    boot: unsafe extern "C" fn(Emit) -> c_int,
    pub begin: unsafe extern "C" fn(*mut c_void, *const RawSetup) -> c_int,
    pub input: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> c_int,
    pub run: unsafe extern "C" fn(*mut c_void, u64) -> c_int,
    pub next_timer: unsafe extern "C" fn() -> i64,
    pub open_passive: unsafe extern "C" fn(*mut c_void, u16) -> c_int,
    pub open_active: unsafe extern "C" fn(*mut c_void, u16, u32, u16) -> c_int,
    pub accept: unsafe extern "C" fn(*mut c_void, c_int) -> c_int,
    pub send: unsafe extern "C" fn(*mut c_void, c_int, *const u8, usize) -> c_int,
    pub receive: unsafe extern "C" fn(*mut c_void, c_int, *mut u8, usize) -> c_int,
    pub shut_down_write: unsafe extern "C" fn(*mut c_void, c_int) -> c_int,
    pub close: unsafe extern "C" fn(*mut c_void, c_int, c_int) -> c_int,
    pub state_of: unsafe extern "C" fn(c_int) -> c_int,
    pub set_nagle: unsafe extern "C" fn(c_int, c_int) -> c_int,
    pub set_keep_alive: unsafe extern "C" fn(c_int, u32) -> c_int,
    pub last_fault: unsafe extern "C" fn() -> *const c_char,
}

// SAFETY: the table itself never changes, and what its pointers lead to is touched under a slot's lock only.
unsafe impl Sync for Api {}
// SAFETY: as above; nothing in C depends on the thread.
unsafe impl Send for Api {}

unsafe extern "C" {
    static lastack_lwip_2_1_2_0: Api;
    static lastack_lwip_2_1_2_1: Api;
    static lastack_lwip_2_1_2_2: Api;
    static lastack_lwip_2_1_2_3: Api;
    static lastack_lwip_2_2_1_0: Api;
    static lastack_lwip_2_2_1_1: Api;
    static lastack_lwip_2_2_1_2: Api;
    static lastack_lwip_2_2_1_3: Api;
    static lastack_lwip_2_2_1_options_0: Api;
    static lastack_lwip_2_2_1_options_1: Api;
    static lastack_lwip_2_2_1_options_2: Api;
    static lastack_lwip_2_2_1_options_3: Api;
}

fn api(version: Version, copy: usize) -> &'static Api {
    // SAFETY: constants in the objects that build.rs links; nobody writes to them.
    let tables: [[&'static Api; COPIES]; 3] = unsafe {
        [
            [&lastack_lwip_2_1_2_0, &lastack_lwip_2_1_2_1, &lastack_lwip_2_1_2_2, &lastack_lwip_2_1_2_3],
            [&lastack_lwip_2_2_1_0, &lastack_lwip_2_2_1_1, &lastack_lwip_2_2_1_2, &lastack_lwip_2_2_1_3],
            [
                &lastack_lwip_2_2_1_options_0,
                &lastack_lwip_2_2_1_options_1,
                &lastack_lwip_2_2_1_options_2,
                &lastack_lwip_2_2_1_options_3,
            ],
        ]
    };
    tables[version as usize][copy]
}

/// One copy of lwIP.
struct Slot {
    /// Instances that live here.
    tenants: AtomicUsize,
    memory: Mutex<Memory>,
}

/// What is known of a slot's memory.
struct Memory {
    /// As it was after lwIP's own initialisation.
    pristine: Vec<u8>,
    /// Whose state the memory holds.
    loaded: Option<u64>,
    /// The others', put aside.
    aside: BTreeMap<u64, Vec<u8>>,
}

impl Slot {
    const fn new() -> Slot {
        let memory = Memory { pristine: Vec::new(), loaded: None, aside: BTreeMap::new() };
        Slot { tenants: AtomicUsize::new(0), memory: Mutex::new(memory) }
    }
}

static SLOTS: [[Slot; COPIES]; 3] = [const { [const { Slot::new() }; COPIES] }; 3];
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// An instance's place.
pub struct Lease {
    slot: &'static Slot,
    api: &'static Api,
    id: u64,
}

/// The right to call C, with this instance's state in the memory.
pub struct Entered<'a> {
    pub api: &'static Api,
    memory: MutexGuard<'a, Memory>,
    id: u64,
}

impl Lease {
    /// A place in the slot with the fewest instances.
    pub fn new(version: Version) -> Lease {
        let slots = &SLOTS[version as usize];
        let tenants = |copy: &usize| slots[*copy].tenants.load(Ordering::Relaxed);
        let copy = (0..COPIES).min_by_key(tenants).unwrap_or(0);
        let slot = &slots[copy];
        slot.tenants.fetch_add(1, Ordering::Relaxed);
        Lease { slot, api: api(version, copy), id: NEXT_ID.fetch_add(1, Ordering::Relaxed) }
    }

    /// Takes the slot. Nothing of ours panics while it is held, so a poisoned lock protects nothing broken.
    pub fn enter(&self) -> Entered<'_> {
        let memory = self.slot.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entered = Entered { api: self.api, memory, id: self.id };
        if entered.memory.loaded != Some(self.id) {
            entered.change_hands();
        }
        entered
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut memory = self.slot.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.aside.remove(&self.id);
        if memory.loaded == Some(self.id) {
            memory.loaded = None;
        }
        self.slot.tenants.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Entered<'_> {
    /// Puts the memory back to what it was before the first connection.
    pub fn restore(&mut self) {
        self.load(&[]);
    }

    fn change_hands(&mut self) {
        if self.memory.pristine.is_empty() {
            // SAFETY: under the lock, and before anybody's state is there.
            unsafe { (self.api.boot)(emit_packet) };
            self.memory.pristine = self.octets().to_vec();
        }
        if let Some(other) = self.memory.loaded {
            let state = self.octets().to_vec();
            self.memory.aside.insert(other, state);
        }
        let own = self.memory.aside.remove(&self.id).unwrap_or_default();
        self.load(&own);
        self.memory.loaded = Some(self.id);
    }

    fn octets(&self) -> &[u8] {
        // SAFETY: both ends come from the linker, nothing but this slot's C code and `load` writes between
        // them, and both run under the lock that `self` holds.
        unsafe {
            let len = self.api.state_end.offset_from(self.api.state_start) as usize;
            core::slice::from_raw_parts(self.api.state_start, len)
        }
    }

    /// Copies a state into the memory; the pristine one where there is none.
    fn load(&mut self, own: &[u8]) {
        let state = if own.is_empty() { &self.memory.pristine } else { own };
        assert_eq!(state.len(), self.octets().len(), "a state of another lwIP");
        // SAFETY: as many octets as the memory has, and nobody else looks at it; see `octets`.
        unsafe { core::ptr::copy_nonoverlapping(state.as_ptr(), self.api.state_start, state.len()) };
    }
}

/// The transmit queue of one instance.
#[derive(Debug)]
pub struct Port {
    pub octets: Vec<u8>,
    pub ends: Vec<usize>,
    /// Packets that it still takes.
    pub room: usize,
}

impl Port {
    pub fn raw(&mut self) -> *mut c_void {
        core::ptr::from_mut(self).cast()
    }
}

/// lwIP sends a packet.
extern "C" fn emit_packet(port: *mut c_void, packet: *const u8, len: usize) -> c_int {
    // SAFETY: `port` is what the call under way was given: an exclusive `Port`, or null where nothing may be
    // sent; `packet` holds `len` octets for the length of this call.
    let (port, packet) = unsafe { (port.cast::<Port>().as_mut(), core::slice::from_raw_parts(packet, len)) };
    let Some(port) = port.filter(|port| port.room > 0) else { return 0 };
    port.room -= 1;
    port.octets.extend_from_slice(packet);
    port.ends.push(port.octets.len());
    1
}
