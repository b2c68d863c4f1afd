//! The editor of JSON documents: what it writes is JSON again, and says what was set.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzz::splice(data));
