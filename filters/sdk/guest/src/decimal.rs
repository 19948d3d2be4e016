//! Whole numbers as decimal text: `Display` takes several times as long (measured).

/// 8 digits at a time.
const GROUP: u64 = 100_000_000;

/// The text of a number, as `Display` writes it.
pub(crate) struct Digits {
    /// Room for a sign, and for 20 digits in groups of 8.
    bytes: [u8; Digits::ROOM],
    start: usize,
}

impl Digits {
    const ROOM: usize = 1 + 3 * 8;

    #[inline(always)]
    pub(crate) fn of(number: i64) -> Self {
        let mut text = Digits { bytes: [b'0'; Digits::ROOM], start: 0 };
        let (mut rest, mut at) = (number.unsigned_abs(), Digits::ROOM - 8);
        while rest >= GROUP {
            text.put(at, eight_digits(rest % GROUP));
            rest /= GROUP;
            at -= 8;
        }
        let group = eight_digits(rest);
        text.put(at, group);
        // Zeros before the first digit; the last one stands for the number 0.
        text.start = at + ((group | 1 << 56).trailing_zeros() / 8) as usize;
        if number < 0 {
            text.start -= 1;
            text.bytes[text.start] = b'-';
        }
        text
    }

    #[inline(always)]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    #[inline(always)]
    fn put(&mut self, at: usize, group: u64) {
        // `copy_from_slice` would be a call, and one of the host in there.
        let place: &mut [u8; 8] = (&mut self.bytes[at..at + 8]).try_into().unwrap();
        *place = (group | 0x3030_3030_3030_3030).to_le_bytes();
    }
}

/// The digits of a number below `GROUP`, the first one in the lowest byte. Each step divides all parts at once, by
/// multiplication. Nothing overflows, but checks would take a call for each product.
#[inline(always)]
fn eight_digits(number: u64) -> u64 {
    let split = |parts: u64, by: u64, quotients: u64, distance: u32| {
        quotients | parts.wrapping_sub(quotients.wrapping_mul(by)) << distance
    };
    let fours = split(number, 10_000, number.wrapping_mul(109_951_163) >> 40, 32);
    let twos = split(fours, 100, fours.wrapping_mul(10_486) >> 20 & 0x0000_007f_0000_007f, 16);
    split(twos, 10, twos.wrapping_mul(103) >> 10 & 0x000f_000f_000f_000f, 8)
}
