/// Orders of at least this amount are large.
const LARGE: f64 = 100.0;

/// Passes large orders.
///
/// A value that is not UTF-8 is an error: `?` reports it for this record. Return `bool` and write `.unwrap()`
/// instead of `?` to see a trap. Either way, other records are unaffected.
#[smartstream(filter)]
pub fn large_orders(record: &Record) -> Result<bool> {
    let order = str::from_utf8(record.value())?;
    Ok(amount(order).map_or(false, |amount| amount >= LARGE))
}

/// The number after `"amount":`, if any.
fn amount(order: &str) -> Option<f64> {
    let (_, rest) = order.split_once("\"amount\":")?;
    let number = rest.split([',', '}']).next()?;
    number.trim().parse().ok()
}
