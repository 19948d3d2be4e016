/// Orders from this amount on are large.
const LARGE: f64 = 100.0;

/// Passes large orders.
///
/// A value that is not text is an error: `?` hands it on, and you see what it says. Return `bool` and write
/// `.unwrap()` in place of `?` to see a trap instead. Either costs that record alone.
#[smartstream(filter)]
pub fn large_orders(record: &Record) -> Result<bool> {
    let order = str::from_utf8(record.value())?;
    Ok(amount(order).map_or(false, |amount| amount >= LARGE))
}

/// The number after `"amount":`, where there is one.
fn amount(order: &str) -> Option<f64> {
    let (_, rest) = order.split_once("\"amount\":")?;
    let number = rest.split([',', '}']).next()?;
    number.trim().parse().ok()
}
