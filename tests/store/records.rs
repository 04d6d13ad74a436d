//! Every version of every stored record stays readable. `samples/KIND_vN.json` holds one of each: a sample is added with
//! a version, and never changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use orrery::store::record::{
    AccountRecord, AuditRecord, OperatorRecord, PlayerRecord, SnapshotRecord, TransferRecord, WorldRecord,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::console::{entry, operator, snapshot};
use crate::world::{account, player, player_id, transfer, world};

fn samples() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/samples");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
    };
    paths.map(read).collect()
}

/// Reads a sample and writes it back without loss; what has come to be stored since may be there besides.
fn check<T: DeserializeOwned + Serialize>(name: &str, sample: &Value) {
    let record: T = serde_json::from_value(sample.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let written = serde_json::to_value(&record).unwrap();
    assert!(has_all(&written, sample), "{name} was {sample} and became {written}");
}

fn has_all(written: &Value, sample: &Value) -> bool {
    match (written, sample) {
        (Value::Object(written), Value::Object(sample)) => {
            sample.iter().all(|(key, value)| written.get(key).is_some_and(|written| has_all(written, value)))
        }
        (Value::Array(written), Value::Array(sample)) => {
            written.len() == sample.len() && written.iter().zip(sample).all(|(written, value)| has_all(written, value))
        }
        _ => written == sample,
    }
}

#[test]
fn every_sample_is_read_and_loses_nothing() {
    for (name, sample) in samples() {
        match name.split_once('_').unwrap().0 {
            "account" => check::<AccountRecord>(&name, &sample),
            "audit" => check::<AuditRecord>(&name, &sample),
            "operator" => check::<OperatorRecord>(&name, &sample),
            "player" => check::<PlayerRecord>(&name, &sample),
            "snapshot" => check::<SnapshotRecord>(&name, &sample),
            "transfer" => check::<TransferRecord>(&name, &sample),
            "world" => check::<WorldRecord>(&name, &sample),
            kind => panic!("{name}: no record is called {kind}"),
        }
    }
}

#[test]
fn every_version_that_is_written_has_a_sample() {
    let known: BTreeSet<String> = samples().into_iter().map(|(name, _)| name).collect();
    let written = [
        ("account", serde_json::to_value(account(1, "Ada").record).unwrap()),
        ("audit", serde_json::to_value(AuditRecord::from(&entry(1, 1, "ban", "player:a", Some(1)))).unwrap()),
        ("operator", serde_json::to_value(operator(1, "Ada").record).unwrap()),
        ("player", serde_json::to_value(player(1, 1).record).unwrap()),
        ("snapshot", serde_json::to_value(SnapshotRecord::from(&snapshot(1, 1))).unwrap()),
        ("transfer", serde_json::to_value(transfer(1, player_id(1)).record).unwrap()),
        ("world", serde_json::to_value(world(1).record).unwrap()),
    ];
    for (kind, record) in written {
        let name = format!("{kind}_v{}", record["v"].as_str().unwrap());
        assert!(known.contains(&name), "samples/{name}.json is missing; it could be {record}");
    }
}
