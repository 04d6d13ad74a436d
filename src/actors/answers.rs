//! From receipts and refusals of the rules to the answers that clients get. An economic answer is stored as it was
//! given, so this is also what a repeated command is answered with, for ever.

use orrery_core::game::moderation::{Sanction, ShutOut};
use orrery_core::game::player::{Player, PlayerRefusal, Receipt};
use orrery_core::game::space::WorldRefusal;
use orrery_core::protocol::{ErrorBody, ErrorCode, answer};
use orrery_core::types::{Millis, Refusal};
use serde_json::Value;

use super::session_link::Answer;
use orrery_core::catalog::Catalog;

/// The answer to a command that was carried out.
pub(super) fn of_receipt(receipt: Receipt) -> Answer {
    match receipt {
        Receipt::Collected { object, item, quantity, transfer } => {
            Answer::ok(&answer::Collected { object, item, quantity, transfer })
        }
        Receipt::Sold { hub, item, quantity, paid, tax, balance } => {
            Answer::ok(&answer::Sold { hub, item, quantity, paid, tax, balance })
        }
        Receipt::ResearchStarted { tech, cost, due, balance } => {
            Answer::ok(&answer::ResearchStarted { tech, cost, due_ms: due, balance })
        }
        Receipt::ResearchCancelled { tech, refund, balance } => {
            Answer::ok(&answer::ResearchCancelled { tech, refund, balance })
        }
    }
}

/// The answer to a command that a player's rules refused.
pub(super) fn of_player_refusal(refusal: &PlayerRefusal) -> Answer {
    let body = |code| ErrorBody::new(code, refusal.to_string());
    Answer::Error(match refusal {
        PlayerRefusal::CargoFull { needed, free } => {
            body(ErrorCode::CargoFull).with("needed", needed.0).with("free", free.0)
        }
        PlayerRefusal::UnknownItem(_) => body(ErrorCode::UnknownItem),
        PlayerRefusal::NotBought(_) => body(ErrorCode::NotBought),
        PlayerRefusal::NothingToSell => body(ErrorCode::BadRequest),
        PlayerRefusal::NotEnoughGoods { have } => body(ErrorCode::NotEnoughGoods).with("have", have.0),
        PlayerRefusal::NotEnoughCredits { needed, have } => {
            body(ErrorCode::NotEnoughCredits).with("needed", needed.0).with("have", have.0)
        }
        PlayerRefusal::AmountTooLarge => body(ErrorCode::AmountTooLarge),
        PlayerRefusal::UnknownTech(_) => body(ErrorCode::UnknownTech),
        PlayerRefusal::AlreadyKnown(_) => body(ErrorCode::AlreadyKnown),
        PlayerRefusal::RequirementMissing { missing } => {
            body(ErrorCode::RequirementMissing).with("missing", missing.as_str())
        }
        PlayerRefusal::ResearchRunning { tech, due } => {
            body(ErrorCode::ResearchRunning).with("tech", tech.as_str()).with("due_ms", due.0)
        }
        PlayerRefusal::NoResearch => body(ErrorCode::NoResearch),
    })
}

/// The answer to a deal or a question of the economy that a rule refused.
pub(super) fn of_refusal(refusal: Refusal) -> Answer {
    let retry_after_ms = match refusal.code {
        ErrorCode::Busy => Some(500),
        ErrorCode::StorageUnavailable => Some(1_000),
        _ => None,
    };
    let body = ErrorBody { retry_after_ms, ..ErrorBody::new(refusal.code, refusal.message) };
    Answer::Error(ErrorBody { details: refusal.details, ..body })
}

/// The answer to a deal or a question of the economy.
pub(super) fn of_result(result: Result<Value, Refusal>) -> Answer {
    result.map_or_else(of_refusal, Answer::Ok)
}

/// What somebody is told whom the operators have shut out.
pub fn of_shut_out(shut_out: &ShutOut) -> ErrorBody {
    match shut_out {
        ShutOut::Banned { until, reason } => sanction(ErrorCode::Banned, "you are banned", *until, reason),
        ShutOut::Erased => ErrorBody::new(ErrorCode::NotAuthenticated, shut_out.to_string()),
    }
}

/// What somebody is told who may not speak.
pub(super) fn of_mute(mute: &Sanction) -> ErrorBody {
    sanction(ErrorCode::Muted, "you may not speak", mute.until, &mute.reason)
}

fn sanction(code: ErrorCode, text: &str, until: Option<Millis>, reason: &str) -> ErrorBody {
    let body = ErrorBody::new(code, format!("{text}: {reason}")).with("reason", reason);
    match until {
        Some(until) => body.with("until_ms", until.0),
        None => body,
    }
}

/// The answer to a command whose id stands for another one.
pub(super) fn id_reused() -> Answer {
    Answer::error(ErrorCode::IdReused, "this id was used for another command")
}

/// The answer to a command when the actor that was to decide it has failed.
pub(super) fn undecided(message: &str) -> Answer {
    let body = ErrorBody::new(
        ErrorCode::StorageUnavailable,
        format!("{message}; whether the command takes effect is unknown: repeat it with the same id"),
    );
    Answer::Error(body.retry_after_ms(1_000))
}

/// The answer to a command that a world's rules refused.
pub(super) fn of_world_refusal(refusal: &WorldRefusal) -> Answer {
    let body = |code| ErrorBody::new(code, refusal.to_string());
    Answer::Error(match refusal {
        WorldRefusal::NotHere => body(ErrorCode::InTransit).retry_after_ms(200),
        WorldRefusal::ObjectGone => body(ErrorCode::ObjectGone),
        WorldRefusal::OutOfRange { distance, range } => {
            body(ErrorCode::OutOfRange).with("distance", *distance).with("range", *range)
        }
        WorldRefusal::CargoFull { needed, free } => {
            body(ErrorCode::CargoFull).with("needed", needed.0).with("free", free.0)
        }
        WorldRefusal::GateClosed => body(ErrorCode::Busy).retry_after_ms(500),
        WorldRefusal::UnknownGate(_) => body(ErrorCode::UnknownGate),
        WorldRefusal::UnknownHub(_) => body(ErrorCode::UnknownHub),
    })
}

/// The answer to `status`.
pub(super) fn status(player: &Player, name: &str, catalog: &Catalog) -> Answer {
    let life = &player.lifetime;
    Answer::ok(&answer::Status {
        name: name.to_owned(),
        credits: player.credits,
        ship: player.ship.clone(),
        cargo_used: player.cargo.volume(catalog),
        cargo_capacity: player.ship_stats(catalog).cargo_capacity,
        cargo: player.cargo.iter().map(|(item, quantity)| answer::Goods { item: item.clone(), quantity }).collect(),
        research: player.research.as_ref().map(|running| answer::RunningResearch {
            tech: running.tech.clone(),
            started_ms: running.started,
            due_ms: running.due,
        }),
        known: player.known.iter().cloned().collect(),
        lifetime: answer::Lifetime {
            objects_collected: life.objects_collected,
            pieces_sold: life.pieces_sold,
            credits_earned: life.credits_earned,
            credits_spent: life.credits_spent,
            techs_researched: life.techs_researched,
            jumps: life.jumps,
        },
    })
}

/// The answer to `ship_stats`.
pub(super) fn ship_stats(player: &Player, catalog: &Catalog) -> Answer {
    let stats = player.ship_stats(catalog);
    Answer::ok(&answer::ShipStats {
        ship: stats.kind,
        speed: stats.speed,
        cargo_capacity: stats.cargo_capacity,
        collect_range: stats.collect_range,
    })
}

/// The answer to `tech_tree`.
pub(super) fn tech_tree(player: &Player, catalog: &Catalog, now: Millis) -> Answer {
    let researching = |tech| player.research.as_ref().is_some_and(|running| running.tech == tech && running.due > now);
    let techs = catalog.techs.values().map(|tech| answer::TechEntry {
        tech: tech.key.clone(),
        requires: tech.requires.clone(),
        cost: tech.cost,
        seconds: tech.seconds,
        state: if player.known.contains(&tech.key) {
            answer::TechState::Known
        } else if researching(tech.key.clone()) {
            answer::TechState::Researching
        } else if tech.requires.iter().all(|required| player.known.contains(required)) {
            answer::TechState::Available
        } else {
            answer::TechState::Locked
        },
    });
    Answer::ok(&answer::TechTree { techs: techs.collect() })
}

/// The answer while the store does not take any more.
pub(super) fn busy() -> Answer {
    Answer::Error(
        ErrorBody::new(ErrorCode::Busy, "too much waits to be stored; nothing happened").retry_after_ms(1_000),
    )
}

/// The answer when a commit takes too long.
pub(super) fn storage_unavailable() -> Answer {
    let message = "the store does not answer; whether the command took effect is unknown: repeat it with the same id";
    Answer::Error(ErrorBody::new(ErrorCode::StorageUnavailable, message).retry_after_ms(1_000))
}
