//! What every answer carries, and answers to what is not there.

use crate::operator::{API, Operator, server};

#[test]
fn every_answer_is_safe_to_show() {
    let server = server(&[]);
    let ada = Operator::admin(&server);
    for path in ["/session", "/openapi.json", "/nothing", "/operators"] {
        let answer = ada.get(path);
        for (header, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("content-security-policy", "default-src 'none'"),
            ("permissions-policy", "camera=()"),
        ] {
            assert!(answer.header(header).starts_with(value), "{path} {header}: {answer:?}");
        }
        assert!(answer.header("strict-transport-security").is_empty(), "plain HTTP");
        if path != "/openapi.json" {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}

#[test]
fn wrong_methods_are_told_the_right_ones_and_head_is_get_without_a_body() {
    let server = server(&[]);
    let ada = Operator::admin(&server);
    for (method, path, allow) in [
        ("PUT", "/session", "GET, HEAD, POST, DELETE"),
        ("DELETE", "/operators", "GET, HEAD, POST"),
        ("GET", "/operators/0198aaaa-0000-7000-8000-000000000000/changes", "POST"),
    ] {
        let answer = Operator::send(ada.request(method, path));
        assert_eq!(answer.problem(), (405, "method_not_allowed".to_owned()), "{method} {path}");
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
    assert_eq!(ada.get("/nothing").problem(), (404, "not_found".to_owned()));
    let head = Operator::send(ada.request("HEAD", "/session"));
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

#[test]
fn the_page_lets_in_only_its_own_scripts_and_nothing_from_outside_its_folder() {
    let server = server(&[]);
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/console");
    assert!(page.join("index.html").exists());
    let anybody = Operator::outside(&server);
    // Tests have an assets folder of their own, without a page.
    for path in ["/", "/app.js", "/../orrery.toml", "/catalog/ships.toml", "/console/..%2f..%2fdata/auth.key", API] {
        assert_eq!(anybody.get_page(path).problem(), (404, "not_found".to_owned()), "{path}");
    }
    let assets = page.parent().unwrap().to_str().unwrap().to_owned();
    let server = crate::operator::server(&[("server.assets", &assets)]);
    let anybody = Operator::outside(&server);
    let index = anybody.get_page("/");
    assert_eq!((index.status, index.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = index.header("content-security-policy");
    for part in ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let tag = index.header("etag").to_owned();
    let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
    let again = client.get(format!("http://{}/", server.console)).header("if-none-match", tag);
    assert_eq!(Operator::send(again).status, 304);
}
