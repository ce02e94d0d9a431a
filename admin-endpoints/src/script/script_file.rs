//! The uploaded file.

use admin_runtime::describe::{ArgumentDescriptor, ArgumentKind};
use admin_runtime::{AdminError, Extractor, RequestContext, Upload};

/// As [`Upload`], with another message if the file is missing.
pub(super) struct ScriptFile(pub(super) Upload);

impl Extractor for ScriptFile {
    const KIND: ArgumentKind = ArgumentKind::body("multipart/form-data", true);

    fn extract(
        request: &mut RequestContext,
        argument: &ArgumentDescriptor,
    ) -> Result<Self, AdminError> {
        let upload = Option::<Upload>::extract(request, argument)?;
        let missing = || AdminError::bad_request("No script file provided");
        upload.map(Self).ok_or_else(missing)
    }
}
