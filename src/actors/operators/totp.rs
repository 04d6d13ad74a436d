//! Codes that depend on the time (RFC 6238): HMAC-SHA-1, steps of 30 seconds, six digits, as every authenticator app
//! has them. A few lines over the HMAC that is there already.

use orrery_core::types::Millis;
use ring::hmac;

use super::secrets::base32;

/// Bytes of a secret: as many as SHA-1 gives.
pub const SECRET_BYTES: usize = 20;
/// A step of time.
const STEP_MS: u64 = 30_000;
/// How many steps a device's clock may be off.
const STEPS_OFF: u64 = 1;
const DIGITS: usize = 6;

/// The step of time that a code is for, if it is for this one or one beside it; of two, the later.
#[must_use]
pub fn step_of(secret: &[u8], code: &str, now: Millis) -> Option<u64> {
    let code = code.trim();
    if code.len() != DIGITS || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let present = now.0 / STEP_MS;
    let near = present.saturating_sub(STEPS_OFF)..=present.saturating_add(STEPS_OFF);
    near.rev().find(|step| is_equal(code_at(secret, *step).as_bytes(), code.as_bytes()))
}

/// The code of a step.
#[must_use]
pub fn code_at(secret: &[u8], step: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 15);
    let number = u32::from_be_bytes([tag[at], tag[at + 1], tag[at + 2], tag[at + 3]]) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// What an authenticator app reads from the picture.
#[must_use]
pub fn uri(name: &str, secret: &[u8]) -> String {
    let name: String = name.bytes().map(escaped).collect();
    format!("otpauth://totp/Orrery:{name}?secret={}&issuer=Orrery", base32(secret))
}

fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// In the same time wherever they differ.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (one, other)| all | (one ^ other)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of eight digits.
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(SECRET, seconds / 30), code);
            assert_eq!(step_of(SECRET, code, Millis(seconds * 1_000)), Some(seconds / 30));
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_step() {
        let code = code_at(SECRET, 1_000);
        for (step, expected) in
            [(998, None), (999, Some(1_000)), (1_000, Some(1_000)), (1_001, Some(1_000)), (1_002, None)]
        {
            assert_eq!(step_of(SECRET, &code, Millis(step * STEP_MS)), expected, "{step}");
        }
    }

    #[test]
    fn only_six_digits_are_a_code() {
        for wrong in ["", "28708", "2870820", "28708a", "２８７０８２", "-28708"] {
            assert_eq!(step_of(SECRET, wrong, Millis(59_000)), None, "{wrong}");
        }
        assert_eq!(step_of(SECRET, " 287082 ", Millis(59_000)), Some(1));
    }

    #[test]
    fn names_cannot_break_the_address() {
        assert_eq!(uri("A&d a?", b"f"), "otpauth://totp/Orrery:A%26d%20a%3F?secret=MY&issuer=Orrery");
    }
}
