//! What a function of each kind may return, and how its error becomes text.

use std::convert::Infallible;
use std::fmt::{self, Debug, Display, Formatter};

use crate::area;
use crate::error::Error;
use crate::outputs::Outputs;
use crate::value::{Output, Value};

/// The results of a record, as docs/abi.md numbers them.
pub const NOTHING: u8 = 0;
pub const SOMETHING: u8 = 1;
pub const ERROR: u8 = 2;

/// The kinds: each says what its functions return by implementations of `Outcome`.
pub enum Filter {}
pub enum Map {}
pub enum FilterMap {}
pub enum ArrayMap {}
pub enum Aggregate {}
pub enum LookBack {}

/// What a function of a kind returns if it does not fail.
pub trait Outcome<Kind> {
    /// Hand the outputs over; returns the result of the record.
    fn put(self, outputs: &mut Outputs) -> u8;
}

impl Outcome<Filter> for bool {
    #[inline(always)]
    fn put(self, _: &mut Outputs) -> u8 {
        self as u8
    }
}

impl Outcome<LookBack> for () {
    #[inline(always)]
    fn put(self, _: &mut Outputs) -> u8 {
        SOMETHING
    }
}

impl<O: Output> Outcome<Map> for O {
    #[inline(always)]
    fn put(self, outputs: &mut Outputs) -> u8 {
        Output::put(&self, outputs);
        SOMETHING
    }
}

impl<O: Output> Outcome<FilterMap> for Option<O> {
    #[inline(always)]
    fn put(self, outputs: &mut Outputs) -> u8 {
        self.map_or(NOTHING, |output| Outcome::<Map>::put(output, outputs))
    }
}

impl<V: Value> Outcome<Aggregate> for V {
    #[inline(always)]
    fn put(self, outputs: &mut Outputs) -> u8 {
        self.with(|bytes| outputs.accumulate(bytes, self.number()));
        SOMETHING
    }
}

impl<O: Output> Outcome<ArrayMap> for Vec<O> {
    #[inline(always)]
    fn put(self, outputs: &mut Outputs) -> u8 {
        put_all(&self, outputs)
    }
}

impl<O: Output> Outcome<ArrayMap> for Box<[O]> {
    #[inline(always)]
    fn put(self, outputs: &mut Outputs) -> u8 {
        put_all(&self, outputs)
    }
}

impl<O: Output, const N: usize> Outcome<ArrayMap> for [O; N] {
    #[inline(always)]
    fn put(self, outputs: &mut Outputs) -> u8 {
        put_all(&self, outputs)
    }
}

#[inline(always)]
fn put_all<O: Output>(all: &[O], outputs: &mut Outputs) -> u8 {
    all.iter().for_each(|output| output.put(outputs));
    !all.is_empty() as u8
}

/// What a function of a kind returns: an `Outcome`, or a `Result` of one. For any other type the compiler lists those.
pub trait Answer<Kind> {
    type Error;
    /// Hand the outputs over; returns the result of the record.
    fn put(self, outputs: &mut Outputs) -> Result<u8, Failed<Self::Error>>;
}

// Once for each kind: for all of them at once the two would overlap.
macro_rules! answers {
    ($($kind:ident)*) => { $(
        impl<T: Outcome<$kind>> Answer<$kind> for T {
            type Error = Infallible;

            #[inline(always)]
            fn put(self, outputs: &mut Outputs) -> Result<u8, Failed<Infallible>> {
                Ok(Outcome::put(self, outputs))
            }
        }

        impl<T: Outcome<$kind>, E: Debug> Answer<$kind> for Result<T, E> {
            type Error = E;

            #[inline(always)]
            fn put(self, outputs: &mut Outputs) -> Result<u8, Failed<E>> {
                self.map(|outcome| outcome.put(outputs)).map_err(Failed::new)
            }
        }
    )* };
}

answers!(Filter Map FilterMap ArrayMap Aggregate LookBack);

/// The error of a SmartStream's function on its way to the message area: an `Error` with its causes, another one by
/// its `Display`, or else by its `Debug`.
///
/// `(&failed).report()` resolves to the method of `Failed<Error>`; or else to `ByDisplay`, which `Failed` itself
/// implements; without a `Display` to `ByDebug`, which only `&Failed` implements.
pub struct Failed<E> {
    error: E,
    /// A field instead of a bound below, so that an error without `Debug` causes one diagnostic and not two.
    debug: fn(&E, &mut Formatter<'_>) -> fmt::Result,
}

impl<E: Debug> Failed<E> {
    pub(crate) fn new(error: E) -> Self {
        Failed { error, debug: E::fmt }
    }
}

impl Failed<Error> {
    #[cold]
    pub fn report(&self) {
        area::error(format_args!("{:?}", self));
    }
}

pub trait ByDisplay {
    fn report(&self);
}

impl<E: Display> ByDisplay for Failed<E> {
    #[cold]
    fn report(&self) {
        area::error(format_args!("{}", self.error));
    }
}

pub trait ByDebug {
    fn report(&self);
}

impl<E> ByDebug for &Failed<E> {
    #[cold]
    fn report(&self) {
        area::error(format_args!("{:?}", self));
    }
}

impl<E> Debug for Failed<E> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        (self.debug)(&self.error, formatter)
    }
}
