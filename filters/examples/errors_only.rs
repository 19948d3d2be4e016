/// What a record says when something went wrong: a 5xx answer, a failed payment, a line of a log.
const SIGNS: [&str; 4] = ["\"status\":5", "\"status\":\"failed\"", "error", "ERROR"];

/// Passes records with one of the signs. It looks at bytes, so a value that is no text cannot stop it.
#[smartstream(filter)]
pub fn errors_only(value: &[u8]) -> bool {
    SIGNS.iter().any(|sign| contains(value, sign.as_bytes()))
}

fn contains(value: &[u8], sign: &[u8]) -> bool {
    value.windows(sign.len()).any(|window| window == sign)
}
