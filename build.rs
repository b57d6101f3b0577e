//! Tells the program where libtorch lies at run time, so that it needs no `LD_LIBRARY_PATH`.

use std::env::var_os;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    if var_os("CARGO_FEATURE_LIBTORCH").is_some()
        && let Some(folder) = var_os("LIBTORCH")
    {
        let libraries = Path::new(&folder).join("lib");
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", libraries.display());
    }
}
