#[wasm_bindgen(type="filter")]
/// Filter to check if the message contains a number
pub fn has_number(value: &[u8]) -> bool {
    let message = str::from_utf8(value).unwrap();
    return !message.chars().all(char::is_numeric);
}
