//! Errors: one type that anything converts into, as in Fluvio's SDK.

use std::error::Error as StdError;
use std::fmt::{self, Debug, Display, Formatter, Write};

/// Any error: `?` converts every standard error, and `"a text".into()` makes one.
///
/// `Display` is the error's own text; `Debug` adds what caused it.
pub struct Error(Box<dyn StdError>);

/// A result whose error may be any; in `Result<T, E>` it is `E`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error with a text of its own.
    pub fn msg(text: impl Display) -> Self {
        Error(text.to_string().into())
    }

    /// An error made of another one.
    pub fn new(error: impl StdError + 'static) -> Self {
        Error(Box::new(error))
    }

    /// The same error as the cause of one with the text `context`.
    pub fn wrap_err(self, context: impl Display) -> Self {
        Error(Box::new(Wrapped { context: context.to_string(), cause: self.0 }))
    }

    /// The error that this one was made of, if it was an `E`.
    pub fn downcast_ref<E: StdError + 'static>(&self) -> Option<&E> {
        self.0.downcast_ref()
    }

    /// The last cause: the error itself if it has none.
    pub fn root_cause(&self) -> &(dyn StdError + 'static) {
        let mut cause = &*self.0;
        while let Some(next) = cause.source() {
            cause = next;
        }
        cause
    }
}

impl<E: Into<Box<dyn StdError>>> From<E> for Error {
    #[cold]
    fn from(error: E) -> Self {
        Error(error.into())
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, formatter)
    }
}

impl Debug for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, formatter)?;
        let mut cause = self.0.source();
        if cause.is_none() {
            return Ok(());
        }
        formatter.write_str("\n\nCaused by:")?;
        let numbered = cause.and_then(StdError::source).is_some();
        let mut number = 0;
        while let Some(error) = cause {
            if numbered {
                write!(formatter, "\n{:>4}: ", number)?;
            } else {
                formatter.write_str("\n    ")?;
            }
            write!(Indented(formatter, if numbered { "      " } else { "    " }), "{}", error)?;
            cause = error.source();
            number += 1;
        }
        Ok(())
    }
}

/// Writes text with an indent after each line's end.
struct Indented<'a, 'b>(&'a mut Formatter<'b>, &'static str);

impl Write for Indented<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut lines = text.split('\n');
        self.0.write_str(lines.next().unwrap_or_default())?;
        lines.try_for_each(|line| {
            self.0.write_char('\n')?;
            if line.is_empty() {
                return Ok(());
            }
            self.0.write_str(self.1)?;
            self.0.write_str(line)
        })
    }
}

/// An error with what it means to the caller.
#[derive(Debug)]
struct Wrapped {
    context: String,
    cause: Box<dyn StdError>,
}

impl Display for Wrapped {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.context)
    }
}

impl StdError for Wrapped {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.cause)
    }
}

/// `context` for a result or an option: what failed, with the error as its cause.
pub trait Context<T> {
    fn context(self, context: impl Display) -> Result<T>;
    fn with_context<C: Display>(self, context: impl FnOnce() -> C) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn context(self, context: impl Display) -> Result<T> {
        self.map_err(|error| error.into().wrap_err(context))
    }

    fn with_context<C: Display>(self, context: impl FnOnce() -> C) -> Result<T> {
        self.map_err(|error| error.into().wrap_err(context()))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, context: impl Display) -> Result<T> {
        self.ok_or_else(|| Error::msg(context))
    }

    fn with_context<C: Display>(self, context: impl FnOnce() -> C) -> Result<T> {
        self.ok_or_else(|| Error::msg(context()))
    }
}

/// An `Error` made of a format string with arguments, of a text, or of another error.
#[macro_export]
macro_rules! eyre {
    ($text:literal $(,)?) => { $crate::Error::from(::std::format!($text)) };
    ($error:expr $(,)?) => { $crate::Error::from($error) };
    ($($argument:tt)*) => { $crate::Error::from(::std::format!($($argument)*)) };
}
