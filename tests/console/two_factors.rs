//! The second factor, from its picture to the last recovery code.

use orrery::actors::operators::totp::code_at;
use serde_json::json;

use crate::operator::{ADMIN, Operator, PASSWORD, server};

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    since.unwrap().as_secs() / 30
}

fn bytes_of_base32(text: &str) -> Vec<u8> {
    let values = text.bytes().map(|letter| match letter {
        b'A'..=b'Z' => letter - b'A',
        _ => letter - b'2' + 26,
    });
    let bits: Vec<u8> = values.flat_map(|value| (0..5).rev().map(move |bit| (value >> bit) & 1)).collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| (all << 1) | bit)).collect()
}

#[test]
fn a_second_factor_is_set_up_asked_for_and_never_replayed() {
    let server = server(&[("console.lock_after_failures", "50")]);
    let ada = Operator::admin(&server);
    let begin = |password: &str| ada.post("/session/totp", &json!({ "password": password }));
    let confirm = |code: &str| ada.post("/session/totp/confirm", &json!({ "code": code }));
    assert_eq!(confirm("123456").problem(), (409, "totp_not_begun".to_owned()));
    assert_eq!(begin("wrong").problem(), (403, "wrong_password".to_owned()));
    let begun = begin(PASSWORD).well();
    let text = begun["secret"].as_str().unwrap();
    assert!(begun["uri"].as_str().unwrap().starts_with("otpauth://totp/Orrery:Ada?secret="));
    assert!(begun["qr_svg"].as_str().unwrap().contains("<svg"));
    let secret = bytes_of_base32(text);
    assert_eq!(confirm("000000").problem().1, "wrong_code");
    let confirming = now();
    let confirmed = confirm(&code_at(&secret, confirming)).well();
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    assert_eq!(codes.len(), 10);

    let mut again = Operator::outside(&server);
    let mut enter = |code: Option<&str>| again.log_in(ADMIN, PASSWORD, code);
    assert_eq!(enter(None).problem(), (401, "code_required".to_owned()));
    assert_eq!(enter(Some("1")).problem(), (401, "wrong_code".to_owned()));
    assert_eq!(enter(Some(&code_at(&secret, confirming))).problem().1, "wrong_code", "it set it up");
    let next = code_at(&secret, confirming + 1);
    assert_eq!(enter(Some(&next)).status, 200);
    assert_eq!(enter(Some(&next)).problem().1, "wrong_code", "no step is good twice");
    let recovery = codes[0].as_str().unwrap();
    assert_eq!(enter(Some(&recovery.to_lowercase())).status, 200);
    assert_eq!(enter(Some(recovery)).problem().1, "wrong_code", "each is good once");

    let body = json!({ "password": PASSWORD, "code": codes[1] });
    assert_eq!(Operator::send(ada.request("DELETE", "/session/totp").json(&body)).status, 204);
    assert_eq!(enter(None).status, 200);
}

#[test]
fn an_admin_resets_the_second_factor_of_who_lost_it() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let viewer = Operator::with_role(&server, &admin, "viewer");
    let begun = viewer.post("/session/totp", &json!({ "password": PASSWORD })).well();
    let secret = bytes_of_base32(begun["secret"].as_str().unwrap());
    viewer.post("/session/totp/confirm", &json!({ "code": code_at(&secret, now()) })).well();
    assert_eq!(admin.account("The viewer")["totp"], true);
    admin.change("The viewer", &json!({ "kind": "reset_totp" })).well();
    assert_eq!(viewer.get("/session").status, 401);
    Operator::inside(&server, "The viewer", PASSWORD);
}

#[test]
fn a_second_factor_is_replaced_only_with_a_code_of_it_and_ends_the_other_sessions() {
    let server = server(&[("console.lock_after_failures", "50")]);
    let (ada, other) = (Operator::admin(&server), Operator::admin(&server));
    let begin = |code: Option<&str>| ada.post("/session/totp", &json!({ "password": PASSWORD, "code": code }));
    let confirm = |begun: &serde_json::Value| {
        let secret = bytes_of_base32(begun["secret"].as_str().unwrap());
        ada.post("/session/totp/confirm", &json!({ "code": code_at(&secret, now()) }))
    };
    // The owner's typing error in between is no reason to begin anew.
    let begun = begin(None).well();
    assert_eq!(Operator::outside(&server).log_in(ADMIN, "wrong", None).status, 401);
    let codes = confirm(&begun).well()["recovery_codes"].clone();
    assert_eq!((ada.get("/session").status, other.get("/session").status), (200, 401));

    for (code, problem) in [(None, "code_required"), (Some(""), "code_required"), (Some("1"), "wrong_code")] {
        assert_eq!(begin(code).problem(), (403, problem.to_owned()), "{code:?}");
        assert_eq!(confirm(&begun).problem(), (409, "totp_not_begun".to_owned()), "{code:?}");
    }
    let second = begin(codes[0].as_str()).well();
    assert_eq!(begin(codes[0].as_str()).problem().1, "wrong_code", "each is good once");
    let replaced = confirm(&second).well();
    assert_ne!(replaced["recovery_codes"], codes);
    assert_eq!(Operator::outside(&server).log_in(ADMIN, PASSWORD, codes[1].as_str()).problem().1, "wrong_code");
    let new = replaced["recovery_codes"][0].as_str();
    assert_eq!(Operator::outside(&server).log_in(ADMIN, PASSWORD, new).status, 200);
}
