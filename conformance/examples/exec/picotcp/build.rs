//! Builds picoTCP from the C sources inside the package `picotcp-sys`.
//!
//! That package cannot be built as a dependency (its bindgen is of 2016), but cargo locks and fetches it, and
//! `cargo metadata` says where it lies.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What TCP over IPv4 needs of picoTCP, with `c/stack.c` for `stack/pico_stack.c`.
const SOURCES: [&str; 10] = [
    "stack/pico_device.c",
    "stack/pico_frame.c",
    "stack/pico_protocol.c",
    "stack/pico_socket.c",
    "stack/pico_socket_multicast.c",
    "stack/pico_tree.c",
    "modules/pico_icmp4.c",
    "modules/pico_ipv4.c",
    "modules/pico_socket_tcp.c",
    "modules/pico_tcp.c",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=c");
    println!("cargo::rerun-if-env-changed=SANITIZE");
    if let Err(why) = build() {
        println!("cargo::error={why}");
    }
}

fn build() -> Result<(), String> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let picotcp = package(&here)?.join("picotcp");
    let folders = ["include", "modules", "stack"].map(|folder| picotcp.join(folder));
    let mut c = cc::Build::new();
    c.opt_level(2).warnings(false).define("PICO_PORT_CUSTOM", None).include(here.join("c")).includes(folders);
    c.flag("-fwrapv").flag("-fno-strict-aliasing").flag("-fcommon").flag("-std=gnu11");
    if env::var_os("SANITIZE").is_some() {
        c.flag("-fsanitize=address").flag("-g").define("SANITIZE", None);
        println!("cargo::rustc-link-arg=-fsanitize=address");
    }
    let mut own = c.clone();
    own.files(["main", "memory", "stack"].map(|name| here.join("c").join(name).with_extension("c")));
    own.try_compile("adapter").map_err(|e| e.to_string())?;
    c.flag("-include").flag(here.join("c/buffer.h")).files(SOURCES.map(|file| picotcp.join(file)));
    c.try_compile("picotcp").map_err(|e| e.to_string())
}

/// The folder into which cargo has unpacked the package `picotcp-sys`.
fn package(here: &Path) -> Result<PathBuf, String> {
    let mut metadata = Command::new(variable("CARGO")?);
    metadata.args(["metadata", "--format-version", "1", "--locked", "--manifest-path"]);
    let answer =
        metadata.arg(here.join("Cargo.toml")).output().map_err(|e| format!("cargo metadata: {e}"))?;
    if !answer.status.success() {
        let words = String::from_utf8_lossy(&answer.stderr).replace('\n', " ");
        return Err(format!("cargo metadata does not say where picotcp-sys lies: {words}"));
    }
    let tree: serde_json::Value =
        serde_json::from_slice(&answer.stdout).map_err(|e| format!("cargo metadata: {e}"))?;
    let packages = tree["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let manifest = packages
        .iter()
        .find(|package| package["name"] == "picotcp-sys")
        .and_then(|package| package["manifest_path"].as_str())
        .ok_or("picotcp-sys is not in Cargo.lock")?;
    Ok(Path::new(manifest).parent().map(Path::to_owned).unwrap_or_default())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|e| format!("{name}: {e}"))
}
