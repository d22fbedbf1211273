//! Packet bytes to segments and back.
