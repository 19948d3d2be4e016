/// Adds up the amounts of orders that are paid.
///
/// An aggregate gets its value so far, and returns its new value, which is also the output. It begins with 0, or
/// with what `--aggregate-initial` says. An error leaves the value as it was.
#[smartstream(aggregate)]
pub fn revenue(total: f64, record: &Record) -> Result<f64> {
    if record.json("status") != "paid" {
        return Ok(total);
    }
    Ok(total + record.json("amount").as_f64().context("a paid order without an amount")?)
}
