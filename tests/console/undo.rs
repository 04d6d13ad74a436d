//! The audit log, and taking back what was done.

use serde_json::json;

use crate::operator::{Operator, REASON, server};

#[test]
fn a_change_is_told_with_its_reason_and_taken_back_once() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let bob = admin.make("Bob", "viewer").well();
    let target = format!("operator:{}", bob["id"].as_str().unwrap());
    let seq = admin.change("Bob", &json!({ "kind": "role", "role": "moderator" })).well()["audit"].as_u64().unwrap();
    let entry = admin.get(&format!("/audit/{seq}")).well();
    assert_eq!((entry["action"].as_str(), entry["target"].as_str()), (Some("operator_change"), Some(target.as_str())));
    assert_eq!((entry["reason"].as_str(), entry["by"]["name"].as_str()), (Some(REASON), Some("Ada")));
    assert_eq!((&entry["before"], &entry["after"]), (&json!({ "role": "viewer" }), &json!({ "role": "moderator" })));

    let undo = |body| admin.post(&format!("/audit/{seq}/undo"), &body);
    assert_eq!(undo(json!({})).problem().0, 400);
    let tried = undo(json!({ "reason": "a mistake", "dry_run": true })).well();
    assert_eq!((tried["dry_run"].as_bool(), &tried["after"]), (Some(true), &json!({ "role": "viewer" })));
    assert_eq!(admin.account("Bob")["role"], "moderator");
    let undone = undo(json!({ "reason": "a mistake" })).well()["audit"].as_u64().unwrap();
    assert_eq!(admin.account("Bob")["role"], "viewer");
    assert_eq!(admin.get(&format!("/audit/{undone}")).well()["undoes"], seq);
    assert_eq!(admin.get(&format!("/audit/{seq}")).well()["undone_by"], undone);
    assert_eq!(undo(json!({ "reason": "again" })).problem(), (409, "already_undone".to_owned()));

    let log_in = admin.get("/audit?action=log_in").well()["items"][0]["seq"].as_u64().unwrap();
    let never = admin.post(&format!("/audit/{log_in}/undo"), &json!({ "reason": "a mistake" }));
    assert_eq!(never.problem(), (409, "cannot_be_undone".to_owned()));
    for path in ["/audit/0", "/audit/99999", "/audit/x", "/audit/18446744073709551615"] {
        assert_eq!(admin.get(path).problem(), (404, "unknown_entry".to_owned()), "{path}");
    }
}

#[test]
fn many_undo_the_same_at_once_and_one_does() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    admin.make("Bob", "viewer").well();
    let seq = admin.change("Bob", &json!({ "kind": "role", "role": "moderator" })).well()["audit"].as_u64().unwrap();
    let path = format!("/audit/{seq}/undo");
    let all = std::thread::scope(|scope| {
        let undo = || admin.post(&path, &json!({ "reason": "a mistake" })).status;
        let racing: Vec<_> = (0..8).map(|_| scope.spawn(undo)).collect();
        racing.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 1, "{all:?}");
    assert_eq!(all.iter().filter(|status| **status == 409).count(), 7, "{all:?}");
}

#[test]
fn the_log_is_read_page_by_page_and_only_by_admins_undone_where_admins_are_needed() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    for name in ["One", "Two", "Three"] {
        admin.make(name, "viewer").well();
    }
    let first = admin.get("/audit?action=operator_create&limit=2").well();
    let cursor = first["next_cursor"].as_u64().unwrap();
    let second = admin.get(&format!("/audit?action=operator_create&limit=2&cursor={cursor}")).well();
    let names = |page: &serde_json::Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|l| l["target_name"].as_str().unwrap().to_owned()).collect()
    };
    // The first admin was made by the settings.
    assert_eq!((names(&first), names(&second)), (vec!["Three".into(), "Two".into()], vec!["One".into(), "Ada".into()]));
    assert!(second["next_cursor"].is_null());
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let seq = first["items"][0]["seq"].as_u64().unwrap();
    let refused = moderator.post(&format!("/audit/{seq}/undo"), &json!({ "reason": "a mistake" }));
    assert_eq!(refused.problem(), (403, "not_allowed".to_owned()));
    for wrong in ["limit=0", "limit=101", "cursor=x", "operator=x", "color=red"] {
        assert_eq!(admin.get(&format!("/audit?{wrong}")).problem().0, 400, "{wrong}");
    }
}
