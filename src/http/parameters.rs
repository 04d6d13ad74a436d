//! Query parameters: read by name and type, and all that is wrong with them told at once, field by field.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use actix_web::{HttpRequest, web};
use serde::Deserialize;
use serde::de::value::{Error, StrDeserializer};

use super::problem::{FieldFault, Problem};
use crate::types::HubKey;

/// How much of a name of the client's own making is repeated, in characters.
const FOREIGN_NAME_CHARS_MAX: usize = 32;
/// How many unknown parameters are named.
const FOREIGN_NAMES_MAX: usize = 8;
/// The largest number that is taken: a browser's number holds it.
const NUMBER_MAX: u64 = (1 << 53) - 1;

/// The parameters of a request. Each is taken out by its name; [`Parameters::done`] complains about the rest.
#[derive(Debug)]
pub(crate) struct Parameters {
    given: BTreeMap<String, String>,
    faults: Vec<FieldFault>,
}

impl Parameters {
    /// What stands behind the question mark.
    ///
    /// # Errors
    /// It cannot be read at all.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        let pairs = pairs.map_err(|_| Problem::bad_request("the query must be name=value, joined by &"))?.into_inner();
        let mut parameters = Self { given: BTreeMap::new(), faults: Vec::new() };
        for (name, value) in pairs {
            if parameters.given.insert(name.clone(), value).is_some() {
                parameters.fault(&name, "must be given once");
            }
        }
        Ok(parameters)
    }

    /// A whole number within bounds.
    pub(crate) fn number(&mut self, name: &str, bounds: RangeInclusive<u64>) -> Option<u64> {
        let text = self.given.remove(name)?;
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        if number.is_none() {
            self.fault(name, &format!("must be a whole number from {} to {}", bounds.start(), bounds.end()));
        }
        number
    }

    /// A whole number within bounds, each of which fits into 16 bits.
    pub(crate) fn small(&mut self, name: &str, bounds: RangeInclusive<u16>) -> Option<u16> {
        let bounds = u64::from(*bounds.start())..=u64::from(*bounds.end());
        self.number(name, bounds).and_then(|number| u16::try_from(number).ok())
    }

    /// `limit`: how many of a list.
    pub(crate) fn limit(&mut self) -> Option<u16> {
        self.small("limit", 1..=100)
    }

    /// Where a page begins: what the page before said.
    pub(crate) fn cursor(&mut self, name: &str) -> Option<u64> {
        self.number(name, 0..=NUMBER_MAX)
    }

    /// Anything that is written as text, such as a key or one of a few words.
    pub(crate) fn text<'de, T: Deserialize<'de>>(&mut self, name: &'static str, rule: &'static str) -> Option<T> {
        let text = self.given.remove(name)?;
        let value = of_text(&text);
        if value.is_none() {
            self.fault(name, rule);
        }
        value
    }

    /// `true` or `false`; `false` when left out.
    pub(crate) fn flag(&mut self, name: &'static str) -> bool {
        match self.given.remove(name).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.fault(name, "must be true or false");
                false
            }
        }
    }

    /// As [`Parameters::text`], but must be there.
    pub(crate) fn wanted<'de, T: Deserialize<'de>>(&mut self, name: &'static str, rule: &'static str) -> Option<T> {
        if !self.given.contains_key(name) {
            self.fault(name, "is missing");
        }
        self.text(name, rule)
    }

    /// Whether all was right.
    ///
    /// # Errors
    /// Every parameter that is wrong or not known.
    pub(crate) fn done(self) -> Result<(), Problem> {
        let faults = self.complaints();
        if faults.is_empty() { Ok(()) } else { Err(Problem::bad_fields(faults)) }
    }

    /// As [`Parameters::done`], for what is `None` only if something was wrong.
    ///
    /// # Errors
    /// As [`Parameters::done`].
    pub(crate) fn done_with<T>(self, value: Option<T>) -> Result<T, Problem> {
        match (value, self.complaints()) {
            (Some(value), faults) if faults.is_empty() => Ok(value),
            (_, faults) => Err(Problem::bad_fields(faults)),
        }
    }

    fn complaints(mut self) -> Vec<FieldFault> {
        for name in std::mem::take(&mut self.given).into_keys().take(FOREIGN_NAMES_MAX) {
            self.fault(&name, "is not known");
        }
        self.faults
    }

    fn fault(&mut self, field: &str, rule: &str) {
        let field = field.chars().take(FOREIGN_NAME_CHARS_MAX).collect();
        self.faults.push(FieldFault { field, rule: rule.to_owned() });
    }
}

/// A value whose form on the wire is a text.
pub(crate) fn of_text<'de, T: Deserialize<'de>>(text: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<Error>::new(text)).ok()
}

/// A place in the path: a hub.
///
/// # Errors
/// No hub can be called so.
pub(crate) fn hub(text: &str) -> Result<HubKey, Problem> {
    HubKey::parse(text).map_err(|_| unknown("unknown_hub", "hub", text))
}

/// 404: the path names something that cannot be.
pub(crate) fn unknown(code: &'static str, what: &str, text: impl Display) -> Problem {
    let shown: String = text.to_string().chars().take(FOREIGN_NAME_CHARS_MAX).collect();
    Problem::new(actix_web::http::StatusCode::NOT_FOUND, code, format!("there is no {what} {shown:?}"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::types::ItemKey;
    use crate::types::economy::market::Span;

    fn of(query: &str) -> Parameters {
        Parameters::of(&TestRequest::with_uri(&format!("/x?{query}")).to_http_request()).unwrap()
    }

    fn complaint(parameters: Parameters) -> String {
        parameters.done().map_or_else(|problem| problem.to_string(), |()| String::new())
    }

    #[test]
    fn parameters_are_read_by_name_and_type() {
        let mut query = of("limit=7&item=iron_ore&span=hour&past=true&cursor=9007199254740991");
        assert_eq!(query.limit(), Some(7));
        assert_eq!(query.text::<ItemKey>("item", "").map(|key| key.to_string()), Some("iron_ore".to_owned()));
        assert_eq!(query.text("span", ""), Some(Span::Hour));
        assert_eq!((query.flag("past"), query.flag("other")), (true, false));
        assert_eq!(query.cursor("cursor"), Some(NUMBER_MAX));
        assert_eq!(query.limit(), None, "taken");
        assert_eq!(complaint(query), "");
    }

    #[test]
    fn everything_wrong_is_told_at_once_by_name() {
        let mut query = of("limit=101&item=Iron&span=week&past=yes&cursor=-1&color=red&%3Cb%3E=1");
        let _ = (query.limit(), query.cursor("cursor"), query.flag("past"));
        let _: (Option<ItemKey>, Option<Span>) = (query.text("item", "must be a key"), query.text("span", "is odd"));
        let _: Option<HubKey> = query.wanted("hub", "must be a key");
        assert_eq!(
            complaint(query),
            "bad_request: limit must be a whole number from 1 to 100; \
             cursor must be a whole number from 0 to 9007199254740991; past must be true or false; item must be a key; \
             span is odd; hub is missing; <b> is not known; color is not known"
        );
        for wrong in ["limit=0", "limit=1.5", "limit=", "limit=99999999999999999999", "limit=1&limit=2"] {
            let mut query = of(wrong);
            query.limit();
            assert!(complaint(query).contains("limit must be"), "{wrong}");
        }
    }
}
