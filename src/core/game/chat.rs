//! Chat: which texts may be said, and where they are kept.
//!
//! A text must be what its readers think it is: nothing invisible that hides words from filters and reports, nothing
//! that turns the direction of what is written around it, no towers of marks that cover other lines.

use std::ops::RangeInclusive;

use unicode_normalization::char::is_combining_mark;

use crate::types::economy::chat::Channel;
use crate::types::{ErrorCode, GuildId, PlayerId, Refusal, WorldKey};

/// Characters (Unicode scalar values) of what is said, after trimming.
pub const LINE_CHARS: RangeInclusive<usize> = 1..=300;
/// Characters of the reason of a report.
pub const REASON_CHARS: RangeInclusive<usize> = 0..=300;
/// Combining marks after one letter. Vietnamese takes two, Hebrew with all its points three.
const MARKS_MAX: usize = 3;

/// Characters that nobody sees, or that change how others are shown. U+200C and U+200D (joiners) and U+FE0E and U+FE0F
/// (text or picture) are not among them: Persian, Indian scripts and emoji need them, one at a time.
const HIDDEN: &[RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',        // soft hyphen
    '\u{34f}'..='\u{34f}',      // grapheme joiner
    '\u{61c}'..='\u{61c}',      // Arabic letter mark
    '\u{115f}'..='\u{1160}',    // Hangul fillers
    '\u{17b4}'..='\u{17b5}',    // Khmer inherent vowels
    '\u{180b}'..='\u{180f}',    // Mongolian selectors
    '\u{200b}'..='\u{200b}',    // zero width space
    '\u{200e}'..='\u{200f}',    // left-to-right and right-to-left marks
    '\u{2028}'..='\u{202e}',    // line and paragraph separators; embeddings and overrides
    '\u{2060}'..='\u{206f}',    // word joiner, invisible operators, isolates
    '\u{2800}'..='\u{2800}',    // blank Braille pattern
    '\u{3164}'..='\u{3164}',    // Hangul filler
    '\u{fe00}'..='\u{fe0d}',    // selectors other than of text or picture
    '\u{feff}'..='\u{feff}',    // byte order mark
    '\u{ffa0}'..='\u{ffa0}',    // halfwidth Hangul filler
    '\u{fff0}'..='\u{fffb}',    // unassigned, and annotations
    '\u{1d173}'..='\u{1d17a}',  // musical format characters
    '\u{e0000}'..='\u{e0fff}',  // tags, and more selectors
    '\u{e000}'..='\u{f8ff}',    // private use: means nothing to others
    '\u{f0000}'..='\u{10ffff}', // private use
];

/// A text as it is kept: trimmed.
///
/// # Errors
/// Too short or too long, or with characters that are not allowed; names `field` and says which.
pub fn clean(field: &str, text: &str, chars: RangeInclusive<usize>) -> Result<String, Refusal> {
    let text = text.trim();
    let length = text.chars().count();
    if !chars.contains(&length) {
        let (min, max) = (*chars.start(), *chars.end());
        let refusal = Refusal::bad_request(format!("{field}: must have {min} to {max} characters, has {length}"));
        return Err(refusal.with("min", min).with("max", max).with("length", length));
    }
    if let Some(wrong) = text.chars().find(|c| c.is_control() || is_hidden(*c)) {
        let code = format!("U+{:04X}", u32::from(wrong));
        return Err(Refusal::bad_request(format!("{field}: {code} is not allowed")).with("character", code));
    }
    if marks_in_a_row(text) > MARKS_MAX {
        let refusal = Refusal::bad_request(format!("{field}: at most {MARKS_MAX} marks on one letter"));
        return Err(refusal.with("max", MARKS_MAX));
    }
    if has_joiners_in_a_row(text) || (length > 0 && !text.chars().any(is_seen)) {
        return Err(Refusal::bad_request(format!("{field}: there must be something to see between joiners")));
    }
    Ok(text.to_owned())
}

fn is_hidden(c: char) -> bool {
    HIDDEN.iter().any(|hidden| hidden.contains(&c))
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
}

fn is_seen(c: char) -> bool {
    !c.is_whitespace() && !is_joiner(c) && !is_combining_mark(c)
}

fn marks_in_a_row(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        // A joiner does not part marks: it would only hide how many there are. Selectors are marks for Unicode, too.
        if is_joiner(c) {
            continue;
        }
        run = if is_combining_mark(c) { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// An emoji's selector may be followed by a joiner, and by nothing else of the kind.
fn has_joiners_in_a_row(text: &str) -> bool {
    let pairs = text.chars().zip(text.chars().skip(1));
    pairs.into_iter().any(|(a, b)| is_joiner(a) && is_joiner(b) && (a, b) != ('\u{fe0f}', '\u{200d}'))
}

/// Where what is said is kept, by the name of the log's stream. Two players have one stream, whoever of them speaks.
///
/// # Errors
/// The speaker is not in this channel: has no ship in a world, is in no guild, speaks to nobody else. What is said in
/// [`Channel::Local`] is not kept.
pub fn stream(
    channel: &Channel,
    player: PlayerId,
    world: Option<&WorldKey>,
    guild: Option<GuildId>,
) -> Result<String, Refusal> {
    match channel {
        Channel::Local => Err(Refusal::bad_request("channel: what is said in local is not kept")),
        Channel::Sector => {
            let nowhere = || Refusal::new(ErrorCode::InTransit, "your ship is in no world");
            world.map(|world| format!("sector:{world}")).ok_or_else(nowhere)
        }
        Channel::Guild => {
            let none = || Refusal::new(ErrorCode::NoGuild, "you are in no guild");
            guild.map(|guild| format!("guild:{guild}")).ok_or_else(none)
        }
        Channel::Direct(other) if *other == player => Err(Refusal::bad_request("channel: must be another player")),
        Channel::Direct(other) => Ok(format!("direct:{}:{}", player.min(*other), player.max(*other))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn said(text: &str) -> Result<String, Refusal> {
        clean("text", text, LINE_CHARS)
    }

    #[test]
    fn what_people_write_is_let_through_and_trimmed() {
        for good in [
            "gg",
            "Việt Nam đẹp lắm",
            "Vie\u{323}\u{302}t",
            "שָׁלוֹם",
            "سلام می\u{200c}خواهم",
            "नमस्ते",
            "👩\u{200d}🚀 ❤\u{fe0f} 🏳\u{fe0f}\u{200d}🌈 👍🏽",
            "日本語 OK?",
        ] {
            assert_eq!(said(&format!(" \u{3000}{good}\u{a0}\t")), Ok(good.to_owned()));
        }
    }

    #[test]
    fn what_is_not_what_it_seems_is_refused() {
        for (bad, why) in [
            ("", "1 to 300"),
            (" \n ", "1 to 300"),
            (&"x".repeat(301), "has 301"),
            ("a\nb", "U+000A"),
            ("a\u{7}b", "U+0007"),
            ("a\u{85}b", "U+0085"),
            ("\u{202e}evil", "U+202E"),
            ("a\u{2066}b", "U+2066"),
            ("se\u{200b}cret", "U+200B"),
            ("\u{2800}", "U+2800"),
            ("hi\u{e0041}", "U+E0041"),
            ("Z\u{300}\u{301}\u{302}\u{303}", "3 marks"),
            ("Z\u{300}\u{301}\u{200d}\u{302}\u{303}", "3 marks"),
            ("a\u{200d}\u{200d}b", "something to see"),
            ("\u{200d}", "something to see"),
            ("\u{301} \u{301}", "something to see"),
        ] {
            let refusal = said(bad).expect_err(bad);
            assert_eq!(refusal.code, ErrorCode::BadRequest);
            assert!(refusal.message.starts_with("text: ") && refusal.message.contains(why), "{bad:?}: {refusal}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert!(said(&"é".repeat(300)).is_ok());
        let refusal = said(&"é".repeat(301)).unwrap_err();
        assert_eq!((refusal.details["max"].as_u64(), refusal.details["length"].as_u64()), (Some(300), Some(301)));
    }

    proptest! {
        #[test]
        fn what_is_let_through_stays_as_it_is(text in "\\PC{0,40}|[a\u{301}\u{200d}\u{fe0f} ]{0,20}") {
            if let Ok(clean) = said(&text) {
                prop_assert_eq!(clean.as_str(), text.trim());
                prop_assert_eq!(said(&clean), Ok(clean.clone()));
            }
        }
    }

    #[test]
    fn two_players_share_one_stream_and_strangers_have_none() {
        let (ada, bob) = (PlayerId(Uuid::from_u128(1)), PlayerId(Uuid::from_u128(2)));
        let direct = |from, to| stream(&Channel::Direct(to), from, None, None);
        assert_eq!(direct(ada, bob), direct(bob, ada));
        assert_eq!(direct(bob, ada), Ok(format!("direct:{ada}:{bob}")));
        assert_eq!(direct(ada, ada).unwrap_err().code, ErrorCode::BadRequest);
        assert_eq!(stream(&Channel::Guild, ada, None, None).unwrap_err().code, ErrorCode::NoGuild);
        assert_eq!(stream(&Channel::Sector, ada, None, None).unwrap_err().code, ErrorCode::InTransit);
        let sol = WorldKey::parse("sol").unwrap();
        assert_eq!(stream(&Channel::Sector, ada, Some(&sol), None), Ok("sector:sol".to_owned()));
    }
}
