//! OpenAI's Responses dialect, by hand after the vendor's reference:
//! <https://platform.openai.com/docs/api-reference/responses>. It keeps nothing, so that nothing kept can be leant on.

mod read;
mod write;

use super::asked::Dialect;
use super::openai;
use super::vendor::{Vendor, as_others, not_json, only};

/// Its table.
pub(super) static VENDOR: Vendor = Vendor {
    dialect: Dialect::Responses,
    target: |path| only(path, "/v1/responses"),
    check_headers: openai::check_headers,
    read: read::read,
    whole: write::whole,
    stream: write::stream,
    stream_type: "text/event-stream; charset=utf-8",
    status: as_others,
    error: openai::error,
    error_header: None,
    retry_in_header: true,
    error_frame: write::error_frame,
    malformed: || not_json("response.output_text.delta"),
    id_header: "x-request-id",
};
