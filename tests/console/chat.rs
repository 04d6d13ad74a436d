//! What is said, as operators read it; and the queue of reports.

use serde_json::{Value, json};

use crate::operator::{Answer, Operator, REASON, server};
use crate::support::{Player, command};

fn say(player: &mut Player, channel: &Value, text: &str) -> u64 {
    let said = player.command(command::deal("say", json!({ "channel": channel, "text": text }))).unwrap();
    said["seq"].as_u64().unwrap()
}

fn texts(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn channels_are_listed_followed_and_read_back() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let viewer = Operator::with_role(&server, &admin, "viewer");
    let (mut ada, bob) = (Player::guest(&server), Player::guest(&server));
    let sector = json!("sector");
    let seqs: Vec<u64> = ["one", "two", "three"].map(|text| say(&mut ada, &sector, text)).to_vec();
    let direct = json!({ "direct": bob.welcome.player });
    say(&mut ada, &direct, "a secret");

    let channels = viewer.get("/chat").well();
    let channels = channels["items"].as_array().unwrap();
    let sol = channels.iter().find(|channel| channel["stream"] == "sector:sol").unwrap();
    assert_eq!((&sol["kind"], &sol["lines"], &sol["listeners"]), (&json!("sector"), &json!(seqs[2]), &json!(2)));
    assert!(channels.iter().all(|channel| channel["kind"] != "direct"), "what two say is not for everybody");
    let tail = viewer.get(&format!("/chat/sector%3Asol?after={}", seqs[0])).well();
    assert_eq!(texts(&tail), ["two", "three"]);
    let newest = viewer.get("/chat/sector:sol?limit=2").well();
    assert_eq!(texts(&newest), ["three", "two"]);
    let older = viewer.get(&format!("/chat/sector:sol?limit=2&before={}", newest["next_cursor"])).well();
    assert_eq!(texts(&older), ["one"]);

    let everything = admin.get("/chat").well();
    let two = everything["items"].as_array().unwrap().iter().find(|channel| channel["kind"] == "direct").unwrap();
    let path = format!("/chat/{}", two["stream"].as_str().unwrap());
    assert_eq!(viewer.get(&path).problem(), (403, "not_allowed".to_owned()));
    assert_eq!(texts(&admin.get(&path).well()), ["a secret"]);
    for wrong in ["/chat/sector:nowhere", "/chat/nothing", "/chat/guild:x"] {
        assert_eq!(admin.get(wrong).problem().0, 404, "{wrong}");
    }
    assert_eq!(admin.get("/chat/sector:sol?after=1&before=2").problem().0, 400);
}

fn resolve(operator: &Operator, seq: &Value, change: Value, version: &Value) -> Answer {
    let body = json!({ "change": change, "reason": REASON });
    let request = operator.request("POST", &format!("/reports/{seq}/changes")).json(&body);
    Operator::send(request.header("if-match", format!("\"{version}\"")))
}

#[test]
fn reports_wait_with_their_lines_until_somebody_decides_and_survive_a_crash() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    let sector = json!("sector");
    say(&mut bob, &sector, "hello");
    let bad = say(&mut ada, &sector, "go away");
    let report = json!({ "channel": "sector", "seq": bad, "reason": "rude" });
    bob.command(command::deal("report", report.clone())).unwrap();
    bob.command(command::deal("report", report)).unwrap();

    let open = moderator.get("/reports?state=open").well();
    assert_eq!(open["items"].as_array().unwrap().len(), 2);
    let first = &open["items"][1];
    assert_eq!((&first["text"], &first["state"], &first["version"]), (&json!("rude"), &json!("open"), &json!(0)));
    let lines: Vec<&Value> = first["lines"].as_array().unwrap().iter().map(|line| &line["text"]).collect();
    assert_eq!(lines, ["hello", "go away"]);
    assert_eq!((&first["about"]["name"], &first["by"]["name"]), (&json!(ada.welcome.name), &json!(bob.welcome.name)));
    let (seq, none) = (first["seq"].clone(), json!(0));
    let close = json!({ "kind": "close", "resolution": "warned" });
    let closed = resolve(&moderator, &seq, close.clone(), &none).well();
    assert_eq!(closed["after"], json!({ "state": "closed", "resolution": "warned" }));
    assert_eq!(resolve(&moderator, &seq, close.clone(), &none).problem(), (412, "version_conflict".to_owned()));
    assert_eq!(resolve(&moderator, &seq, close, &json!(1)).problem(), (409, "committed".to_owned()));
    assert_eq!(resolve(&moderator, &json!(999), json!({ "kind": "reopen" }), &none).problem().0, 404);

    let server = server.crash_and_start();
    let admin = Operator::admin(&server);
    assert_eq!(admin.get("/reports?state=open").well()["items"].as_array().unwrap().len(), 1);
    let closed_ones = admin.get("/reports?state=closed").well();
    let kept = &closed_ones["items"][0];
    assert_eq!(
        (&kept["seq"], &kept["resolution"], &kept["decided_by"]),
        (&seq, &json!("warned"), &json!("The moderator"))
    );
    admin.post(&format!("/audit/{}/undo", closed["audit"]), &json!({ "reason": "a mistake" })).well();
    let again = admin.get(&format!("/reports/{seq}"));
    assert_eq!((again.header("etag"), &again.json()["state"]), ("\"2\"", &json!("open")));
}

#[test]
fn what_two_say_to_one_another_is_for_moderators_wherever_it_is_kept() {
    let server = server(&[]);
    let admin = Operator::admin(&server);
    let viewer = Operator::with_role(&server, &admin, "viewer");
    let moderator = Operator::with_role(&server, &admin, "moderator");
    let (mut ada, mut bob) = (Player::guest(&server), Player::guest(&server));
    let (to_ada, to_bob) = (json!({ "direct": ada.welcome.player }), json!({ "direct": bob.welcome.player }));
    for text in ["one", "two"] {
        say(&mut ada, &json!("sector"), text);
        say(&mut ada, &to_bob, "a secret");
    }
    let bad = say(&mut ada, &to_bob, "another secret");
    let report = json!({ "channel": to_ada, "seq": bad, "reason": "a secret reason" });
    let report = bob.command(command::deal("report", report)).unwrap()["report"].clone();

    let path = format!("/players/{}/chat", ada.welcome.player);
    let first = viewer.get(&format!("{path}?limit=1")).well();
    let cursor = first["next_cursor"].as_str().unwrap().to_owned();
    let second = viewer.get(&format!("{path}?limit=1&cursor={cursor}")).well();
    assert_eq!((texts(&first), texts(&second)), (vec!["two".to_owned()], vec!["one".to_owned()]));
    assert_eq!(second["next_cursor"], Value::Null);
    assert_eq!(texts(&moderator.get(&path).well()), ["another secret", "a secret", "two", "a secret", "one"]);
    assert_eq!(viewer.get(&format!("{path}?cursor=1-1-sector%00")).problem(), (400, "bad_request".to_owned()));

    for path in ["/reports".to_owned(), format!("/reports/{report}")] {
        let seen = viewer.get(&path);
        assert!(seen.status == 200 && !seen.text.contains("secret"), "{path}: {}", seen.text);
        let seen = moderator.get(&path);
        assert!(seen.text.contains("another secret") && seen.text.contains("a secret reason"), "{path}: {}", seen.text);
    }
}
