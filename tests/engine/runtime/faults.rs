//! One way to fail for each value: the fault corpus. A comment `at NAME` marks the line that a panic names.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Mutex;

static HELD: Mutex<u32> = Mutex::new(0);
static SEEN: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static COUNTS: RefCell<HashMap<Vec<u8>, u32>> = RefCell::new(HashMap::new());
}

/// A value that the compiler does not foresee.
fn unknown<T: Copy>(value: T) -> T {
    unsafe { std::ptr::read_volatile(&value) }
}

fn deeper(depth: u64) -> u64 {
    let room = unknown([depth; 64]);
    deeper(depth + 1) + room[(depth % 64) as usize]
}

fn checked(value: &str) -> Result<bool> {
    let number: i32 = value.trim_start_matches("parse").parse()?;
    Ok(number > 0)
}

#[derive(Debug)]
struct Odd {
    length: usize,
}

fn odd(length: usize) -> std::result::Result<bool, Odd> {
    Err(Odd { length })
}

struct Link(Option<Box<Link>>);

fn chain(links: usize) -> Link {
    (0..links).fold(Link(None), |chain, _| Link(Some(Box::new(chain))))
}

fn panics(value: &str) {
    let length = unknown(value.len());
    match value {
        "unwrap-utf8" => drop(str::from_utf8(&[b'a', 0xff]).unwrap()), // at unwrap-utf8
        "unwrap-none" => drop(value.find('%').unwrap()), // at unwrap-none
        "expect" => drop(value.parse::<u8>().expect("a number")), // at expect
        "index" => drop([1, 2, 3][length]), // at index
        "slice" => drop(&value.as_bytes()[length + 1..]), // at slice
        "char-boundary" => drop(&"é"[..unknown(1)]), // at char-boundary
        "overflow-add" => drop(unknown(250u8) + length as u8), // at overflow-add
        "overflow-sub" => drop(length - unknown(100)), // at overflow-sub
        "overflow-mul" => drop(unknown(i32::MAX) * length as i32), // at overflow-mul
        "shift" => drop(1u32 << unknown(length + 32)), // at shift
        "negate" => drop(-unknown(i32::MIN)), // at negate
        "divide" => drop(1 / (length - value.len())), // at divide
        "remainder" => drop(1 % (length - value.len())), // at remainder
        "divide-overflow" => drop(unknown(i32::MIN) / unknown(-1)), // at divide-overflow
        "explicit" => panic!("went {}\nwrong", value), // at explicit
        "unreachable" => unreachable!("never {}", length), // at unreachable
        "todo" => todo!(), // at todo
        "megabytes" => panic!("{}", "é".repeat(length << 18)), // at megabytes
        "assert" => assert!(length > 100, "too short: {}", length), // at assert
        "assert-eq" => assert_eq!(length, 1), // at assert-eq
        "borrowed" => COUNTS.with(|counts| {
            let _first = counts.borrow_mut();
            drop(counts.borrow_mut()); // at borrowed
        }),
        _ => (),
    }
}

fn gives_up(value: &str) {
    match value {
        "abort" => std::process::abort(),
        "exit" => std::process::exit(unknown(0)),
        "allocate" => {
            let mut held = Vec::new();
            while unknown(true) {
                held.push(Vec::<u8>::with_capacity(unknown(1 << 20)));
            }
        }
        "allocate-at-once" => drop(vec![unknown(1u8); unknown(200 << 20)]),
        "allocate-more" => {
            let mut held = vec![0u8; 1];
            while unknown(true) {
                held.extend_from_within(..);
            }
        }
        "recurse" => drop(deeper(0)),
        "recurse-in-drop" => drop(chain(unknown(200_000))),
        "loop" => while unknown(true) {},
        _ => (),
    }
}

#[smartstream(filter)]
fn faults(value: &[u8]) -> Result<bool> {
    let text = str::from_utf8(value)?;
    let mut held = HELD.lock().unwrap();
    *held += 1;
    panics(text);
    gives_up(text);
    match text {
        "err" => return Err("no such thing".into()),
        "err-lines" => return Err(format!("two\nlines of {}", text).into()),
        "err-debug" => return odd(text.len()).map_err(|odd| format!("{:?}", odd).into()),
        "count" => return Err(format!("{}", SEEN.fetch_add(1, Ordering::Relaxed) + 1).into()),
        "print" => {
            println!("one {}", text.len());
            eprint!("two\nthree");
        }
        "print-panic" => {
            println!("before");
            panic!("after it printed"); // at print-panic
        }
        "drop" => return Ok(false),
        "does-without" => return Ok(Vec::<u8>::new().try_reserve(unknown(200 << 20)).is_err()),
        _ => (),
    }
    if text.starts_with("parse") {
        return checked(text);
    }
    Ok(true)
}
