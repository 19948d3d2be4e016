/// What a record says when something went wrong: a 5xx answer, a failed payment, a line of a log.
const SIGNS: [&str; 4] = ["\"status\":5", "\"status\":\"failed\"", "error", "ERROR"];

/// Passes records with one of the signs. Bytes that are no text become �, so that no value can stop it.
#[smartstream(filter)]
pub fn errors_only(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value);
    SIGNS.iter().any(|sign| text.contains(sign))
}
