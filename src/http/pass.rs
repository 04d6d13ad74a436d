//! A pass: lets whoever can read the data folder ask the console how the server is, without an account. The command line
//! makes one, the console checks it. Good for a minute, and for that question only.

use ring::hmac::{HMAC_SHA256, Key, sign, verify};

use crate::types::Millis;

/// How long a pass is good, in ms.
const GOOD_FOR_MS: u64 = 60_000;
/// What passes begin with, so that they are told from tokens of other kinds.
const PREFIX: &str = "pass_";

/// Makes and checks passes.
pub(crate) struct PassKey(Key);

impl PassKey {
    /// From a secret that is used for nothing else.
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(Key::new(HMAC_SHA256, secret))
    }

    /// A pass that is good from now on.
    pub(crate) fn issue(&self, now: Millis) -> String {
        let until = now.0.saturating_add(GOOD_FOR_MS);
        let tag = sign(&self.0, until.to_string().as_bytes());
        let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{PREFIX}{until}_{hex}")
    }

    /// Whether this is a pass of ours that is good now.
    pub(crate) fn is_good(&self, pass: &str, now: Millis) -> bool {
        let parts = pass.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
        let Some((until, tag)) = parts.and_then(|(until, hex)| Some((until, bytes(hex)?))) else { return false };
        let in_time = until.parse().is_ok_and(|until: u64| (now.0..=now.0 + GOOD_FOR_MS).contains(&until));
        in_time && verify(&self.0, until.as_bytes(), &tag).is_ok()
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hex.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_795_000_000_000);

    fn at(seconds: i64) -> Millis {
        Millis(NOW.0.saturating_add_signed(seconds * 1_000))
    }

    #[test]
    fn a_pass_is_good_for_a_minute() {
        let key = PassKey::new(b"a test's secret");
        let pass = key.issue(NOW);
        assert!(key.is_good(&pass, NOW) && key.is_good(&pass, at(60)));
        assert!(!key.is_good(&pass, at(61)));
        assert!(!key.is_good(&pass, at(-1)), "made by somebody whose clock is ahead");
    }

    #[test]
    fn a_pass_that_was_changed_or_is_of_another_key_is_not_good() {
        let key = PassKey::new(b"a test's secret");
        let pass = key.issue(NOW);
        assert!(!PassKey::new(b"another").is_good(&pass, NOW));
        for at in 0..pass.len() {
            let mut changed = pass.clone().into_bytes();
            changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
            assert!(!key.is_good(&String::from_utf8(changed).unwrap(), NOW), "{at}");
        }
        for nonsense in ["", "pass_", "pass_1_", "pass_ä_ö", "pass_99999999999999999999_00"] {
            assert!(!key.is_good(nonsense, NOW), "{nonsense}");
        }
    }
}
