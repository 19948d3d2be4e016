/// Signs of something that went wrong: a 5xx status, a failed payment, a line of a log.
const SIGNS: [&str; 4] = ["\"status\":5", "\"status\":\"failed\"", "error", "ERROR"];

/// Passes records with one of the signs. Invalid UTF-8 becomes �, so every value can be searched.
#[smartstream(filter)]
pub fn errors_only(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    SIGNS.iter().any(|sign| text.contains(sign))
}
