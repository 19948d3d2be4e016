//! Fluvio's encoding: numbers are big-endian, lengths of keys and values are varints.

use std::convert::TryFrom;

/// Reads from the front of bytes; `None` if they end too early or make no sense.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    #[inline(always)]
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        if length > self.0.len() {
            return None;
        }
        let (head, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(head)
    }

    #[inline(always)]
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    #[inline(always)]
    pub fn flag(&mut self) -> Option<bool> {
        Some(self.array::<1>()? != [0])
    }

    pub fn u16(&mut self) -> Option<usize> {
        self.array().map(|bytes| u16::from_be_bytes(bytes) as usize)
    }

    pub fn u32(&mut self) -> Option<usize> {
        self.array().map(|bytes| u32::from_be_bytes(bytes) as usize)
    }

    pub fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    #[inline(always)]
    pub fn varint(&mut self) -> Option<i64> {
        let (mut number, mut shift) = (0u64, 0);
        loop {
            let [byte] = self.array()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some((number >> 1) as i64 ^ -((number & 1) as i64));
            }
            shift += 7;
            if shift > 63 {
                return None;
            }
        }
    }

    /// Bytes with a varint as their length.
    #[inline(always)]
    pub fn data(&mut self) -> Option<&'a [u8]> {
        let length = self.varint()?;
        self.take(usize::try_from(length).ok()?)
    }

    pub fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(length)
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.take(length)
    }
}

#[inline(always)]
pub fn put_varint(out: &mut Vec<u8>, number: usize) {
    let mut rest = (number as u64) << 1;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

#[inline(always)]
pub fn put_data(out: &mut Vec<u8>, data: &[u8]) {
    put_varint(out, data.len());
    out.extend_from_slice(data);
}

#[inline(always)]
pub fn put_key(out: &mut Vec<u8>, key: Option<&[u8]>) {
    out.push(key.is_some() as u8);
    key.into_iter().for_each(|key| put_data(out, key));
}

pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
}

pub fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    out.extend_from_slice(&(text.len() as u16).to_be_bytes());
    out.extend_from_slice(text);
}

/// A record as Fluvio encodes it.
pub struct Record<'a> {
    /// All of it, with its length.
    pub whole: &'a [u8],
    /// Attributes, timestamp delta and offset delta.
    head: &'a [u8],
    pub timestamp_delta: i64,
    pub offset_delta: i64,
    pub key: Option<&'a [u8]>,
    pub value: &'a [u8],
    /// The number of headers.
    tail: &'a [u8],
}

impl<'a> Record<'a> {
    #[inline(always)]
    pub fn read(from: &mut Reader<'a>) -> Option<Self> {
        let start = from.0;
        let mut rest = Reader(from.data()?);
        let head = rest.0;
        rest.take(1)?;
        let (timestamp_delta, offset_delta) = (rest.varint()?, rest.varint()?);
        let head = &head[..head.len() - rest.0.len()];
        let key = if rest.flag()? { Some(rest.data()?) } else { None };
        let value = rest.data()?;
        let whole = &start[..start.len() - from.0.len()];
        Some(Record { whole, head, timestamp_delta, offset_delta, key, value, tail: rest.0 })
    }

    /// Write this record with another key and value.
    #[inline(always)]
    pub fn put_with(&self, out: &mut Vec<u8>, key: Option<&[u8]>, value: &[u8]) {
        let key_size = key.map_or(0, sized);
        put_varint(out, self.head.len() + 1 + key_size + sized(value) + self.tail.len());
        out.extend_from_slice(self.head);
        put_key(out, key);
        put_data(out, value);
        out.extend_from_slice(self.tail);
    }
}

/// Bytes of data with its length.
#[inline(always)]
fn sized(data: &[u8]) -> usize {
    let bits = 65 - (data.len() as u64).leading_zeros() as usize;
    (bits + 6) / 7 + data.len()
}
