//! The one form of every change: what shall change, why, and whether it is only tried. An edit of something that has a
//! version must say which version it was decided on (`If-Match`), unless it is only tried.

use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, IF_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::http::form::{self, fault};
use crate::http::json_body::bytes;
use crate::http::problem::Problem;
use crate::http::strict_json::parse;

/// How long a reason is, in characters.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 3..=500;

/// The body of a request that changes something.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change<C> {
    /// What shall change.
    pub(crate) change: C,
    /// Why: 3 to 500 characters, kept in the audit log.
    #[schema(min_length = 3, max_length = 500)]
    pub(crate) reason: String,
    /// Whether it is only tried: the answer tells what would happen.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// The body of a request that does one thing, which only needs a reason.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// Why: 3 to 500 characters, kept in the audit log.
    #[schema(min_length = 3, max_length = 500)]
    pub(crate) reason: String,
    /// Whether it is only tried.
    #[serde(default)]
    pub(crate) dry_run: bool,
}

/// What a change did, or would do.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct Changed {
    /// Whether it was only tried.
    pub(crate) dry_run: bool,
    /// What it was, as far as it changes; null for what was not there.
    #[schema(value_type = Option<Object>)]
    pub(crate) before: Value,
    /// What it becomes; null for what goes.
    #[schema(value_type = Option<Object>)]
    pub(crate) after: Value,
    /// The version afterwards; the one that holds, when it was only tried.
    pub(crate) version: u64,
    /// The entry in the audit log; none when it was only tried.
    pub(crate) audit: Option<u64>,
    /// Whether it can be undone.
    pub(crate) can_undo: bool,
}

impl Changed {
    /// The answer, with the version as `ETag`.
    pub(crate) fn response(&self) -> HttpResponse {
        HttpResponse::Ok().insert_header((ETAG, tag(self.version))).json(self)
    }
}

/// A change that was read, with the version that it must still find.
#[derive(Clone, Debug)]
pub(crate) struct Edit<C> {
    /// What, and why.
    pub(crate) form: Change<C>,
    /// The version it was decided on; `None` for what is only tried and said none.
    pub(crate) expected: Option<u64>,
}

/// An `ETag` for a version.
pub(crate) fn tag(version: u64) -> String {
    format!("\"{version}\"")
}

/// Reads a change of something that has a version.
///
/// # Errors
/// The body is not as it must be, or there is no `If-Match` (428) although it is meant.
pub(crate) async fn edit<C: DeserializeOwned>(request: &HttpRequest, body: web::Payload) -> Result<Edit<C>, Problem> {
    let form: Change<C> = new(request, body).await?;
    let expected = expected_version(request)?;
    if expected.is_none() && !form.dry_run {
        let detail = "If-Match must say which version the change was decided on: the ETag of what was read";
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "precondition_required", detail));
    }
    Ok(Edit { form, expected })
}

/// Reads a change that makes something new.
///
/// # Errors
/// The body is not as it must be.
pub(crate) async fn new<C: DeserializeOwned>(request: &HttpRequest, body: web::Payload) -> Result<Change<C>, Problem> {
    let form: Change<C> = read(request, body).await?;
    check_reason(&form.reason)?;
    Ok(form)
}

/// Reads the body of something that only needs a reason.
///
/// # Errors
/// The body is not as it must be.
pub(crate) async fn reason(request: &HttpRequest, body: web::Payload) -> Result<Reason, Problem> {
    let form: Reason = read(request, body).await?;
    check_reason(&form.reason)?;
    Ok(form)
}

/// Reads any JSON body. No value of it is repeated in an error: it may be a password.
///
/// # Errors
/// It is not as `T` must be; the field and its rule are named.
pub(crate) async fn read<T: DeserializeOwned>(request: &HttpRequest, body: web::Payload) -> Result<T, Problem> {
    let bytes = bytes(request, body).await?;
    let value = parse(&bytes)?;
    if holds_nul(&value) {
        return Err(Problem::bad_request("no text may hold the character U+0000"));
    }
    // Serde would take the first item of a list for the kind, and a number for the place of one in our source.
    if value.get("change").is_some_and(|change| !change.is_object()) {
        return Err(Problem::bad_fields(vec![fault(&["change"], "must be an object with kind")]));
    }
    if value.pointer("/change/kind").is_some_and(|kind| !kind.is_string()) {
        return Err(Problem::bad_fields(vec![fault(&["change", "kind"], "must be text")]));
    }
    form::read(&value, &[]).map_err(|fault| Problem::bad_fields(vec![fault]))
}

/// Whether a text within holds U+0000, which PostgreSQL cannot store: it would refuse the whole batch.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a reason is one.
///
/// # Errors
/// It is too short or too long.
pub(crate) fn check_reason(reason: &str) -> Result<(), Problem> {
    if REASON_CHARS.contains(&reason.trim().chars().count()) {
        return Ok(());
    }
    Err(Problem::bad_fields(vec![fault(&["reason"], "must have 3 to 500 characters")]))
}

/// 412: somebody else was faster.
pub(crate) fn version_conflict(current: u64) -> Problem {
    let detail = "it was changed since: read it again, and decide anew";
    Problem::new(StatusCode::PRECONDITION_FAILED, "version_conflict", detail).with("current_version", current)
}

/// The version in `If-Match`.
///
/// # Errors
/// It is not one version's tag.
pub(crate) fn expected_version(request: &HttpRequest) -> Result<Option<u64>, Problem> {
    let Some(header) = request.headers().get(IF_MATCH) else { return Ok(None) };
    let text = header.to_str().unwrap_or_default().trim();
    let number = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|text| text.parse().ok());
    match number {
        Some(version) => Ok(Some(version)),
        None => Err(Problem::bad_request("If-Match must be the ETag of what was read, such as \"3\"")),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::FromRequest as _;
    use actix_web::test::TestRequest;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
    enum Kind {
        Rename { name: String },
        Close {},
    }

    async fn complaint(body: &str) -> String {
        let request = TestRequest::post().insert_header(("content-type", "application/json"));
        let (request, mut payload) = request.set_payload(body.to_owned()).to_http_parts();
        let payload = web::Payload::from_request(&request, &mut payload).await.unwrap();
        match edit::<Kind>(&request, payload).await {
            Ok(Edit { form: Change { change: Kind::Rename { name }, .. }, expected }) => {
                format!("{name}, {expected:?}")
            }
            Ok(Edit { form: Change { change: Kind::Close {}, .. }, expected }) => format!("close, {expected:?}"),
            Err(problem) => problem.to_string(),
        }
    }

    #[actix_web::test]
    async fn what_is_wrong_is_named_and_no_value_repeated() {
        for (body, expected) in [
            ("{", "bad_request: the body is not JSON (line 1, column 1)"),
            ("[]", "bad_request: the body must be an object with change, reason and dry_run"),
            (r#"[{"kind":"close"},"spam",true]"#, "bad_request: the body must be an object with change, reason and"),
            ("{}", "bad_request: change is missing"),
            (r#"{"change":{"kind":1},"reason":"spam"}"#, "bad_request: change.kind must be text"),
            (r#"{"change":["close"],"reason":"spam"}"#, "bad_request: change must be an object with kind"),
            (r#"{"change":{"kind":"close"},"reason":7}"#, "bad_request: reason must be text"),
            (
                r#"{"change":{"kind":"close"},"reason":"spam","dry_run":1}"#,
                "bad_request: dry_run must be true or false",
            ),
            (r#"{"change":{"kind":"close"},"reason":"spam","reason":"x"}"#, "bad_request: reason is given twice"),
            (r#"{"change":{"kind":"close"},"reason":"no"}"#, "bad_request: reason must have 3 to 500 characters"),
            (r#"{"change":{"kind":"close"},"reason":"   "}"#, "bad_request: reason must have 3 to 500 characters"),
            (r#"{"change":{"kind":"hunter2"},"reason":"spam"}"#, "bad_request: change.kind must be rename or close"),
            (r#"{"change":{"kind":"rename","name":123456},"reason":"spam"}"#, "change.name must be text"),
            (r#"{"change":{"kind":"close"},"reason":"spam","x":1}"#, "bad_request: x is not known"),
            (r#"{"change":{"kind":"close","x":1},"reason":"spam"}"#, "bad_request: change.x is not known"),
            (r#"{"change":{"kind":"close"},"reason":"spam\u0000"}"#, "no text may hold the character U+0000"),
        ] {
            let said = complaint(body).await;
            assert!(said.contains(expected), "{body}: {said}");
            assert!(!said.contains("hunter2") && !said.contains("123456"), "{body}: {said}");
        }
    }

    #[actix_web::test]
    async fn what_is_meant_needs_a_version_and_what_is_tried_does_not() {
        let meant = complaint(r#"{"change":{"kind":"close"},"reason":"spam"}"#).await;
        assert!(meant.starts_with("precondition_required"), "{meant}");
        let tried = complaint(r#"{"change":{"kind":"rename","name":"Ada"},"reason":"spam","dry_run":true}"#).await;
        assert_eq!(tried, "Ada, None");
    }

    #[test]
    fn versions_are_read_from_if_match() {
        for (header, expected) in [("\"7\"", Some(Some(7))), ("7", None), ("*", None), ("W/\"7\"", None)] {
            let request = TestRequest::default().insert_header((IF_MATCH, header)).to_http_request();
            assert_eq!(expected_version(&request).ok(), expected, "{header}");
        }
        assert_eq!(expected_version(&TestRequest::default().to_http_request()).unwrap(), None);
    }
}
