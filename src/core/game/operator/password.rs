//! Which passwords operators may have.

use std::ops::RangeInclusive;

/// The shortest and the longest password, in characters.
pub const PASSWORD_CHARS: RangeInclusive<usize> = 12..=128;
/// A password of fewer different characters is guessed early.
const DIFFERENT_CHARS_MIN: usize = 5;
/// The commonest beginnings of passwords that are long enough. One that is nothing but one of these and some digits or
/// signs is among the first that are tried.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passw0rd",
    "qwertyuiop",
    "qwertzuiop",
    "qwerty",
    "qwertz",
    "asdfghjkl",
    "zxcvbnm",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "qazwsxedcrfv",
    "iloveyou",
    "letmein",
    "welcome",
    "administrator",
    "admin",
    "changeme",
    "default",
    "orrery",
    "operator",
    "master",
    "football",
    "baseball",
    "superman",
    "batman",
    "princess",
    "sunshine",
    "trustno1",
    "dragon",
    "monkey",
    "abc",
    "abcd",
    "abcdef",
    "abcdefghijkl",
    "abcdefghijklmnopqrstuvwxyz",
    "correcthorsebatterystaple",
    "thisisapassword",
    "mypassword",
    "secret",
    "server",
];

/// Whether an operator with this name may have this password.
///
/// # Errors
/// Names the rule it breaks; follows the word "password" in a sentence.
pub fn check_password(name: &str, password: &str) -> Result<(), &'static str> {
    if !PASSWORD_CHARS.contains(&password.chars().count()) {
        return Err("must have 12 to 128 characters");
    }
    let lower = password.to_lowercase();
    if !name.is_empty() && stem(&lower) == stem(&name.to_lowercase()) {
        return Err("must not be the name");
    }
    let mut different: Vec<char> = lower.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_CHARS_MIN {
        return Err("must have at least 5 different characters");
    }
    if is_common(&lower) {
        return Err("is one of the commonest passwords");
    }
    Ok(())
}

/// Without digits and signs around it, which are what people add first.
fn stem(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphabetic())
}

fn is_common(lower: &str) -> bool {
    let stem = stem(lower);
    let of_digits = stem.is_empty() && is_row(lower);
    let repeated = |word: &&str| {
        !stem.is_empty() && stem.len().is_multiple_of(word.len()) && word.repeat(stem.len() / word.len()) == stem
    };
    of_digits || COMMON.iter().any(|word| *word == lower || repeated(word))
}

/// Whether each digit is the one before it, one more or one less: `123456789012`.
fn is_row(text: &str) -> bool {
    let digits: Vec<i32> = text.bytes().map(|byte| i32::from(byte) - i32::from(b'0')).collect();
    digits.windows(2).all(|pair| matches!((pair[1] - pair[0]).rem_euclid(10), 0 | 1 | 9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_are_guessed_first_are_refused() {
        for (password, rule) in [
            ("short pass1", "must have 12 to 128 characters"),
            ("Ada Lovelace", "must not be the name"),
            ("ada lovelace1815!", "must not be the name"),
            ("aaaaaaaabbbb", "must have at least 5 different characters"),
            ("Password1234", "is one of the commonest passwords"),
            ("passwordpassword", "is one of the commonest passwords"),
            ("123456789012", "is one of the commonest passwords"),
            ("098765432109", "is one of the commonest passwords"),
            ("Qwertyuiop123", "is one of the commonest passwords"),
            ("administrator!", "is one of the commonest passwords"),
            ("!!!changeme2026", "is one of the commonest passwords"),
        ] {
            assert_eq!(check_password("Ada Lovelace", password), Err(rule), "{password}");
        }
        assert!(check_password("Ada", &"x".repeat(129)).is_err());
        for good in ["seven green boats", "0f3c9a77d1e2", "Übergrößenträger", "my dragon eats 4 plums"] {
            assert_eq!(check_password("Ada Lovelace", good), Ok(()), "{good}");
        }
    }
}
