//! The audit log cannot be changed, not even by whoever holds the database.

use orrery::store::Write;
use orrery_core::types::{AuditEntry, By, Millis, OperatorId};
use serde_json::Value;
use uuid::Uuid;

use crate::backend::{Backend, Postgres, Sqlite};
use crate::world::*;

async fn with_two_lines(backend: &dyn Backend) -> Owner {
    let mut owner = Owner::of(backend.process()).await;
    let line = |seq| {
        let by = By { operator: OperatorId(Uuid::nil()), name: "root".to_owned(), address: "::1".to_owned() };
        Write::Audit(AuditEntry {
            seq,
            at_ms: Millis(1),
            by,
            action: "ban".to_owned(),
            target: "player:a".to_owned(),
            target_name: "Ada".to_owned(),
            reason: "spam".to_owned(),
            before: Value::Null,
            after: Value::Null,
            undo: None,
            undoes: None,
        })
    };
    owner.write(vec![vec![line(1), line(2)]]).await;
    owner
}

async fn is_untouched(owner: &Owner) {
    for seq in [1, 2] {
        assert_eq!(owner.store.audit_entry(seq).await.unwrap().unwrap().entry.action, "ban");
    }
}

const TAMPERING: [&str; 4] = [
    "UPDATE audit_log SET action = 'nothing'",
    "UPDATE audit_log SET seq = 9 WHERE seq = 1",
    "DELETE FROM audit_log WHERE seq = 2",
    "DELETE FROM audit_log",
];

#[tokio::test]
async fn sqlite_refuses_to_change_the_audit_log() {
    let Some(backend) = Sqlite::fresh().await else { return };
    let owner = with_two_lines(&backend).await;
    let connection = rusqlite::Connection::open(backend.path()).unwrap();
    let replace = "INSERT OR REPLACE INTO audit_log (seq, at_ms, operator, operator_name, action, target, doc)
        SELECT seq, at_ms, operator, operator_name, 'nothing', target, doc FROM audit_log";
    let update = "INSERT INTO audit_log SELECT * FROM audit_log WHERE true
        ON CONFLICT (seq) DO UPDATE SET action = 'nothing'";
    for sql in TAMPERING.into_iter().chain([replace, update]) {
        let refused = connection.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    is_untouched(&owner).await;
}

#[tokio::test]
async fn postgres_refuses_to_change_the_audit_log() {
    let Some(backend) = Postgres::fresh().await else { return };
    let owner = with_two_lines(&backend).await;
    let (client, connection) = tokio_postgres::connect(backend.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let update = "INSERT INTO audit_log SELECT * FROM audit_log ON CONFLICT (seq) DO UPDATE SET action = 'nothing'";
    for sql in TAMPERING.into_iter().chain(["TRUNCATE audit_log", update]) {
        let refused = client.batch_execute(sql).await.unwrap_err();
        let refused = refused.as_db_error().unwrap().message().to_owned();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    is_untouched(&owner).await;
}
