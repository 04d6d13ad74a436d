//! `GET /docs`: the API's description as a page to read, drawn here from `openapi.json`: no script, nothing loaded from
//! elsewhere, so the strict policy holds for it too.

use std::fmt::Write as _;
use std::sync::OnceLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpResponse, get, web};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use utoipa::OpenApi;

use super::openapi::{ROLE, document};

/// The page's only style.
const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;\
     color-scheme:light dark}code,pre{font:13px/1.4 ui-monospace,monospace}pre{overflow:auto;padding:.5rem;\
     border:1px solid #8886}summary{cursor:pointer;padding:.3rem 0}summary b{display:inline-block;min-width:4rem}\
     details{border-bottom:1px solid #8884}details>*:not(summary){margin-left:1rem}.role{opacity:.7}";

#[derive(OpenApi)]
#[openapi(paths(show))]
pub(super) struct Doc;

pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(show);
}

/// This description as a page.
#[utoipa::path(
    tag = "access",
    security(()),
    extensions(("x-role" = json!("none"))),
    responses((status = 200, description = "A page", content_type = "text/html", body = String))
)]
#[get("/docs")]
async fn show() -> HttpResponse {
    static PAGE: OnceLock<(String, String)> = OnceLock::new();
    let (page, policy) = PAGE.get_or_init(|| {
        let hash = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        // The description always makes JSON.
        (draw(&serde_json::to_value(document()).unwrap_or_default()), policy)
    });
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=60"))
        .insert_header((CONTENT_SECURITY_POLICY, policy.as_str()))
        .content_type("text/html; charset=utf-8")
        .body(page.as_str())
}

fn draw(document: &Value) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Orrery console API</title>\
         <style>{STYLE}</style></head><body><h1>Orrery console API</h1>\
         <p>For machines: <a href=\"openapi.json\">openapi.json</a>. A browser comes by its session and sends \
         <code>X-CSRF-Token</code> with what changes something; a program by <code>Authorization: Bearer</code> and a \
         token. Errors are <code>application/problem+json</code>.</p>"
    );
    let none = serde_json::Map::new();
    let operations = document["paths"].as_object().unwrap_or(&none).iter().flat_map(|(path, item)| {
        let item = item.as_object().into_iter().flatten();
        item.filter(|(_, operation)| operation.is_object()).map(move |(method, operation)| (path, method, operation))
    });
    let mut sorted: Vec<_> =
        operations.map(|(path, method, operation)| (tag(operation), path, method, operation)).collect();
    sorted.sort_by_key(|(tag, path, method, _)| (*tag, *path, *method));
    let mut last = "";
    for (tag, path, method, operation) in sorted {
        if tag != last {
            let _ = write!(page, "<h2>{}</h2>", escaped(tag));
            last = tag;
        }
        draw_operation(&mut page, path, method, operation);
    }
    page.push_str("<h2>Schemas</h2>");
    for (name, schema) in document["components"]["schemas"].as_object().unwrap_or(&none) {
        let text = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ = write!(
            page,
            "<details id=\"{0}\"><summary>{0}</summary><pre>{1}</pre></details>",
            escaped(name),
            escaped(&text)
        );
    }
    page.push_str("</body></html>");
    page
}

fn tag(operation: &Value) -> &str {
    operation["tags"][0].as_str().unwrap_or("other")
}

fn draw_operation(page: &mut String, path: &str, method: &str, operation: &Value) {
    let text = |key: &str| escaped(operation[key].as_str().unwrap_or_default());
    let _ = write!(
        page,
        "<details><summary><b>{}</b> <code>{}</code> {} <span class=\"role\">({})</span></summary><p>{}</p>",
        escaped(&method.to_uppercase()),
        escaped(path),
        text("summary"),
        text(ROLE),
        text("description")
    );
    for key in ["parameters", "requestBody", "responses"] {
        if !operation[key].is_null() {
            let shown = serde_json::to_string_pretty(&operation[key]).unwrap_or_default();
            let _ = write!(page, "<h4>{key}</h4><pre>{}</pre>", escaped(&shown));
        }
    }
    page.push_str("</details>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_on_the_page_and_no_text_becomes_markup() {
        let document = serde_json::to_value(document()).unwrap();
        let page = draw(&document);
        for path in document["paths"].as_object().unwrap().keys() {
            assert!(page.contains(&format!("<code>{path}</code>")), "{path}");
        }
        assert!(!page.contains("<uuid>") && !page.contains("<script"), "escaped");
    }
}
