//! What an output is made of: a value, or a key and a value.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};
use std::mem::MaybeUninit;
use std::slice;

use crate::data::RecordData;
use crate::decimal::Digits;
use crate::outputs::{Outputs, Part};

/// What can be a value or a key: text, bytes, numbers. For any other type the compiler lists those.
pub trait Value {
    /// Call `then` with the bytes.
    fn with<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R;

    /// The number that the bytes are the text of, if it is a whole one.
    #[inline(always)]
    fn number(&self) -> Option<i64> {
        None
    }
}

/// A key or a value of an output that need not be there: `None` means that the output has none.
pub trait Optional {
    fn with_part<R>(&self, then: impl FnOnce(Part<'_>) -> R) -> R;
}

/// One output: a value, which has the key of its input; or `(key, value)`.
pub trait Output {
    fn put(&self, outputs: &mut Outputs);
}

macro_rules! bytes {
    ($($type:ty),*) => { $(
        impl Value for $type {
            #[inline(always)]
            fn with<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
                then(self.as_ref())
            }
        }
    )* };
}

bytes!([u8], Vec<u8>, Box<[u8]>, Cow<'_, [u8]>, RecordData);

macro_rules! text {
    ($($type:ty),*) => { $(
        impl Value for $type {
            #[inline(always)]
            fn with<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
                then(self.as_bytes())
            }
        }
    )* };
}

text!(str, String, Box<str>, Cow<'_, str>);

impl<const N: usize> Value for [u8; N] {
    #[inline(always)]
    fn with<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        then(self)
    }
}

impl<V: Value + ?Sized> Value for &V {
    #[inline(always)]
    fn with<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        (**self).with(then)
    }
}

macro_rules! written {
    ($($type:ty)*) => { $(
        impl Value for $type {
            #[inline(always)]
            fn with<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
                Written::of(self).with(then)
            }
        }
    )* };
}

written!(f32 f64 bool char);

macro_rules! whole {
    ($($type:ty)*) => { $(
        impl Value for $type {
            #[inline(always)]
            fn with<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
                match self.number() {
                    Some(number) => then(Digits::of(number).bytes()),
                    None => Written::of(self).with(then),
                }
            }

            #[inline(always)]
            fn number(&self) -> Option<i64> {
                (*self).try_into().ok()
            }
        }
    )* };
}

whole!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl<V: Value> Optional for V {
    #[inline(always)]
    fn with_part<R>(&self, then: impl FnOnce(Part<'_>) -> R) -> R {
        self.with(|bytes| then(Part::Own(bytes)))
    }
}

impl<V: Value> Optional for Option<V> {
    #[inline(always)]
    fn with_part<R>(&self, then: impl FnOnce(Part<'_>) -> R) -> R {
        match self {
            Some(value) => value.with_part(then),
            None => then(Part::None),
        }
    }
}

impl<V: Value> Output for V {
    #[inline(always)]
    fn put(&self, outputs: &mut Outputs) {
        self.with(|bytes| outputs.push(Part::OfInput, Part::Own(bytes)));
    }
}

impl<K: Optional, V: Optional> Output for (K, V) {
    #[inline(always)]
    fn put(&self, outputs: &mut Outputs) {
        self.0.with_part(|key| self.1.with_part(|value| outputs.push(key, value)));
    }
}

/// A number as text, without an allocation. The longest, a small `f64`, has 344 characters.
struct Written {
    bytes: MaybeUninit<[u8; 400]>,
    length: usize,
}

impl Written {
    #[inline(always)]
    fn of(value: &impl Display) -> Self {
        let mut written = Written { bytes: MaybeUninit::uninit(), length: 0 };
        // It fits.
        let _ = write!(written, "{}", value);
        written
    }

    #[inline(always)]
    fn with<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        then(unsafe { slice::from_raw_parts(self.bytes.as_ptr() as *const u8, self.length) })
    }
}

impl Write for Written {
    #[inline]
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = std::mem::size_of_val(&self.bytes) - self.length;
        if text.len() > room {
            return Err(fmt::Error);
        }
        unsafe {
            let end = (self.bytes.as_mut_ptr() as *mut u8).add(self.length);
            std::ptr::copy_nonoverlapping(text.as_ptr(), end, text.len());
        }
        self.length += text.len();
        Ok(())
    }
}
