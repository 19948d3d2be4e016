use std::num::ParseFloatError;
use std::str::FromStr;

/// A temperature in degrees.
#[derive(Clone, Copy)]
pub struct Reading(f64);

impl Reading {
    pub fn distance(self, other: Reading) -> f64 {
        (self.0 - other.0).abs()
    }
}

impl FromStr for Reading {
    type Err = ParseFloatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse().map(Reading)
    }
}
