//! The clock that the standard library reads, and the bits that it draws by chance: both are ours.
//!
//! `pktkit::vtcp` asks `std::time::Instant::now` for the time and `RandomState` for its secret. The standard
//! library takes both from the C library by name, and the linker prefers the names of this file.

use std::ffi::{c_int, c_long, c_uint, c_void};
use std::sync::atomic::{AtomicU64, Ordering};

/// What `clock_gettime` says, in nanoseconds.
static NOW: AtomicU64 = AtomicU64::new(START);

/// No timer of any stack reaches so far into the past.
const START: u64 = 1_000_000_000_000_000;

/// The clock when `micros` have passed since RESET. `seed` moves the start: vtcp's ISS is a hash of the
/// addresses and a counter that ticks every 4 us, so that this moves the ISS through all numbers.
pub fn set(seed: u64, micros: u64) {
    let start = START + (seed & 0xffff_ffff) * 4_000;
    NOW.store(start.saturating_add(micros.saturating_mul(1_000)), Ordering::Relaxed);
}

#[repr(C)]
pub struct Timespec {
    seconds: i64,
    nanos: c_long,
}

/// # Safety
/// `time` points to a `timespec`, as POSIX asks of the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(_clock: c_int, time: *mut Timespec) -> c_int {
    let now = NOW.load(Ordering::Relaxed);
    let read = Timespec { seconds: (now / 1_000_000_000) as i64, nanos: (now % 1_000_000_000) as c_long };
    // SAFETY: the caller gives room for one.
    unsafe { time.write(read) };
    0
}

/// # Safety
/// `buffer` has room for `len` octets.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn getrandom(buffer: *mut c_void, len: usize, _flags: c_uint) -> isize {
    // SAFETY: the caller gives room for `len` octets.
    unsafe { buffer.cast::<u8>().write_bytes(0x5a, len) };
    len as isize
}
