// A filter: a function that says for each record whether the consumer sees it.
//
//   fluvio-tui watch TOPIC -f THIS_FILE                                see what it passes while you edit
//   fluvio-tui consume TOPIC smartstream --inline-filter THIS_FILE     print what it passes
//
// There is nothing else to set up. `str`, `Record`, `Result` and `Error` are there without a `use`, and so is all of
// Rust's standard library. Other functions, types and `mod x;` may stand beside the filter.

/// Passes records whose value contains a text. (What stands here is shown by `fluvio-tui smartstream describe`.)
#[smartstream(filter)]
pub fn contains(record: &Record) -> Result<bool> {
    // record.value() and record.key() are bytes (a record may have no key); record.offset() and
    // record.timestamp() are numbers. Where the value is all you need, take `value: &[u8]` instead of `record`.
    //
    // `?` makes a value that is not text an error that is shown beside the record; it costs no other record.
    // Where nothing can go wrong, return `bool` instead of `Result<bool>`.
    let text = str::from_utf8(record.value())?;

    // println!, dbg! and the like print a line about the record in hand; `fluvio-tui consume` shows them.
    Ok(text.contains("error"))
}
