/// Passes the city and the amount of payments that failed, and drops everything else.
///
/// A filter_map makes one record or none of each. The key stays as it is, since only a value is returned.
#[smartstream(filter_map)]
pub fn failed_payment(record: &Record) -> Option<String> {
    if record.json("status") != "failed" {
        return None;
    }
    Some(format!("{} {}", record.json("city"), record.json("amount")))
}
