//! The files of the page over the wire. (What is compressed and kept is tested beside the code.)

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use tempfile::TempDir;

use crate::support::Server;

const INDEX: &str = "<!doctype html><title>a page of a test</title>";

/// A server whose folder of assets has a page and, beside it, what nobody may read.
fn with_page() -> (TempDir, Server) {
    let assets = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    std::os::unix::fs::symlink(root.join("catalog"), assets.path().join("catalog")).unwrap();
    let write = |name: &str, text: &str| {
        let file = assets.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    write("client/index.html", INDEX);
    write("client/view/index.js", &"export const nothing = null;\n".repeat(20));
    write("client/.env.txt", "secret");
    write("secret.txt", "secret");
    let server = Server::with(&[("server.assets", assets.path().to_str().unwrap())]);
    (assets, server)
}

/// What a server answers to a request whose address goes out as it stands; clients tidy it up.
fn raw(server: &Server, address: &str) -> String {
    let mut stream = TcpStream::connect(server.address).unwrap();
    write!(stream, "GET {address} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.address).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn the_page_is_at_the_root_and_lets_in_nothing_but_its_own() {
    let (_assets, server) = with_page();
    let index = server.http().get("/");
    assert_eq!((index.status, index.text().as_str()), (200, INDEX));
    let policy = index.header("content-security-policy").unwrap();
    for part in [
        "default-src 'none'",
        "script-src 'self';",
        "style-src 'self';",
        "connect-src 'self';",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
    for (header, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "public, no-cache"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(index.header(header), Some(value), "{header}");
    }
    let module = server.http().get_with("/view/index.js?v=1", ("accept-encoding", "gzip"));
    assert_eq!(module.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!((module.header("content-encoding"), module.header("vary")), (Some("gzip"), Some("accept-encoding")));
    let known = server.http().get_with("/", ("if-none-match", index.header("etag").unwrap()));
    assert_eq!((known.status, known.text().as_str()), (304, ""));
    assert!(known.header("content-security-policy").is_some(), "a browser takes it from here for what it kept");
}

#[test]
fn nothing_outside_its_folder_is_shown() {
    let (_assets, server) = with_page();
    assert!(raw(&server, "/index.html").starts_with("HTTP/1.1 200"));
    for address in [
        "/../secret.txt",
        "/view/../../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/..\\secret.txt",
        "/....//secret.txt",
        "/.env.txt",
        "/view/./../../catalog/economy.toml",
        "/catalog/economy.toml",
    ] {
        let answer = raw(&server, address);
        assert!(answer.starts_with("HTTP/1.1 404"), "{address}: {answer}");
        assert!(answer.contains("application/problem+json") && answer.contains("\"not_found\""), "{address}: {answer}");
    }
}

#[test]
fn what_is_of_the_api_stays_so() {
    let (_assets, server) = with_page();
    for (path, status) in [
        ("/healthz", 200),
        ("/metrics", 200),
        ("/api/v1/catalog", 200),
        ("/api/v1/nothing", 404),
        ("/api/v1/index.js", 404),
    ] {
        let answer = server.http().get(path);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("content-security-policy"), Some("frame-ancestors 'none'"), "{path}");
    }
    let handshake = server.http().get("/ws");
    assert_ne!((handshake.status, handshake.header("content-type")), (404, Some("application/problem+json")));
    assert_eq!(server.http().post("/", &serde_json::json!({})).header("allow"), Some("GET, HEAD"));
}

#[test]
fn a_server_without_a_page_starts_and_says_so() {
    let server = Server::start();
    assert_eq!(server.http().get("/").status, 404);
    assert!(server.log().contains("there is no page for players"), "{}", server.log());
}
