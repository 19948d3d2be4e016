//! The parameters that a SmartStream is started with, and how its `init` gets them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::{self, Debug, Display, Formatter};
use std::panic::Location;
use std::str::FromStr;
use std::time::Duration;

use crate::answer::Failed;
use crate::batch::{self, Header};
use crate::error::{Error, Result};
use crate::trace;

/// Parameters by name, and which records `look_back` is given.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// Sorted by name.
    params: Vec<(String, String)>,
    lookback: Option<Lookback>,
}

/// Which records `look_back` is given: the last ones, by number, age or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lookback {
    /// At most so many; 0 if only `age` bounds them.
    pub last: u64,
    pub age: Option<Duration>,
}

/// What can be wrong with parameters.
#[derive(Debug)]
pub enum SmartModuleInitError {
    MissingParam(String),
}

impl Params {
    pub fn new(params: BTreeMap<String, String>, lookback: Option<Lookback>) -> Self {
        Params { params: params.into_iter().collect(), lookback }
    }

    /// The value of a parameter, if it is set.
    pub fn get(&self, name: &str) -> Option<&String> {
        self.find(name).ok().map(|at| &self.params[at].1)
    }

    /// The value of a parameter, parsed. An error names the parameter that is not set or cannot be parsed.
    pub fn required<T>(&self, name: &str) -> Result<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let missing = || Error::msg(format_args!("missing parameter {0}: set it with -e {0}=…", name));
        self.optional(name)?.ok_or_else(missing)
    }

    /// The value of a parameter, parsed, if it is set. An error names the parameter.
    pub fn optional<T>(&self, name: &str) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let parse = |text: &String| {
            text.parse()
                .map_err(|error| Error::msg(format_args!("invalid parameter {}={:?}: {}", name, text, error)))
        };
        self.get(name).map(parse).transpose()
    }

    /// Set a parameter.
    pub fn insert(&mut self, name: String, value: String) {
        match self.find(&name) {
            Ok(at) => self.params[at].1 = value,
            Err(at) => self.params.insert(at, (name, value)),
        }
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Which records `look_back` is given, if the consumer asks for that.
    pub fn lookback(&self) -> Option<&Lookback> {
        self.lookback.as_ref()
    }

    fn find(&self, name: &str) -> std::result::Result<usize, usize> {
        self.params.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    /// # Safety
    /// The host must have written the header, and the call must not have ended.
    unsafe fn of_call(header: &Header) -> Self {
        let mut rest = header.parameters();
        let mut params = Vec::new();
        for _ in 0..number(&mut rest) {
            let (name, value) = (number(&mut rest), number(&mut rest));
            params.push((text(&mut rest, name), text(&mut rest, value)));
        }
        let [last, age] = header.look_back;
        let lookback = (last >= 0 || age >= 0).then(|| Lookback {
            last: last.max(0) as u64,
            age: (age >= 0).then(|| Duration::from_millis(age as u64)),
        });
        Params { params, lookback }
    }
}

fn number(rest: &mut &[u8]) -> usize {
    if rest.is_empty() {
        return 0;
    }
    let (head, tail) = rest.split_at(4);
    *rest = tail;
    u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize
}

fn text(rest: &mut &[u8], length: usize) -> String {
    let (head, tail) = rest.split_at(length);
    *rest = tail;
    String::from_utf8_lossy(head).into_owned()
}

impl From<BTreeMap<String, String>> for Params {
    fn from(params: BTreeMap<String, String>) -> Self {
        Params::new(params, None)
    }
}

impl Display for SmartModuleInitError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let SmartModuleInitError::MissingParam(name) = self;
        write!(formatter, "Missing param {}", name)
    }
}

impl std::error::Error for SmartModuleInitError {}

struct Given(Cell<Option<&'static Params>>);

// A module has no threads.
unsafe impl Sync for Given {}

static GIVEN: Given = Given(Cell::new(None));

/// The value of a parameter, if it is set: `-e name=value`.
#[track_caller]
pub fn param(name: &str) -> Option<&'static str> {
    let found = GIVEN.0.get().and_then(|params| params.get(name)).map(String::as_str);
    if trace::on() {
        trace::report(Location::caller(), "param", name, found.map(str::as_bytes));
    }
    found
}

/// The `init` of a file, and what it returned.
pub struct Init<S> {
    run: fn(&'static Params) -> Option<S>,
    settings: Cell<Option<S>>,
}

// A module has no threads.
unsafe impl<S> Sync for Init<S> {}

/// In place of the settings, in a file without `init`.
pub struct NoInit;

impl<S> Init<S> {
    /// `run` returns nothing after it has reported an error.
    pub const fn new(run: fn(&'static Params) -> Option<S>) -> Self {
        Init { run, settings: Cell::new(None) }
    }

    /// What `init` returned.
    #[inline(always)]
    pub fn settings(&self) -> &S {
        // Nothing is stored again after the first record.
        unsafe { (*self.settings.as_ptr()).as_ref() }.expect("init ran before the first record")
    }
}

/// `smartstream_init`: keep the parameters, and run the file's `init`; 0, or 1 after an error.
pub fn init<S>(header: u32, init: &'static Init<S>) -> u32 {
    let header = unsafe { Header::at(header) };
    unsafe { batch::open_area(header, 0) };
    let params: &'static Params = Box::leak(Box::new(unsafe { Params::of_call(header) }));
    GIVEN.0.set(Some(params));
    init.settings.set((init.run)(params));
    unsafe { (*init.settings.as_ptr()).is_none() as u32 }
}

/// The argument of `init`. For any other type the compiler lists those below.
pub trait InitArgument {
    fn of_params(params: &'static Params) -> Self;
}

impl InitArgument for &'static Params {
    fn of_params(params: &'static Params) -> Self {
        params
    }
}

impl InitArgument for Params {
    fn of_params(params: &'static Params) -> Self {
        params.clone()
    }
}

/// What `init` returns: settings for the function of the kind, or nothing.
pub trait InitAnswer {
    type Settings;
    type Error;
    fn settings(self) -> std::result::Result<Self::Settings, Failed<Self::Error>>;
}

impl InitAnswer for () {
    type Settings = ();
    type Error = Infallible;

    fn settings(self) -> std::result::Result<(), Failed<Infallible>> {
        Ok(())
    }
}

impl<S, E: Debug> InitAnswer for std::result::Result<S, E> {
    type Settings = S;
    type Error = E;

    fn settings(self) -> std::result::Result<S, Failed<E>> {
        self.map_err(Failed::new)
    }
}
