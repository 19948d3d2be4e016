use fluvio_smartmodule::dataplane::core::Version;
use fluvio_smartmodule::{smartmodule, Offset, RecordData, Result, SmartModuleRecord, SMARTMODULE_TIMESTAMPS_VERSION};

const VERSION: Version = SMARTMODULE_TIMESTAMPS_VERSION;

#[smartmodule(map)]
pub fn map(record: &SmartModuleRecord) -> Result<(Option<RecordData>, RecordData)> {
    let offset: Offset = record.offset();
    let text = format!("{} {} {}", offset, record.timestamp(), VERSION);
    Ok((None, RecordData::from(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_maps() {
        let record = SmartModuleRecord::new(Record::new("a"), 0, 0);
        assert!(map(&record).is_ok());
    }
}
