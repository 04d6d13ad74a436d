//! What a client may send: any bytes, in both encodings. What is accepted must come back from its own encoding.
#![no_main]

use libfuzzer_sys::fuzz_target;
use orrery_core::protocol::{Encoding, decode_client, encode_client};

fuzz_target!(|bytes: &[u8]| {
    for encoding in [Encoding::MessagePack, Encoding::Json] {
        if let Ok(envelope) = decode_client(encoding, bytes) {
            assert_eq!(decode_client(encoding, &encode_client(encoding, &envelope)), Ok(envelope));
        }
    }
});
