//! What a bot may be sent: any bytes, in both encodings.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orrery_core::protocol::{Encoding, decode_server};

fuzz_target!(|bytes: &[u8]| {
    for encoding in [Encoding::MessagePack, Encoding::Json] {
        let _ = decode_server(encoding, bytes);
    }
});
