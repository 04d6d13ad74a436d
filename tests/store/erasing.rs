//! What a player has said is found by who has said it, and erased with the player.

use orrery::store::{Erasure, Heard, Log, LogRow, SnapshotRow, Spoken, Write};
use orrery_core::types::{Millis, PlayerId};
use serde_json::{Value, json};

use crate::backend::{Backend, on_every_backend};
use crate::world::*;

on_every_backend![
    lines_are_found_by_their_speaker_newest_first_page_by_page,
    what_two_say_to_one_another_is_left_out_when_it_is_not_asked_for,
    an_erased_players_words_are_gone_and_nobody_elses,
];

fn row(log: Log, stream: &str, seq: u64, doc: Value) -> Write {
    Write::Log(LogRow { log, stream: stream.to_owned(), seq, at: Millis(1_000 + seq / 2), doc })
}

fn said(player: PlayerId, text: &str) -> Value {
    json!({ "player": player, "name": "Ada", "text": text, "seq": 1, "at_ms": 1 })
}

fn nothing(player: PlayerId) -> Value {
    json!({ "player": player, "name": "(erased)", "text": "", "seq": 1, "at_ms": 1 })
}

async fn lines_are_found_by_their_speaker_newest_first_page_by_page(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let (ada, bob) = (player_id(1), player_id(2));
    let mut commit = Vec::new();
    for seq in 1..=6 {
        commit.push(row(Log::Chat, "sector:sol", seq, said(if seq % 3 == 0 { bob } else { ada }, "o7")));
        commit.push(row(Log::Chat, "guild:x", seq, said(ada, "hi")));
    }
    owner.write(vec![commit]).await;
    let mut all: Vec<(Millis, u64, String)> = Vec::new();
    loop {
        let before = all.last().map(|(at, seq, stream)| Spoken { at: *at, seq: *seq, stream: stream.clone() });
        let page = owner.store.lines_of(ada, Heard::All, before, 3).await.unwrap();
        assert!(page.iter().all(|line| line.doc["player"] == ada.to_string()));
        if page.is_empty() {
            break;
        }
        all.extend(page.into_iter().map(|line| (line.at, line.seq, line.stream)));
    }
    assert_eq!(all.len(), 10);
    assert!(all.is_sorted_by(|a, b| a > b), "{all:?}");
}

async fn what_two_say_to_one_another_is_left_out_when_it_is_not_asked_for(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let ada = player_id(1);
    let stream = |seq: u64| if seq.is_multiple_of(2) { "direct:a:b" } else { "sector:sol" };
    owner.write(vec![(1..=12).map(|seq| row(Log::Chat, stream(seq), seq, said(ada, "hi"))).collect()]).await;
    let mut all: Vec<LogRow> = Vec::new();
    while all.len() < 6 {
        let before = all.last().map(|line| Spoken { at: line.at, seq: line.seq, stream: line.stream.clone() });
        let page = owner.store.lines_of(ada, Heard::Public, before, 4).await.unwrap();
        assert_eq!(page.len(), if all.is_empty() { 4 } else { 2 }, "a page is as long as it may be");
        all.extend(page);
    }
    assert!(all.iter().all(|line| line.stream == "sector:sol"), "{all:?}");
    assert_eq!(owner.store.lines_of(ada, Heard::All, None, 20).await.unwrap().len(), 12);
}

async fn an_erased_players_words_are_gone_and_nobody_elses(backend: &dyn Backend) {
    let mut owner = Owner::of(backend.process()).await;
    let (ada, bob) = (player_id(1), player_id(2));
    let report = |by: PlayerId, about: PlayerId| {
        let before = [said(about, "one"), said(by, "two")];
        json!({ "by": by, "by_name": "Ada", "line": said(about, "spam"), "before": before, "reason": "rude" })
    };
    let rank = |player: PlayerId| json!({ "v": "1", "player": player, "name": "Ada", "score": 7, "participants": 2 });
    let snapshot = |id: u128, at: u64| {
        let record = player(1, 1).record;
        Write::Snapshot(SnapshotRow { player: player_id(id), at: Millis(at), account_name: "Ada".to_owned(), record })
    };
    let before = vec![
        row(Log::Chat, "sector:sol", 1, said(ada, "spam")),
        row(Log::Chat, "sector:sol", 2, said(bob, "fine")),
        row(Log::Report, "all", 1, report(bob, ada)),
        row(Log::Report, "all", 2, report(ada, bob)),
        row(Log::Season, "1:wealth", 1, rank(ada)),
        row(Log::Season, "1:wealth", 2, rank(bob)),
        row(Log::Notification, &ada.to_string(), 1, json!({ "given": {} })),
        row(Log::Notification, &bob.to_string(), 1, json!({ "given": {} })),
        snapshot(1, 5),
        snapshot(2, 5),
    ];
    owner.write(vec![before]).await;
    let spam = (1..=1_100).map(|seq| row(Log::Chat, "guild:x", seq, said(ada, "spam"))).collect();
    owner.write(vec![spam]).await;
    let (mut erasure, mut pieces) = (Erasure::of(ada), Vec::new());
    while let Some(piece) = erasure.next(&*owner.store).await.unwrap() {
        pieces.push(piece.len());
        owner.write(vec![piece]).await;
    }
    assert!(pieces.iter().all(|rows| *rows <= 500), "{pieces:?}");
    let mut again = Erasure::of(ada);
    while let Some(piece) = again.next(&*owner.store).await.unwrap() {
        assert_eq!(piece, [], "it is all gone");
    }

    let store = &owner.store;
    let read = async |log: Log, stream: &str| {
        let rows = store.read_log_up(log, stream, 0, 10).await.unwrap();
        rows.into_iter().map(|row| row.doc).collect::<Vec<_>>()
    };
    let chat = read(Log::Chat, "sector:sol").await;
    assert_eq!(chat.iter().map(|line| line["text"].as_str().unwrap()).collect::<Vec<_>>(), ["", "fine"]);
    assert_eq!((chat[0]["name"].as_str(), chat[0]["player"].as_str()), (Some("(erased)"), Some(&*ada.to_string())));
    assert_eq!(chat[1], said(bob, "fine"));
    let reports = read(Log::Report, "all").await;
    assert_eq!((&reports[0]["line"]["text"], &reports[0]["reason"]), (&json!(""), &json!("rude")));
    assert_eq!((&reports[1]["line"]["text"], &reports[1]["reason"]), (&json!("spam"), &json!("")));
    let names = |at: usize, path: &str| reports[at].pointer(path).unwrap().clone();
    assert_eq!((names(0, "/by_name"), names(1, "/by_name")), (json!("Ada"), json!("(erased)")));
    assert_eq!(reports[0]["before"], json!([nothing(ada), said(bob, "two")]));
    assert_eq!(reports[1]["before"], json!([said(bob, "one"), nothing(ada)]));
    assert!(read(Log::Chat, "guild:x").await.iter().all(|line| *line == nothing(ada)));
    let ranks = read(Log::Season, "1:wealth").await;
    assert_eq!((&ranks[0]["name"], &ranks[1]["name"]), (&json!("(erased)"), &json!("Ada")));
    assert_eq!(ranks[0]["score"], 7);
    assert_eq!(read(Log::Notification, &ada.to_string()).await.len(), 0);
    assert_eq!(read(Log::Notification, &bob.to_string()).await.len(), 1);
    assert!(store.snapshot_at(ada, Millis(u64::MAX)).await.unwrap().is_none());
    assert!(store.snapshot_at(bob, Millis(u64::MAX)).await.unwrap().is_some());
}
