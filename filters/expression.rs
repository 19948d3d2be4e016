// What is around an expression of 'eval' or '--where': a condition passes records, anything else is the output.
// The expression has a file of its own, so that the compiler's messages count its lines alone.

#[smartstream(filter_map)]
fn expression(record: &Record) -> Result<Option<Vec<u8>>> {
    let value = record.value();
    let lossy = String::from_utf8_lossy(value);
    let text: &str = &lossy;
    let _ = (value, text);
    let result: RESULT = include!("EXPRESSION");
    Ok(Made::made(result, record))
}

trait Made {
    fn made(self, record: &Record) -> Option<Vec<u8>>;
}

impl Made for bool {
    fn made(self, record: &Record) -> Option<Vec<u8>> {
        self.then(|| record.value().to_vec())
    }
}

impl Made for Vec<u8> {
    fn made(self, _: &Record) -> Option<Vec<u8>> {
        Some(self)
    }
}

impl Made for &[u8] {
    fn made(self, _: &Record) -> Option<Vec<u8>> {
        Some(self.to_vec())
    }
}

impl<T: Made> Made for Option<T> {
    fn made(self, record: &Record) -> Option<Vec<u8>> {
        self.and_then(|inner| inner.made(record))
    }
}

macro_rules! shown {
    ($($type:ty),*) => { $(
        impl Made for $type {
            fn made(self, _: &Record) -> Option<Vec<u8>> {
                Some(self.to_string().into_bytes())
            }
        }
    )* };
}

shown!(&str, String, std::borrow::Cow<'_, str>, char);
shown!(i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, f32, f64);

impl Made for Json<'_> {
    fn made(self, _: &Record) -> Option<Vec<u8>> {
        self.exists().then(|| self.to_string().into_bytes())
    }
}
