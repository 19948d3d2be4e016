//! std's printing macros, redirected to the host: a SmartStream has no terminal.

use std::fmt::Arguments;

use crate::area;

#[macro_export]
macro_rules! print {
    ($($argument:tt)*) => { $crate::glue::print(::core::format_args!($($argument)*)) };
}

#[macro_export]
macro_rules! println {
    () => { $crate::glue::print_line(::core::format_args!("")) };
    ($($argument:tt)*) => { $crate::glue::print_line(::core::format_args!($($argument)*)) };
}

#[macro_export]
macro_rules! eprint {
    ($($argument:tt)*) => { $crate::print!($($argument)*) };
}

#[macro_export]
macro_rules! eprintln {
    ($($argument:tt)*) => { $crate::println!($($argument)*) };
}

#[macro_export]
macro_rules! log {
    ($($argument:tt)*) => { $crate::println!($($argument)*) };
}

/// As std's, with the file's name instead of its whole path, which is the same throughout a SmartStream.
#[macro_export]
macro_rules! dbg {
    () => {
        $crate::println!("[{}:{}]", $crate::glue::file_name(::core::file!()), ::core::line!())
    };
    ($value:expr $(,)?) => {
        match $value {
            value => {
                $crate::println!(
                    "[{}:{}] {} = {:#?}",
                    $crate::glue::file_name(::core::file!()),
                    ::core::line!(),
                    ::core::stringify!($value),
                    &value
                );
                value
            }
        }
    };
    ($($value:expr),+ $(,)?) => { ($($crate::dbg!($value)),+,) };
}

#[inline(never)]
pub fn print(text: Arguments<'_>) {
    area::print(text);
}

#[inline(never)]
pub fn print_line(text: Arguments<'_>) {
    area::print(format_args!("{}\n", text));
}

pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
