//! One decoder of one dialect. Which one, its name says: `request_anthropic`, `stream_openai_chat` …
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static CASE: LazyLock<fuzz::Case> = LazyLock::new(|| fuzz::Case::named(env!("CARGO_BIN_NAME")));

fuzz_target!(|data: &[u8]| CASE.run(data));
