//! Builds two versions of lwIP, one of them with its TCP options too, in several copies each, from the C sources
//! inside the package `lwip`.
//!
//! That package cannot be built as a dependency, but cargo locks and fetches it; `cargo metadata` says where
//! it lies. Every copy is one relocatable object whose only global name is its table of functions, so that
//! all of them fit into one binary. Needs gcc, GNU ld, objcopy and ar.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Name, folder in the package, and what is defined besides.
const VERSIONS: [(&str, &str, &[&str]); 3] =
    [("2_1_2", "old-src", &[]), ("2_2_1", "src", &[]), ("2_2_1_options", "src", &["-DLASTACK_OPTIONS"])];
/// Instances of each version that can be alive without sharing; `src/slots.rs` names them.
const COPIES: usize = 4;
/// What TCP over IPv4 needs of lwIP.
const SOURCES: [&str; 15] = [
    "init",
    "def",
    "inet_chksum",
    "ip",
    "mem",
    "memp",
    "netif",
    "pbuf",
    "tcp",
    "tcp_in",
    "tcp_out",
    "timeouts",
    "ipv4/icmp",
    "ipv4/ip4",
    "ipv4/ip4_addr",
];
/// One section for all that is writable, and no name of libgcc's.
const FLAGS: [&str; 8] = [
    "-std=gnu11",
    "-O2",
    "-w",
    "-fPIC",
    "-fno-common",
    "-fno-data-sections",
    "-fno-function-sections",
    "-fno-stack-protector",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=c");
    if let Err(why) = build() {
        println!("cargo::error={why}");
    }
}

fn build() -> Result<(), String> {
    let here = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(variable("OUT_DIR")?);
    let package = lwip_package(&here)?;
    let mut copies = Vec::new();
    for (version, folder, defined) in VERSIONS {
        let whole = one_object(&here.join("c"), &package.join(folder), &out.join(version), defined)?;
        for copy in 0..COPIES {
            let object = out.join(format!("lwip_{version}_{copy}.o"));
            let renamed = format!("lastack_lwip_api=lastack_lwip_{version}_{copy}");
            run(Command::new("objcopy").arg("--redefine-sym").arg(renamed).arg(&whole).arg(&object))?;
            copies.push(object);
        }
    }
    let library = out.join("liblastack_lwip_c.a");
    // `ar` adds to what is there.
    let _ = std::fs::remove_file(&library);
    run(Command::new("ar").arg("crs").arg(&library).args(&copies))?;
    println!("cargo::rustc-link-search=native={}", out.display());
    println!("cargo::rustc-link-lib=static=lastack_lwip_c");
    Ok(())
}

/// Compiles one version and links it to one object with one global name.
fn one_object(own: &Path, lwip: &Path, out: &Path, defined: &[&str]) -> Result<PathBuf, String> {
    std::fs::create_dir_all(out).map_err(|e| format!("{}: {e}", out.display()))?;
    let sources = SOURCES.map(|name| lwip.join("core").join(name).with_extension("c"));
    let mut objects: Vec<PathBuf> =
        sources.iter().filter_map(|path| path.file_stem()).map(PathBuf::from).collect();
    objects.push(PathBuf::from("shim"));
    for object in &mut objects {
        object.set_extension("o");
    }
    let compiler = cc::Build::new().cargo_metadata(false).opt_level(2).try_get_compiler();
    let mut compile = Command::new(compiler.map_err(|e| format!("no C compiler: {e}"))?.path());
    compile
        .current_dir(out)
        .args(FLAGS)
        .args(defined)
        .arg("-c")
        .arg("-I")
        .arg(own)
        .arg("-I")
        .arg(lwip.join("include"));
    run(compile.args(sources).arg(own.join("shim.c")))?;
    run(Command::new("ld")
        .current_dir(out)
        .args(["-r", "-o", "all.o", "-T"])
        .arg(own.join("state.ld"))
        .args(objects))?;
    run(Command::new("objcopy").current_dir(out).args([
        "--keep-global-symbol=lastack_lwip_api",
        "all.o",
        "one.o",
    ]))?;
    Ok(out.join("one.o"))
}

/// The folder into which cargo has unpacked the package `lwip`.
fn lwip_package(here: &Path) -> Result<PathBuf, String> {
    let mut metadata = Command::new(variable("CARGO")?);
    metadata.args(["metadata", "--format-version", "1", "--locked", "--manifest-path"]);
    let answer =
        metadata.arg(here.join("Cargo.toml")).output().map_err(|e| format!("cargo metadata: {e}"))?;
    if !answer.status.success() {
        let words = String::from_utf8_lossy(&answer.stderr).replace('\n', " ");
        return Err(format!("cargo metadata does not say where the package lwip lies: {words}"));
    }
    let tree: serde_json::Value =
        serde_json::from_slice(&answer.stdout).map_err(|e| format!("cargo metadata: {e}"))?;
    let packages = tree["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let manifest = packages
        .iter()
        .find(|package| package["name"] == "lwip" && package["version"] == "0.4.0")
        .and_then(|package| package["manifest_path"].as_str())
        .ok_or("the package lwip 0.4.0 is not in Cargo.lock")?;
    Ok(Path::new(manifest).parent().map(Path::to_owned).unwrap_or_default())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|e| format!("{name}: {e}"))
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.output().map_err(|e| format!("{name} does not run: {e}"))?;
    if done.status.success() {
        return Ok(());
    }
    Err(format!("{name} failed: {}", String::from_utf8_lossy(&done.stderr).replace('\n', " ")))
}
