/// Orders from this amount on are large.
const LARGE: f64 = 100.0;

/// Passes large orders.
///
/// It believes that every value is text. One that is not makes `unwrap` panic: you see a trap, and lose
/// that record alone. Return `Result<bool>` and write `?` in place of `.unwrap()` to make it an error.
#[smartstream(filter)]
pub fn large_orders(record: &Record) -> bool {
    let order = str::from_utf8(record.value()).unwrap();
    match amount(order) {
        Some(amount) => amount >= LARGE,
        None => false,
    }
}

/// The number after `"amount":`, where there is one.
fn amount(order: &str) -> Option<f64> {
    let (_, rest) = order.split_once("\"amount\":")?;
    let number = rest.split([',', '}']).next()?;
    number.trim().parse().ok()
}
