//! The framer of AWS event streams: the same messages at any chunk boundary, and no byte is changed.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz::eventstream(data));
