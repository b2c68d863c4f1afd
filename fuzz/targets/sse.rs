//! The framer of server-sent events: the same frames at any chunk boundary, and all bytes come back.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz::sse(data));
