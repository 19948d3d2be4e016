//! Picks the modules of Python's standard library that SmartStreams get: all of them would take 12 MB.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Files in the library, without their ending. The native ones come by themselves.
const KEPT: &[&str] = &[
    "__future__",
    "_collections_abc",
    "_py_warnings",
    "_pydatetime",
    "_pydecimal",
    "_strptime",
    "_weakrefset",
    "abc",
    "annotationlib",
    "ast",
    "base64",
    "bisect",
    "calendar",
    "collections/__init__",
    "contextlib",
    "contextvars",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fnmatch",
    "fractions",
    "functools",
    "hashlib",
    "heapq",
    "hmac",
    "html/__init__",
    "html/entities",
    "io",
    "ipaddress",
    "json/__init__",
    "json/decoder",
    "json/encoder",
    "json/scanner",
    "keyword",
    "numbers",
    "operator",
    "pprint",
    "re/__init__",
    "re/_casefix",
    "re/_compiler",
    "re/_constants",
    "re/_parser",
    "reprlib",
    "shlex",
    "statistics",
    "string/__init__",
    "string/templatelib",
    "struct",
    "textwrap",
    "types",
    "typing",
    "urllib/__init__",
    "urllib/parse",
    "warnings",
    "weakref",
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=lib");
    // Names of functions, which would be a tenth of the module.
    println!("cargo:rustc-link-arg=--strip-all");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names a folder"));
    let kept = out.join("lib");
    let _ = fs::remove_dir_all(&kept);
    for name in KEPT {
        copy(&Path::new(rustpython_pylib::LIB_PATH).join(name), &kept.join(name));
    }
    // What replaces modules that would need files.
    for entry in fs::read_dir("lib").expect("the crate has its own modules").flatten() {
        let stem = entry.path().with_extension("");
        copy(&stem, &kept.join(stem.file_name().expect("a file has a name")));
    }
    let frozen = format!("rustpython_vm::py_freeze!(dir = {:?})", kept);
    fs::write(out.join("frozen.rs"), frozen).expect("the folder can be written");
}

fn copy(from: &Path, to: &Path) {
    let (from, to) = (from.with_extension("py"), to.with_extension("py"));
    fs::create_dir_all(to.parent().expect("it is in a folder")).expect("the folder can be written");
    fs::copy(&from, &to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}
