//! Text in a page: escaped, and numbers as people read them.

/// Text as HTML.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // What no page may contain.
            letter if letter.is_control() && letter != '\n' && letter != '\t' => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Millis,
    /// Cores' worth of CPU time.
    Cores,
    /// Seconds of a run.
    Time,
}

impl Unit {
    /// What round numbers of this size are multiples of: a mebibyte is round, a million bytes is not.
    pub(super) fn base(self, value: f64) -> f64 {
        let larger = |base: &f64| Some(base * 1024.0).filter(|larger| self == Self::Bytes && *larger <= value);
        std::iter::successors(Some(1.0), larger).last().unwrap_or(1.0)
    }

    /// A number short enough for an axis.
    pub(super) fn text(self, value: f64) -> String {
        match self {
            Self::Count => scaled(value, 1000.0, ["", " k", " M", " G"]),
            Self::Bytes => scaled(value, 1024.0, [" B", " KiB", " MiB", " GiB"]),
            Self::Millis if value >= 1000.0 => format!("{} s", short(value / 1000.0)),
            Self::Millis => format!("{} ms", short(value)),
            Self::Cores => short(value),
            Self::Time if value.abs() < 120.0 => format!("{} s", short(value)),
            Self::Time => format!("{} min", short(value / 60.0)),
        }
    }
}

fn scaled(value: f64, step: f64, suffixes: [&str; 4]) -> String {
    let mut scaled = value;
    let mut suffixes = suffixes.into_iter().peekable();
    while scaled.abs() >= step && suffixes.len() > 1 {
        scaled /= step;
        suffixes.next();
    }
    format!("{}{}", short(scaled), suffixes.next().unwrap_or_default())
}

/// Three digits or so.
pub(super) fn short(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || size == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.1 => 2,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A time since the Unix epoch as a date, in UTC.
pub(super) fn date(unix_seconds: u64) -> String {
    let (days, seconds) = (unix_seconds / 86_400, unix_seconds % 86_400);
    // Years begin in March here, so that the leap day is the last of one; eras have 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", seconds / 3_600, seconds / 60 % 60)
}

/// A whole number with its thousands apart.
pub(super) fn whole(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(Unit::Count.text(12_345.0), "12.3 k");
        assert_eq!(Unit::Bytes.text(1_572_864.0), "1.5 MiB");
        assert_eq!(Unit::Millis.text(2_500.0), "2.5 s");
        assert_eq!((Unit::Time.text(90.0), Unit::Time.text(300.0)), ("90 s".to_owned(), "5 min".to_owned()));
        assert_eq!((Unit::Bytes.base(2_000_000.0), Unit::Count.base(2_000_000.0)), (1_048_576.0, 1.0));
        assert_eq!(short(0.05), "0.05");
        assert_eq!(whole(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn times_are_dates() {
        assert_eq!(date(0), "1970-01-01 00:00 UTC");
        assert_eq!(date(951_827_696), "2000-02-29 12:34 UTC");
        assert_eq!(date(1_798_761_599), "2026-12-31 23:59 UTC");
    }

    #[test]
    fn text_is_no_markup() {
        assert_eq!(escape("<b a=\"1\">&\u{7}"), "&lt;b a=&quot;1&quot;&gt;&amp;\u{fffd}");
    }
}
