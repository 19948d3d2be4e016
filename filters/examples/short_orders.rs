/// Turns an order into one line of text, and gives it its city as the key.
///
/// A map makes exactly one record of each; `Err` reports the record that it cannot make.
#[smartstream(map)]
pub fn short_order(record: &Record) -> Result<(Json<'_>, String)> {
    let order = record.json("");
    let amount = order.get("amount").as_f64().context("not an order: it has no amount")?;
    Ok((order.get("city"), format!("{} {amount:.2} {}", order.get("id"), order.get("status"))))
}
