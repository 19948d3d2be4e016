//! The types that a filter may return, and how its error becomes text.

use std::convert::Infallible;
use std::fmt::{self, Debug, Display, Formatter};

use crate::area;

/// Any error: `?` converts every standard error, and `"a text".into()` makes one.
pub type Error = Box<dyn std::error::Error>;

/// `Result<bool>` is `Ok(true)` to pass a record, `Ok(false)` to drop it, `Err` to report it.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An `Error` made of a format string with arguments, of a text, or of another error.
#[macro_export]
macro_rules! eyre {
    ($text:literal $(,)?) => { $crate::Error::from(::std::format!($text)) };
    ($error:expr $(,)?) => { $crate::Error::from($error) };
    ($($argument:tt)*) => { $crate::Error::from(::std::format!($($argument)*)) };
}

/// The result of a filter. For any other type the compiler lists those below.
pub trait FilterAnswer {
    type Error;
    fn answer(self) -> std::result::Result<bool, Failed<Self::Error>>;
}

impl FilterAnswer for bool {
    type Error = Infallible;

    #[inline(always)]
    fn answer(self) -> std::result::Result<bool, Failed<Infallible>> {
        Ok(self)
    }
}

impl<E: Debug> FilterAnswer for std::result::Result<bool, E> {
    type Error = E;

    #[inline(always)]
    fn answer(self) -> std::result::Result<bool, Failed<E>> {
        self.map_err(|error| Failed { error, debug: E::fmt })
    }
}

/// A filter's error on its way to the message area: by its `Display`, or else by its `Debug`.
///
/// `(&failed).report()` resolves to `ByDisplay`, which `Failed` itself implements; without a `Display` to
/// `ByDebug`, which only `&Failed` implements.
pub struct Failed<E> {
    error: E,
    /// A field instead of a bound below, so that an error without `Debug` causes one diagnostic and not two.
    debug: fn(&E, &mut Formatter<'_>) -> fmt::Result,
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
