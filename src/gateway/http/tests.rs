//! What can be asked without accounts; registration, log-in and the rest are tested against a whole server.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body, read_body_json};
use actix_web::{App, web};
use serde_json::{Value, json};

use super::*;
use crate::catalog::{Catalog, Start, content_version};
use crate::telemetry::Metrics;
use crate::types::{Credits, ShipKindKey, WorldKey};

struct Fixed(bool);

#[async_trait::async_trait]
impl Readiness for Fixed {
    async fn checks(&self) -> Vec<Check> {
        vec![Check { name: "store", ok: self.0, detail: "as the test says".to_owned() }]
    }
}

fn catalog() -> Catalog {
    let start = Start {
        sector: WorldKey::parse("sol").unwrap(),
        ship: ShipKindKey::parse("shuttle").unwrap(),
        credits: Credits(100),
    };
    Catalog {
        start,
        items: BTreeMap::new(),
        ships: BTreeMap::new(),
        objects: BTreeMap::new(),
        techs: BTreeMap::new(),
        sectors: BTreeMap::new(),
        economy: toml::from_str(include_str!("../../../assets/catalog/economy.toml")).unwrap(),
        blueprints: BTreeMap::new(),
        missions: BTreeMap::new(),
    }
}

async fn ask(request: TestRequest, ready: bool) -> ServiceResponse<impl actix_web::body::MessageBody> {
    let readiness: Arc<dyn Readiness> = Arc::new(Fixed(ready));
    let app = App::new()
        .wrap(security_headers())
        .app_data(web::Data::new(CatalogDocument::new(&catalog()).unwrap()))
        .app_data(web::Data::new(Metrics::new()))
        .app_data(web::Data::from(readiness))
        .app_data(web::Data::new(AllowedOrigins(vec!["https://game.example".to_owned()])))
        .app_data(web::Data::new(ClientPage::of(Path::new("no such folder"))))
        .configure(configure);
    call_service(&init_service(app).await, request.to_request()).await
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn header<'a, B>(response: &'a ServiceResponse<B>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[actix_web::test]
async fn a_living_process_says_so_even_when_it_is_not_ready() {
    assert_eq!(ask(get("/healthz"), false).await.status(), 200);
}

#[actix_web::test]
async fn readiness_lists_its_checks() {
    for (ready, status) in [(true, 200), (false, 503)] {
        let response = ask(get("/readyz"), ready).await;
        assert_eq!(response.status(), status);
        let body: Value = read_body_json(response).await;
        let check = json!({ "name": "store", "ok": ready, "detail": "as the test says" });
        assert_eq!(body, json!({ "ok": ready, "checks": [check] }));
    }
}

#[actix_web::test]
async fn metrics_are_openmetrics() {
    let response = ask(get("/metrics"), true).await;
    assert_eq!(header(&response, "content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(read_body(response).await.ends_with(b"# EOF\n"));
}

#[actix_web::test]
async fn the_catalogue_comes_with_its_version_as_tag() {
    let response = ask(get("/api/v1/catalog"), true).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "etag"), format!("W/\"{}\"", content_version(&catalog())));
    assert_eq!(header(&response, "cache-control"), "public, no-cache");
    let body: Value = read_body_json(response).await;
    assert_eq!(body, serde_json::to_value(catalog()).unwrap());
}

#[actix_web::test]
async fn who_has_the_catalogue_does_not_get_it_again() {
    let tag = format!("\"{}\"", content_version(&catalog()));
    for (known, status) in [
        (tag.clone(), 304),
        (format!("W/{tag}"), 304),
        (format!("\"other\", {tag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
        ("nonsense".to_owned(), 200),
    ] {
        let request = get("/api/v1/catalog").insert_header(("if-none-match", known.as_str()));
        let response = ask(request.insert_header(("accept-encoding", "gzip")), true).await;
        assert_eq!(response.status(), status, "{known}");
        assert_eq!(
            (header(&response, "etag"), header(&response, "vary")),
            (format!("W/{tag}").as_str(), "accept-encoding")
        );
        let body = to_bytes(response.into_body()).await;
        assert_eq!(body.is_ok_and(|body| body.is_empty()), status == 304, "{known}");
    }
}

#[actix_web::test]
async fn the_protocols_description_comes_with_a_tag_and_only_once() {
    let response = ask(get("/api/v1/asyncapi.json"), true).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, "application/json"));
    let tag = header(&response, "etag").to_owned();
    let body: Value = read_body_json(response).await;
    assert_eq!(body["asyncapi"], "3.0.0");
    assert!(body["components"]["messages"]["client.hello"].is_object());
    let again = ask(get("/api/v1/asyncapi.json").insert_header(("if-none-match", tag.as_str())), true).await;
    assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, tag.as_str()));
}

#[actix_web::test]
async fn the_catalogue_is_compressed_for_who_can_read_it() {
    let response = ask(get("/api/v1/catalog").insert_header(("accept-encoding", "gzip")), true).await;
    assert_eq!(header(&response, "content-encoding"), "gzip");
    assert!(read_body(response).await.starts_with(&[0x1f, 0x8b]));
}

#[actix_web::test]
async fn unknown_addresses_are_problems() {
    for path in ["/", "/nothing", "/api", "/api/v1", "/api/v1/nothing", "/api/v1/auth/", "/healthz/"] {
        let response = ask(get(path), true).await;
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(header(&response, "content-type"), "application/problem+json", "{path}");
        let body: Value = read_body_json(response).await;
        assert_eq!(body["code"], "not_found");
    }
}

#[actix_web::test]
async fn wrong_methods_are_told_the_right_ones() {
    for (path, method, allow) in [
        ("/api/v1/auth/register", Method::GET, "POST"),
        ("/api/v1/auth/login", Method::PUT, "POST"),
        ("/api/v1/catalog", Method::POST, "GET, HEAD"),
        ("/api/v1/catalog", Method::OPTIONS, "GET, HEAD"),
        ("/healthz", Method::DELETE, "GET, HEAD"),
    ] {
        let response = ask(TestRequest::with_uri(path).method(method), true).await;
        assert_eq!((response.status().as_u16(), header(&response, "allow")), (405, allow), "{path}");
        let body: Value = read_body_json(response).await;
        assert_eq!(body["code"], "method_not_allowed");
    }
}

#[actix_web::test]
async fn every_answer_has_the_security_headers() {
    for path in ["/healthz", "/nothing", "/api/v1/catalog", "/api/v1/nothing"] {
        let response = ask(get(path), true).await;
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header(&response, "content-security-policy"), "frame-ancestors 'none'", "{path}");
        let kept = if path == "/api/v1/catalog" { "public, no-cache" } else { "no-store" };
        assert_eq!(header(&response, "cache-control"), kept, "{path}");
    }
}

fn preflight(origin: &str) -> TestRequest {
    TestRequest::with_uri("/api/v1/auth/login")
        .method(Method::OPTIONS)
        .insert_header(("origin", origin))
        .insert_header(("access-control-request-method", "POST"))
        .insert_header(("access-control-request-headers", "content-type"))
}

#[actix_web::test]
async fn pages_of_allowed_origins_may_ask_first() {
    let response = ask(preflight("https://game.example"), true).await;
    assert_eq!(response.status(), 204);
    assert_eq!(header(&response, "access-control-allow-origin"), "https://game.example");
    assert!(header(&response, "access-control-allow-methods").contains("POST"));
    assert!(header(&response, "access-control-allow-headers").contains("content-type"));
}

#[actix_web::test]
async fn pages_of_other_origins_learn_nothing() {
    let response = ask(preflight("https://evil.example"), true).await;
    assert_eq!((response.status().as_u16(), header(&response, "access-control-allow-origin")), (403, ""));
    let response = ask(get("/api/v1/catalog").insert_header(("origin", "https://evil.example")), true).await;
    assert_eq!(header(&response, "access-control-allow-origin"), "");
    assert!(response.headers().get_all("vary").any(|value| value == "origin"));
}

#[actix_web::test]
async fn pages_of_allowed_origins_may_read_answers_and_errors() {
    for path in ["/api/v1/catalog", "/api/v1/nothing"] {
        let response = ask(get(path).insert_header(("origin", "https://game.example")), true).await;
        assert_eq!(header(&response, "access-control-allow-origin"), "https://game.example", "{path}");
    }
}
