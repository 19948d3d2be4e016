use std::cell::RefCell;
use std::collections::HashSet;

thread_local! {
    static SEEN: RefCell<HashSet<String>> = RefCell::default();
}

/// Whether a record names a city that no record before it has named.
fn is_new(record: &Record) -> bool {
    let city = record.json("city").as_str().map(|city| city.into_owned());
    city.map_or(false, |city| SEEN.with(|seen| seen.borrow_mut().insert(city)))
}

/// Looks at records that are stored already, before the first new one: `--look-back last=1000`.
#[smartstream(look_back)]
fn before(record: &Record) {
    is_new(record);
}

/// Passes the first record of each city.
#[smartstream(filter)]
pub fn new_cities(record: &Record) -> bool {
    is_new(record)
}
