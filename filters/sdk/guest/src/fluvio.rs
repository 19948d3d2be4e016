//! Where Fluvio's SDK has its names.

/// An offset of a record.
pub type Offset = i64;

/// The first version of Fluvio's ABI in which records have timestamps.
pub const SMARTMODULE_TIMESTAMPS_VERSION: i16 = 22;

pub mod dataplane {
    pub mod smartmodule {
        pub use crate::params::{Lookback, Params as SmartModuleExtraParams, SmartModuleInitError};
        pub use crate::record::SmartModuleRecord;
    }

    pub mod record {
        pub use crate::data::RecordData;
        pub use crate::fluvio::Offset;
        pub use crate::record::SmartModuleRecord as Record;
    }

    pub mod core {
        pub use super::record;

        pub type Version = i16;
    }
}
