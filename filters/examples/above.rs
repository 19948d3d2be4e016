/// What the parameters say.
pub struct Limits {
    amount: f64,
    city: Option<String>,
}

/// Reads the parameters, once: `-e amount=100 -e city=Lyon`. An `Err` keeps the SmartStream from starting.
#[smartstream(init)]
fn init(params: &Params) -> Result<Limits> {
    Ok(Limits { amount: params.required("amount")?, city: params.optional("city")? })
}

/// Passes orders of at least an amount, from one city if you name one.
#[smartstream(filter)]
pub fn above(record: &Record, limits: &Limits) -> bool {
    let here = limits.city.as_ref().map_or(true, |city| record.json("city") == city.as_str());
    here && record.json("amount").as_f64().map_or(false, |amount| amount >= limits.amount)
}
