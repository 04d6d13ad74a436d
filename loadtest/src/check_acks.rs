//! `loadtest check-acks`: compares what a server acknowledged before it was killed with what its store holds after.
//!
//! The rules: every command answered `ok` is applied, and applied once; a refused one is not; one without an answer
//! may be either, but is whole or not at all; wallet, hold and storage are what the ledger adds up to, and what the
//! start and the applied commands add up to where these tell all (what others bought or gave is for `orrery audit`); no
//! transfer arrives twice, no object is collected by two, and each mission's reward is paid to each participant once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use orrery_core::types::{CommandId, ItemKey, ObjectId, PlayerId, TransferId};
use serde::Deserialize;
use serde_json::Value;

use crate::account::{Effect, effect_of, tells_its_effect};
use crate::acks::{Line, May, SentCommand, Start};

/// What `orrery export --json` prints, as far as it is compared.
#[derive(Clone, Debug, Deserialize)]
pub struct Export {
    /// Every player.
    pub players: Vec<ExportedPlayer>,
    /// Transfers under way.
    #[serde(default)]
    pub outbox: Vec<TransferId>,
    /// The parts of markets, missions and guilds: `table/owner/id` to document.
    #[serde(default)]
    pub parts: BTreeMap<String, Value>,
}

/// One player of an export.
#[derive(Clone, Debug, Deserialize)]
pub struct ExportedPlayer {
    /// Who.
    pub player: PlayerId,
    /// The wallet.
    pub credits: i64,
    /// The hold.
    pub goods: BTreeMap<ItemKey, i64>,
    /// What is stored at hubs.
    #[serde(default)]
    pub storage: BTreeMap<String, BTreeMap<ItemKey, i64>>,
    /// The sum of the ledger's credits.
    pub ledger_credits: i64,
    /// The sums of the ledger's goods.
    pub ledger_goods: BTreeMap<ItemKey, i64>,
    /// The commands that were applied.
    pub commands: Vec<CommandId>,
    /// The transfers that arrived.
    pub transfers: Vec<TransferId>,
}

impl ExportedPlayer {
    /// Hold and storage together.
    fn everything(&self) -> BTreeMap<ItemKey, i64> {
        let mut all = self.goods.clone();
        for (item, quantity) in self.storage.values().flatten() {
            *all.entry(item.clone()).or_default() += quantity;
        }
        all
    }
}

/// What was compared, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Players in the log.
    pub players: usize,
    /// Commands answered `ok`.
    pub acknowledged: usize,
    /// Commands refused.
    pub refused: usize,
    /// Commands without a definite answer.
    pub unanswered: usize,
    /// Of these, the ones that were applied.
    pub unanswered_applied: usize,
    /// Players whose sums could be told from the log alone.
    pub summed: usize,
    /// Rewards of missions that were found paid once.
    pub rewards: usize,
    /// One sentence each.
    pub differences: Vec<String>,
}

/// Compares a log (its whole text) with an export.
///
/// # Errors
/// A line of the log that cannot be read; the last one may be cut off.
pub fn check(log: &str, export: &Export) -> Result<Outcome, String> {
    let players = read_log(log)?;
    let mut outcome = Outcome { players: players.len(), ..Outcome::default() };
    check_export(export, &mut outcome.differences);
    outcome.rewards = check_rewards(export, &mut outcome.differences);
    check_objects(&players, &mut outcome.differences);
    let exported: HashMap<PlayerId, &ExportedPlayer> =
        export.players.iter().map(|player| (player.player, player)).collect();
    for (player, logged) in &players {
        match exported.get(player) {
            Some(stored) => check_player(logged, stored, &mut outcome),
            None => outcome.differences.push(format!("player {player} is in the log but not in the export")),
        }
    }
    Ok(outcome)
}

#[derive(Debug, Default)]
struct Logged {
    start: Option<Start>,
    commands: BTreeMap<CommandId, LoggedCommand>,
}

#[derive(Debug)]
struct LoggedCommand {
    command: SentCommand,
    may: Option<May>,
    answer: Option<(bool, Value)>,
}

fn read_log(log: &str) -> Result<BTreeMap<PlayerId, Logged>, String> {
    let mut players: BTreeMap<PlayerId, Logged> = BTreeMap::new();
    let count = log.lines().count();
    for (index, text) in log.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        match serde_json::from_str(text) {
            Ok(line) => read_line(&mut players, line).map_err(|why| format!("line {}: {why}", index + 1))?,
            // The swarm itself may have been killed in the middle of a line.
            Err(_) if index + 1 == count && !log.ends_with('\n') => {}
            Err(error) => return Err(format!("line {}: {error}", index + 1)),
        }
    }
    Ok(players)
}

fn read_line(players: &mut BTreeMap<PlayerId, Logged>, line: Line) -> Result<(), String> {
    match line {
        Line::Start { player, start } => {
            players.entry(player).or_default().start.get_or_insert(start);
        }
        Line::Sent { player, id, command, may, .. } => {
            // A repeat of the same id is the same command.
            let logged = LoggedCommand { command, may, answer: None };
            players.entry(player).or_default().commands.entry(id).or_insert(logged);
        }
        Line::Answered { player, id, ok, answer } => {
            let logged = players.get_mut(&player).and_then(|logged| logged.commands.get_mut(&id));
            let logged = logged.ok_or_else(|| format!("an answer to command {id}, which was never sent"))?;
            if ok || !outcome_unknown(&answer) {
                logged.answer = Some((ok, answer));
            }
        }
    }
    Ok(())
}

/// Whether an error leaves open if the command took effect.
#[must_use]
pub fn outcome_unknown(error: &Value) -> bool {
    matches!(error["code"].as_str(), Some("storage_unavailable" | "internal"))
}

fn check_export(export: &Export, differences: &mut Vec<String>) {
    let mut receivers: HashMap<&TransferId, PlayerId> = HashMap::new();
    for stored in &export.players {
        let player = stored.player;
        if stored.credits != stored.ledger_credits {
            differences.push(format!(
                "player {player} has {} credits, but the ledger adds up to {}",
                stored.credits, stored.ledger_credits
            ));
        }
        let goods = stored.everything();
        if without_zeros(&goods) != without_zeros(&stored.ledger_goods) {
            differences.push(format!(
                "player {player} has goods {goods:?}, but the ledger adds up to {:?}",
                stored.ledger_goods
            ));
        }
        for transfer in &stored.transfers {
            if let Some(other) = receivers.insert(transfer, player) {
                differences.push(format!("transfer {transfer} arrived twice: at {other} and at {player}"));
            }
        }
    }
}

/// Every participant whose reward is noted has it, or will: exactly one transfer each. Returns how many.
fn check_rewards(export: &Export, differences: &mut Vec<String>) -> usize {
    let mut due = BTreeSet::new();
    for (key, participant) in export.parts.iter().filter(|(_, part)| part["reward"].as_u64() > Some(0)) {
        let Some((mission, player)) = key.strip_prefix("participant/").and_then(|key| key.rsplit_once('/')) else {
            continue;
        };
        due.insert(format!("reward-{mission}-{}", player.replace('-', "")));
        if participant["score"].as_u64() == Some(0) {
            differences.push(format!("{player} was paid for nothing by {mission}"));
        }
    }
    let arrived = export.players.iter().flat_map(|player| &player.transfers);
    let mut paid: BTreeMap<&str, usize> = BTreeMap::new();
    for transfer in arrived.chain(&export.outbox).filter(|transfer| transfer.as_str().starts_with("reward-")) {
        *paid.entry(transfer.as_str()).or_default() += 1;
    }
    for reward in &due {
        match paid.remove(reward.as_str()) {
            Some(1) => {}
            times => differences.push(format!("{reward} was paid {} times", times.unwrap_or(0))),
        }
    }
    due.len()
}

fn without_zeros(goods: &BTreeMap<ItemKey, i64>) -> BTreeMap<&ItemKey, i64> {
    goods.iter().filter(|(_, quantity)| **quantity != 0).map(|(item, quantity)| (item, *quantity)).collect()
}

fn check_objects(players: &BTreeMap<PlayerId, Logged>, differences: &mut Vec<String>) {
    let mut collectors: HashMap<ObjectId, (PlayerId, CommandId)> = HashMap::new();
    for (player, logged) in players {
        for (id, command) in logged.commands.iter().filter(|(_, command)| command.command.kind == "collect") {
            let Some((true, answer)) = &command.answer else { continue };
            let Some(object) = answer["object"].as_u64().map(ObjectId) else { continue };
            if let Some((other, other_id)) = collectors.insert(object, (*player, *id)) {
                differences.push(format!(
                    "object {object} was collected twice: by {other} (command {other_id}) and by {player} (command \
                     {id})"
                ));
            }
        }
    }
}

fn check_player(logged: &Logged, stored: &ExportedPlayer, outcome: &mut Outcome) {
    let player = stored.player;
    let mut applied = BTreeSet::new();
    for id in &stored.commands {
        if !applied.insert(*id) {
            outcome.differences.push(format!("command {id} of player {player} was applied twice"));
        }
        if !logged.commands.contains_key(id) && logged.start.is_some() {
            outcome.differences.push(format!("command {id} of player {player} was applied, but never sent"));
        }
    }
    let mut sum = Sum::default();
    for (id, command) in &logged.commands {
        check_command(*id, command, stored, applied.contains(id), &mut sum, outcome);
    }
    let from_others = |transfer: &TransferId| !transfer.as_str().starts_with("collect-");
    sum.untold |= stored.transfers.iter().any(from_others);
    if let Some(start) = logged.start.as_ref().filter(|_| !sum.untold) {
        outcome.summed += 1;
        sum.compare(start, stored, &mut outcome.differences);
    }
}

fn check_command(
    id: CommandId,
    command: &LoggedCommand,
    stored: &ExportedPlayer,
    applied: bool,
    sum: &mut Sum,
    outcome: &mut Outcome,
) {
    let (player, kind) = (stored.player, &command.command.kind);
    match &command.answer {
        Some((true, answer)) => {
            outcome.acknowledged += 1;
            if !applied {
                outcome.differences.push(format!("{kind} {id} of player {player} was acknowledged, but is lost"));
            }
            let transfer = answer["transfer"].as_str();
            if transfer.is_some_and(|transfer| !stored.transfers.iter().any(|known| known.as_str() == transfer)) {
                outcome.differences.push(format!("the transfer of {kind} {id} of player {player} is lost"));
            }
            sum.untold |= !tells_its_effect(kind);
            match effect_of(kind, answer) {
                Ok(effect) => sum.add(&effect),
                Err(why) => outcome.differences.push(format!("command {id} of player {player}: {why}")),
            }
        }
        Some((false, _)) => {
            outcome.refused += 1;
            if applied {
                outcome.differences.push(format!("{kind} {id} of player {player} was refused, but is applied"));
            }
        }
        None => {
            outcome.unanswered += 1;
            // Another actor may be deciding it: what it takes along has left the player already.
            sum.untold |= !tells_its_effect(kind);
            if applied {
                outcome.unanswered_applied += 1;
                sum.add_unknown(kind, command.may.as_ref());
            }
        }
    }
}

/// What the applied commands add up to: between a smallest and a largest sum, because some amounts are unknown.
#[derive(Debug, Default)]
struct Sum {
    credits: [i64; 2],
    goods: BTreeMap<ItemKey, [i64; 2]>,
    unknown_goods: bool,
    unknown_credits: bool,
    /// Something else than the log's answers had a part in it.
    untold: bool,
}

impl Sum {
    fn add(&mut self, effect: &Effect) {
        widen(&mut self.credits, [effect.credits; 2]);
        if let Some((item, change)) = &effect.goods {
            widen(self.goods.entry(item.clone()).or_default(), [*change; 2]);
        }
    }

    fn add_unknown(&mut self, kind: &str, may: Option<&May>) {
        let Some(may) = may else {
            self.untold |= !tells_its_effect(kind);
            self.unknown_goods |= matches!(kind, "collect" | "sell" | "supply");
            self.unknown_credits |= kind != "collect";
            return;
        };
        widen(&mut self.credits, may.credits);
        if let Some((item, change)) = &may.goods {
            widen(self.goods.entry(item.clone()).or_default(), *change);
        }
    }

    fn compare(&self, start: &Start, stored: &ExportedPlayer, differences: &mut Vec<String>) {
        let player = stored.player;
        let [low, high] = self.credits.map(|change| start.credits + change);
        if !self.unknown_credits && !(low..=high).contains(&stored.credits) {
            differences.push(format!(
                "player {player} has {} credits, but start and applied commands add up to {low} to {high}",
                stored.credits
            ));
        }
        let everything = stored.everything();
        let items: BTreeSet<&ItemKey> = start.goods.keys().chain(self.goods.keys()).chain(everything.keys()).collect();
        for item in items.into_iter().filter(|_| !self.unknown_goods) {
            let begun = start.goods.get(item).copied().unwrap_or(0);
            let [low, high] = self.goods.get(item).copied().unwrap_or_default().map(|change| begun + change);
            let there = everything.get(item).copied().unwrap_or(0);
            if !(low..=high).contains(&there) {
                differences.push(format!(
                    "player {player} has {there} of {item}, but start and applied commands add up to {low} to {high}"
                ));
            }
        }
    }
}

fn widen(range: &mut [i64; 2], by: [i64; 2]) {
    range[0] += by[0];
    range[1] += by[1];
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const A: &str = "00000000-0000-7000-8000-00000000000a";
    const B: &str = "00000000-0000-7000-8000-00000000000b";

    /// A: starts with 10, collects 3 ore (acknowledged), sells 2 for 14 (acknowledged), collects again (no answer),
    /// is refused a sale.
    fn log() -> String {
        [
            json!({"player": A, "start": {"credits": 10, "goods": {}}}),
            json!({"player": A, "id": 1, "command": {"type": "collect", "body": {"object": 7}}, "sent_ms": 1}),
            json!({"player": A, "id": 1, "ok": true,
                   "answer": {"object": 7, "item": "ore", "quantity": 3, "transfer": "collect-7"}}),
            json!({"player": A, "id": 2, "command": {"type": "sell", "body": {}}, "sent_ms": 2}),
            json!({"player": A, "id": 2, "ok": true,
                   "answer": {"hub": "sol_hub", "item": "ore", "quantity": 2, "paid": 14, "balance": 24}}),
            json!({"player": A, "id": 3, "command": {"type": "collect", "body": {"object": 8}}, "sent_ms": 3,
                   "may": {"credits": [0, 0], "goods": ["ore", [1, 4]]}}),
            json!({"player": A, "id": 4, "command": {"type": "sell", "body": {}}, "sent_ms": 4}),
            json!({"player": A, "id": 4, "ok": false, "answer": {"code": "not_enough_goods", "message": ""}}),
        ]
        .map(|line| format!("{line}\n"))
        .concat()
    }

    fn export(credits: i64, ore: i64, commands: &[u64], transfers: &[&str]) -> Export {
        serde_json::from_value(json!({
            "epoch": 1, "batch": 9, "objects": 5, "outbox": [],
            "players": [{
                "player": A, "name": "Ada", "credits": credits, "goods": {"ore": ore}, "known": [], "researching": null,
                "ledger_credits": credits, "ledger_goods": {"ore": ore}, "commands": commands, "transfers": transfers
            }]
        }))
        .unwrap()
    }

    fn differences(export: &Export) -> Vec<String> {
        check(&log(), export).unwrap().differences
    }

    #[test]
    fn a_store_that_kept_its_word_passes_with_and_without_the_unanswered_command() {
        assert_eq!(differences(&export(24, 1, &[1, 2], &["collect-7"])), Vec::<String>::new());
        let with = check(&log(), &export(24, 5, &[1, 2, 3], &["collect-7", "collect-8"])).unwrap();
        let expected = Outcome {
            players: 1,
            acknowledged: 2,
            refused: 1,
            unanswered: 1,
            unanswered_applied: 1,
            summed: 1,
            rewards: 0,
            differences: vec![],
        };
        assert_eq!(with, expected);
    }

    #[test]
    fn each_broken_promise_is_a_difference() {
        let cases = [
            (export(10, 3, &[1], &["collect-7"]), "acknowledged, but is lost"),
            (export(24, 1, &[1, 1, 2], &["collect-7"]), "applied twice"),
            (export(24, 1, &[1, 2, 4], &["collect-7"]), "refused, but is applied"),
            (export(24, 1, &[1, 2, 9], &["collect-7"]), "never sent"),
            (export(24, 1, &[1, 2], &[]), "transfer of collect 1"),
            (export(24, 1, &[1, 2], &["collect-7", "collect-7"]), "arrived twice"),
            (export(25, 1, &[1, 2], &["collect-7"]), "has 25 credits"),
            (export(24, 4, &[1, 2], &["collect-7"]), "has 4 of ore"),
            (export(24, 1, &[1, 2, 3], &["collect-7", "collect-8"]), "has 1 of ore"),
            (export(24, 6, &[1, 2, 3], &["collect-7", "collect-8"]), "has 6 of ore"),
        ];
        for (export, expected) in cases {
            let found = differences(&export);
            assert!(found.iter().any(|difference| difference.contains(expected)), "{expected}: {found:?}");
        }
    }

    #[test]
    fn goods_in_storage_count_and_what_others_sent_is_not_summed() {
        let mut moved = export(24, 0, &[1, 2], &["collect-7"]);
        let ore = ItemKey::parse("ore").unwrap();
        moved.players[0].storage.insert("sol_hub".to_owned(), BTreeMap::from([(ore.clone(), 1)]));
        moved.players[0].ledger_goods.insert(ore, 1);
        assert_eq!(differences(&moved), Vec::<String>::new());
        let given = check(&log(), &export(99, 1, &[1, 2], &["collect-7", "ask-b-1"])).unwrap();
        assert_eq!((given.differences, given.summed), (vec![], 0));
    }

    #[test]
    fn a_reward_is_paid_once() {
        let reward = format!("reward-mission:rush_1-{}", A.replace('-', ""));
        let participant = json!({"v": "1", "name": "Ada", "score": 5, "since": 1, "reward": 9});
        let noted = |transfers: &[&str]| {
            let mut export = export(24, 1, &[1, 2], &[&["collect-7"], transfers].concat());
            export.parts.insert(format!("participant/mission:rush_1/{A}"), participant.clone());
            export
        };
        assert_eq!(check(&log(), &noted(&[&reward])).unwrap().rewards, 1);
        assert_eq!(differences(&noted(&[&reward])), Vec::<String>::new());
        assert!(differences(&noted(&[]))[0].contains("paid 0 times"));
        let mut twice = noted(&[&reward]);
        twice.outbox = vec![TransferId::from_stored(reward.clone())];
        assert!(differences(&twice)[0].contains("paid 2 times"));
    }

    #[test]
    fn wallet_and_ledger_must_agree() {
        let mut export = export(24, 1, &[1, 2], &["collect-7"]);
        export.players[0].ledger_credits = 23;
        export.players[0].ledger_goods.clear();
        assert_eq!(differences(&export).len(), 2);
    }

    #[test]
    fn an_object_has_one_collector_and_a_missing_player_is_noticed() {
        let answer = json!({"object": 7, "item": "ore", "quantity": 3, "transfer": "collect-7"});
        let second = [
            json!({"player": B, "id": 1, "command": {"type": "collect", "body": {"object": 7}}, "sent_ms": 1}),
            json!({"player": B, "id": 1, "ok": true, "answer": answer}),
        ];
        let log = log() + &second.map(|line| format!("{line}\n")).concat();
        let found = check(&log, &export(24, 1, &[1, 2], &["collect-7"])).unwrap().differences;
        assert!(found.iter().any(|difference| difference.contains("collected twice")), "{found:?}");
        assert!(found.iter().any(|difference| difference.contains("not in the export")), "{found:?}");
    }

    #[test]
    fn an_unknown_outcome_is_no_answer_and_a_cut_last_line_is_forgiven() {
        let unknown = json!({"player": A, "id": 3, "ok": false, "answer": {"code": "storage_unavailable"}});
        let text = format!("{}{unknown}\n{{\"player\":", log());
        let outcome = check(&text, &export(24, 5, &[1, 2, 3], &["collect-7", "collect-8"])).unwrap();
        assert_eq!((outcome.unanswered, outcome.differences.len()), (1, 0));
        assert!(check("nonsense\n", &export(0, 0, &[], &[])).unwrap_err().starts_with("line 1"));
    }
}
