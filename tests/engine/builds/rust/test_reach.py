"""What a source can read while it is compiled, and what its module can reach: docs/security.md says so."""

from pathlib import Path

import pytest

from engine.records.verdicts import Verdict
from tests.engine.conftest import BuildFilter, EvaluateFilter, evaluate_values

REACHES = """
use std::{env, fs, net, process, thread, time};

#[smartstream(filter)]
fn f(value: &[u8]) -> bool {
    match value {
        b"file" => fs::read("/etc/hostname").is_ok() || fs::write("reached", b"x").is_ok(),
        b"folder" => fs::read_dir("/").is_ok() || env::current_dir().is_ok(),
        b"network" => net::TcpStream::connect("127.0.0.1:1").map_err(|e| e.kind()).err()
            != Some(std::io::ErrorKind::Unsupported),
        b"program" => process::Command::new("/bin/true").spawn().is_ok(),
        b"thread" => thread::Builder::new().spawn(|| ()).is_ok(),
        b"environment" => env::var_os("PATH").is_some() || env::args().count() > 0,
        b"clock" => time::SystemTime::now() > time::SystemTime::UNIX_EPOCH,
        _ => time::Instant::now().elapsed().as_nanos() < u128::MAX,
    }
}
"""


def test_a_module_reaches_nothing(evaluate_filter: EvaluateFilter) -> None:
    values = [b"file", b"folder", b"network", b"program", b"thread", b"environment", b"clock", b"monotonic"]
    verdicts = [Verdict(verdict) for verdict in evaluate_filter(REACHES, values).verdicts]
    assert dict(zip(values, verdicts, strict=True)) == {
        **dict.fromkeys(values, Verdict.DROP),
        b"clock": Verdict.TRAP,
        b"monotonic": Verdict.TRAP,
    }


def test_a_source_reads_what_you_may_read(
    build_filter: BuildFilter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "elsewhere" / "secret"
    secret.parent.mkdir()
    secret.write_text("from a file")
    monkeypatch.setenv("A_SECRET", "from the environment")
    build = build_filter(
        f'const FILE: &str = include_str!("{secret}");\n'
        "#[smartstream(filter)]\n"
        'fn f(_: &[u8]) -> bool { println!("{FILE}, {}", env!("A_SECRET")); true }'
    )
    assert build.wasm is not None, build
    (printed,) = evaluate_values(build.wasm, [b""]).printed
    assert printed.text == "from a file, from the environment"


@pytest.mark.parametrize(
    "source",
    [
        '#![crate_type = "proc-macro"]\n',
        "extern crate proc_macro;\n#[proc_macro]\npub fn m(t: proc_macro::TokenStream)"
        " -> proc_macro::TokenStream { t }\nm!();\n",
        "#![feature(plugin)]\n#![plugin(helper)]\n",
    ],
)
def test_a_source_runs_nothing_while_it_is_compiled(
    build_filter: BuildFilter, tmp_path: Path, source: str
) -> None:
    marker = tmp_path / "ran"
    runs = f'fn main() {{ std::fs::write("{marker}", "").unwrap(); }}\n'
    for name in ("build.rs", "main.rs", "helper.rs"):
        (tmp_path / name).write_text(runs)
    (tmp_path / "Cargo.toml").write_text(
        '[package]\nname = "mine"\nversion = "0.1.0"\nbuild = "build.rs"\n'
        '[dependencies]\nhelper = { path = "helper" }\n'
    )
    build_filter(f"{source}#[smartstream(filter)]\nfn f(_: &[u8]) -> bool {{ true }}\n{runs}")
    assert not marker.exists()
