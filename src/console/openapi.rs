//! The API's description: every area's, put together. `GET /openapi.json` shows it, and so it is what clients, the
//! schema-driven tests and the answers to wrong methods go by.

use std::sync::OnceLock;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, get, web};
use serde_json::json;
use utoipa::OpenApi;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, PathItem, Ref, RefOr, ResponseBuilder, Schema};

use super::access::COOKIE;
use crate::http::problem::Document as Problem;

/// Which role an operation needs; `none` for those that anybody may use.
pub(super) const ROLE: &str = "x-role";

#[derive(OpenApi)]
#[openapi(
    info(title = "Orrery console", description = "What operators see and do."),
    servers((url = "/console/api/v1")),
    paths(show),
    components(schemas(Problem)),
    security(("cookie" = []), ("token" = []))
)]
struct Own;

/// Each area's description.
fn areas() -> Vec<utoipa::openapi::OpenApi> {
    vec![
        super::access::Doc::openapi(),
        super::actors::Doc::openapi(),
        super::audit::Doc::openapi(),
        super::docs::Doc::openapi(),
        super::players::Doc::openapi(),
        super::player_history::Doc::openapi(),
        super::store::Doc::openapi(),
        super::worlds::Doc::openapi(),
        super::overview::Doc::openapi(),
        super::health::Doc::openapi(),
        super::logs::Doc::openapi(),
        super::config::Doc::openapi(),
        super::content::Doc::openapi(),
        super::announcements::Doc::openapi(),
        super::maintenance::Doc::openapi(),
        super::missions::Doc::openapi(),
        super::markets::Doc::openapi(),
        super::guilds::Doc::openapi(),
        super::leaderboards::Doc::openapi(),
        super::chat::Doc::openapi(),
        super::reports::Doc::openapi(),
    ]
}

/// The whole description.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    let mut whole = areas().into_iter().fold(Own::openapi(), utoipa::openapi::OpenApi::merge_from);
    let schemes = [
        ("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)))),
        ("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer))),
    ];
    let components = whole.components.get_or_insert_with(Components::default);
    components.security_schemes.extend(schemes.map(|(name, scheme)| (name.to_owned(), RefOr::T(scheme))));
    components.schemas.values_mut().for_each(close_changes);
    for PathItem { get, post, put, patch, delete, .. } in whole.paths.paths.values_mut() {
        get.iter_mut().for_each(|operation| complete(operation, true));
        [post, put, patch, delete].into_iter().flatten().for_each(|operation| complete(operation, false));
    }
    whole
}

/// A change refuses fields that it does not know. That its form does is derived; that each kind of change does is not.
fn close_changes(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::T(Schema::Object(form)) => form.properties.get_mut("change").into_iter().for_each(close_changes),
        RefOr::T(Schema::OneOf(kinds)) => {
            for kind in &mut kinds.items {
                if let RefOr::T(Schema::Object(kind)) = kind
                    && kind.properties.contains_key("kind")
                {
                    kind.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
                }
            }
        }
        _ => {}
    }
}

/// What holds for every operation: errors are problems, and what only reads is for viewers unless it says otherwise.
fn complete(operation: &mut Operation, reads: bool) {
    let problem = RefOr::Ref(Ref::from_schema_name("Problem"));
    let content = ContentBuilder::new().schema(Some(problem)).build();
    let error = ResponseBuilder::new().description("An error").content("application/problem+json", content).build();
    operation.responses.responses.entry("default".to_owned()).or_insert(RefOr::T(error));
    if reads {
        let extensions = operation.extensions.get_or_insert_with(Extensions::default);
        extensions.entry(ROLE.to_owned()).or_insert_with(|| json!("viewer"));
    }
}

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(show);
}

/// The API's description.
#[utoipa::path(
    tag = "access",
    security(()),
    extensions(("x-role" = json!("none"))),
    responses((status = 200, description = "This document", content_type = "application/json", body = Object))
)]
#[get("/openapi.json")]
async fn show() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    // The document always makes JSON.
    let text = TEXT.get_or_init(|| document().to_json().unwrap_or_default());
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=60"))
        .content_type("application/json")
        .body(text.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::API;
    use super::*;

    #[test]
    fn every_operation_says_who_may_use_it() {
        let document = serde_json::to_value(document()).unwrap();
        let mut faults = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                if !matches!(operation[ROLE].as_str(), Some("none" | "viewer" | "moderator" | "admin")) {
                    faults.push(format!("{method} {path}: {ROLE} is {}", operation[ROLE]));
                }
            }
        }
        assert!(faults.is_empty(), "{faults:#?}");
        assert!(document["paths"]["/openapi.json"]["get"]["responses"]["default"].is_object());
        assert_eq!(document["servers"][0]["url"], API);
    }

    #[test]
    fn everything_that_is_referred_to_is_there() {
        fn references<'a>(value: &'a serde_json::Value, found: &mut Vec<&'a str>) {
            match value {
                serde_json::Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(serde_json::Value::as_str));
                    fields.values().for_each(|value| references(value, found));
                }
                serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let document = serde_json::to_value(document()).unwrap();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 50, "{found:?}");
        found.retain(|reference| document.pointer(reference.trim_start_matches('#')).is_none());
        assert!(found.is_empty(), "{found:?}");
    }
}
