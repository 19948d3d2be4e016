//! What a filter may return, and how its error becomes a text.

use std::convert::Infallible;
use std::fmt::{self, Debug, Display, Formatter};

use crate::area;

/// Any error: `?` turns every standard error into one, and `"a text".into()` makes one.
pub type Error = Box<dyn std::error::Error>;

/// `Result<bool>` is `Ok(true)` to pass a record, `Ok(false)` to drop it, `Err` to report it.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An `Error` made as `format!` makes a text, or of a text or an error.
#[macro_export]
macro_rules! eyre {
    ($text:literal $(,)?) => { $crate::Error::from(::std::format!($text)) };
    ($error:expr $(,)?) => { $crate::Error::from($error) };
    ($($argument:tt)*) => { $crate::Error::from(::std::format!($($argument)*)) };
}

/// What a filter may return. The compiler lists the types below where a filter returns something else.
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

/// A filter's error on its way to the message area: as its `Display` says it, or else its `Debug`.
///
/// `(&failed).tell()` finds `ByDisplay` first, which `Failed` itself has, and `ByDebug`, which only `&Failed`
/// has, where the error has no `Display`.
pub struct Failed<E> {
    error: E,
    /// Kept here, and not asked for below, so that an error without `Debug` is one complaint and not two.
    debug: fn(&E, &mut Formatter<'_>) -> fmt::Result,
}

pub trait ByDisplay {
    fn tell(&self);
}

impl<E: Display> ByDisplay for Failed<E> {
    #[cold]
    fn tell(&self) {
        area::error(format_args!("{}", self.error));
    }
}

pub trait ByDebug {
    fn tell(&self);
}

impl<E> ByDebug for &Failed<E> {
    #[cold]
    fn tell(&self) {
        area::error(format_args!("{:?}", self));
    }
}

impl<E> Debug for Failed<E> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        (self.debug)(&self.error, formatter)
    }
}
