//! The files whose code is in memory.

use crate::profile::data::{LoadedMapping, Mapping};
use crate::stacks::modules::loaded_files;

/// The executable first; none if `/proc/self/maps` cannot be read.
pub(crate) fn loaded_mappings() -> Vec<LoadedMapping> {
    let files = loaded_files().unwrap_or_default().into_iter();
    let mappings = files.map(|loaded| LoadedMapping {
        mapping: Mapping {
            start: loaded.code.address,
            end: loaded.file.end,
            offset: loaded.code.offset,
            file_name: loaded.file.name().to_owned(),
            build_id: loaded.build_id,
        },
        bias: loaded.bias,
    });
    mappings.collect()
}
