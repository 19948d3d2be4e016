/// Splits lines into words. Each word is a record of its own, and its key is the word in lower case.
///
/// An array_map makes any number of records of each.
#[smartstream(array_map)]
pub fn words(line: &str) -> Vec<(String, &str)> {
    let words = line.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(|word| (word.to_lowercase(), word)).collect()
}
