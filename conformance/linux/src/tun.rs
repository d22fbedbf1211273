//! A TUN device: IP packets without a header before them.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::Duration;

use nix::libc;
use nix::net::if_::if_nametoindex;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

nix::ioctl_write_ptr_bad!(
    /// Makes the open file a device, and says its name.
    set_interface,
    libc::TUNSETIFF,
    libc::ifreq
);

/// A device of the namespace in which it was made. It goes with its file.
pub struct Tun {
    file: File,
    /// The kernel's number of the link.
    pub index: u32,
}

impl Tun {
    /// A new device, down and without an address, in the thread's namespace.
    ///
    /// # Errors
    /// No `/dev/net/tun`, or no right to use it.
    pub fn open() -> io::Result<Tun> {
        let file =
            OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open("/dev/net/tun")?;
        // SAFETY: all fields are plain numbers, for which zero is a value.
        let mut request: libc::ifreq = unsafe { core::mem::zeroed() };
        let flags = libc::IFF_TUN | libc::IFF_NO_PI;
        request.ifr_ifru.ifru_flags = flags as libc::c_short;
        // SAFETY: TUNSETIFF reads and writes one `struct ifreq`, which lives as long as the call.
        unsafe { set_interface(file.as_raw_fd(), &raw const request) }?;
        let name: Vec<u8> =
            request.ifr_name.iter().map(|c| c.cast_unsigned()).take_while(|c| *c != 0).collect();
        let index = if_nametoindex(&*name)?;
        Ok(Tun { file, index })
    }

    /// Hands the kernel a packet; TCP has seen it when this returns.
    ///
    /// # Errors
    /// What the kernel does not take for a packet at all.
    pub fn write(&self, packet: &[u8]) -> io::Result<()> {
        (&self.file).write_all(packet)
    }

    /// Reads the next packet into `buffer`, if there is one.
    pub fn read(&self, buffer: &mut [u8]) -> Option<usize> {
        loop {
            match (&self.file).read(buffer) {
                Ok(len) => return Some(len),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }

    /// Rests until a packet is there, for so long at most.
    pub fn wait(&self, span: Duration) {
        let millis = i32::try_from(span.as_micros().div_ceil(1000)).unwrap_or(i32::MAX);
        let timeout = PollTimeout::try_from(millis).unwrap_or(PollTimeout::MAX);
        // A signal ends the rest early, which the caller sees on the clock.
        let _ = poll(&mut [PollFd::new(self.file.as_fd(), PollFlags::POLLIN)], timeout);
    }
}
