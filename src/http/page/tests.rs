//! Which addresses are files, what is sent of them, and what of it is kept.

use std::io::Read as _;

use actix_web::body::to_bytes;
use actix_web::test::TestRequest;
use actix_web::web::Bytes;
use flate2::read::GzDecoder;
use tempfile::TempDir;

use super::*;

const POLICY: &str = "default-src 'none'";

/// A page and its folder.
fn page() -> (Folder, Arc<Page>) {
    let assets = tempfile::tempdir().unwrap();
    let page = Page::new(assets.path().to_owned(), "page", "no-cache", POLICY);
    let folder = Folder(assets);
    fs::create_dir(folder.path()).unwrap();
    (folder, Arc::new(page))
}

struct Folder(TempDir);

impl Folder {
    fn path(&self) -> PathBuf {
        self.0.path().join("page")
    }
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }
}

async fn ask(page: &Arc<Page>, request: TestRequest) -> Answer {
    let answer = Arc::clone(page).show(&request.to_http_request()).await;
    let answer = answer.unwrap_or_else(|problem| actix_web::ResponseError::error_response(&problem));
    let status = answer.status().as_u16();
    let text = |value: &actix_web::http::header::HeaderValue| value.to_str().unwrap().to_owned();
    let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    Answer { status, headers, body: to_bytes(answer.into_body()).await.unwrap_or_default() }
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn only_plain_names_of_known_kinds_are_files() {
    let page = Page::new(PathBuf::from("assets"), "page", "no-cache", POLICY);
    for (address, expected) in [
        ("/", Some("assets/page/index.html")),
        ("/js/main.js", Some("assets/page/js/main.js")),
        ("/vendor/uplot-1.6.css", Some("assets/page/vendor/uplot-1.6.css")),
        ("/shared/elements.js", Some("assets/shared/elements.js")),
        ("/js/shared/own.js", Some("assets/page/js/shared/own.js")),
        ("/shared.js", Some("assets/page/shared.js")),
        ("/shared/../secret.txt", None),
        ("/../orrery.toml", None),
        ("/js/../../secret.txt", None),
        ("/%2e%2e/secret.txt", None),
        ("/js%2fmain.js", None),
        ("/js\\main.js", None),
        ("/.hidden.txt", None),
        ("//index.html", None),
        ("/key.pem", None),
        ("/js", None),
        ("/js/", None),
        ("", None),
    ] {
        assert_eq!(page.file(address).map(|found| found.0), expected.map(PathBuf::from), "{address}");
    }
}

#[actix_web::test]
async fn an_edited_file_is_seen_with_the_next_request_and_one_that_is_gone_is_gone() {
    let (folder, page) = page();
    let file = folder.path().join("app.js");
    fs::write(&file, "export const a = 1;").unwrap();
    let first = ask(&page, get("/app.js")).await;
    assert_eq!((first.status, &first.body[..]), (200, &b"export const a = 1;"[..]));
    assert_eq!(first.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!((first.header("cache-control"), first.header("content-security-policy")), ("no-cache", POLICY));
    let again = |tag: &str| get("/app.js").insert_header(("if-none-match", tag.to_owned()));
    let unchanged = ask(&page, again(first.header("etag"))).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(unchanged.header("etag"), first.header("etag"));
    // As long as before, within the same instant.
    fs::write(&file, "export const a = 2;").unwrap();
    let edited = ask(&page, again(first.header("etag"))).await;
    assert_eq!((edited.status, &edited.body[..]), (200, &b"export const a = 2;"[..]));
    assert_ne!(edited.header("etag"), first.header("etag"));
    fs::remove_file(&file).unwrap();
    assert_eq!(ask(&page, get("/app.js")).await.status, 404);
    assert!(page.kept.lock().unwrap().is_empty());
}

#[actix_web::test]
async fn text_is_compressed_for_who_takes_it_and_known_in_either_form() {
    let (folder, page) = page();
    let text = "body { color: white; }\n".repeat(100);
    fs::write(folder.path().join("style.css"), &text).unwrap();
    let with = |encoding: &str| get("/style.css").insert_header(("accept-encoding", encoding.to_owned()));
    let plain = ask(&page, get("/style.css")).await;
    for (wanted, gzip) in [
        ("gzip", true),
        ("gzip, deflate, br, zstd", true),
        ("br, gzip;q=0.5", true),
        ("gzip;q=0", false),
        ("identity", false),
        ("br", false),
        ("nonsense;;", false),
    ] {
        let answer = ask(&page, with(wanted)).await;
        assert_eq!((answer.status, answer.header("vary")), (200, "accept-encoding"), "{wanted}");
        assert_eq!(answer.header("content-encoding"), if gzip { "gzip" } else { "" }, "{wanted}");
        assert_eq!(answer.header("etag"), plain.header("etag"), "{wanted}");
        let body = if gzip { unpacked(&answer.body) } else { String::from_utf8(answer.body.to_vec()).unwrap() };
        assert_eq!(body, text, "{wanted}");
    }
    let gzip = ask(&page, with("gzip")).await;
    assert!(gzip.body.len() * 10 < text.len());
    assert!(gzip.header("etag").starts_with("W/"), "two forms with one strong tag");
    for encoding in ["gzip", "identity"] {
        let answer = ask(&page, with(encoding).insert_header(("if-none-match", gzip.header("etag")))).await;
        assert_eq!((answer.status, answer.header("vary")), (304, "accept-encoding"));
    }
}

#[actix_web::test]
async fn a_content_is_compressed_once_and_what_does_not_shrink_never() {
    let (folder, page) = page();
    fs::write(folder.path().join("index.html"), "<p>hello</p>".repeat(50)).unwrap();
    fs::write(folder.path().join("small.txt"), "a").unwrap();
    fs::write(folder.path().join("icon.png"), [0; 500]).unwrap();
    let gzipped = |path: &'static str| get(path).insert_header(("accept-encoding", "gzip"));
    let kept = |name: &str| page.kept.lock().unwrap().get(&folder.path().join(name)).cloned().unwrap();
    ask(&page, gzipped("/")).await;
    let first = kept("index.html");
    assert_eq!(ask(&page, gzipped("/")).await.header("content-encoding"), "gzip");
    assert!(Arc::ptr_eq(&first, &kept("index.html")));
    for path in ["/small.txt", "/icon.png"] {
        let answer = ask(&page, gzipped(path)).await;
        assert_eq!((answer.status, answer.header("content-encoding"), answer.header("vary")), (200, "", ""), "{path}");
    }
}

#[actix_web::test]
async fn what_is_not_there_is_not_found_and_what_is_can_only_be_read() {
    let (folder, page) = page();
    fs::write(folder.path().join("index.html"), "hello").unwrap();
    fs::create_dir(folder.path().join("folder.js")).unwrap();
    for path in ["/nothing.js", "/folder.js", "/index", "/../index.html"] {
        assert_eq!(ask(&page, get(path)).await.status, 404, "{path}");
    }
    let post = ask(&page, TestRequest::post().uri("/")).await;
    assert_eq!((post.status, post.header("allow")), (405, "GET, HEAD"));
    assert_eq!(ask(&page, TestRequest::post().uri("/nothing.js")).await.status, 404);
    let head = ask(&page, TestRequest::default().method(Method::HEAD).uri("/")).await;
    assert_eq!((head.status, head.header("content-type")), (200, "text/html; charset=utf-8"));
}
