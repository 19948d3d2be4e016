// A filter: a function that decides for each record whether the consumer gets it.
//
//   fluvio-tui watch TOPIC -f THIS_FILE                                see what passes while you edit
//   fluvio-tui consume TOPIC smartstream --inline-filter THIS_FILE     print what passes
//
// Nothing else is needed. `str`, `Record`, `Result` and `Error` need no `use`, and all of Rust's standard library is
// available. You may add other functions, types and `mod x;`. For new records instead of a choice of them, write
// `#[smartstream(map)]` and return the new value; there are also filter_map, array_map and aggregate.

/// Passes errors: JSON with that status, or text with that word. (`smartstream describe` shows this comment.)
#[smartstream(filter)]
pub fn errors(record: &Record) -> Result<bool> {
    // record.json("items[0].price") is the value at a path of a JSON record. Compare it with a text, or read it:
    // .as_str(), .as_f64(), .as_i64() and .as_bool() give `None` if it is something else, or not there.
    if record.json("status").exists() {
        return Ok(record.json("status") == "error");
    }

    // record.value() and record.key() are bytes (a record may have no key); record.offset() and
    // record.timestamp() are numbers. If you need only the value, take `value: &str` or `value: &[u8]` instead of
    // `record`.
    //
    // `?` on invalid UTF-8 reports an error for this record; the others are unaffected. If nothing can fail, return
    // `bool` instead of `Result<bool>`.
    let text = str::from_utf8(record.value())?;

    // println!, dbg! and similar macros print a line about the current record; `fluvio-tui consume` shows it.
    Ok(text.contains("error"))
}
