//! What generated descriptions of the wire say of a message. For the tests that write and check them, only.

/// A message, or a family's member, as a description needs it.
pub(crate) struct Described {
    /// The type on the wire.
    pub(crate) name: &'static str,
    /// The doc comment of its variant.
    pub(crate) about: String,
    /// The form of its body.
    pub(crate) body: schemars::Schema,
}

/// The text of doc comments, from the attributes that they are: `doc = r" like this."`.
pub(crate) fn doc_text(attributes: &[&str]) -> String {
    let text = |attribute: &&str| {
        let (first, last) = (attribute.find('"')?, attribute.rfind('"')?);
        attribute.get(first + 1..last).map(|text| text.trim().to_owned())
    };
    attributes.iter().filter_map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn doc_comments_become_text() {
    macro_rules! documented {
        ($(#[$doc:meta])* $name:ident) => {
            doc_text(&[$(stringify!($doc)),*])
        };
    }
    let text = documented! {
        /// One "line",
        /// and another one.
        Name
    };
    assert_eq!(text.replace('\\', ""), "One \"line\", and another one.");
}
