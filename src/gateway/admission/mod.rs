//! Admission: a storm of log-ins is let in in order, and never at the cost of those who play. Used by sessions.
//!
//! Two bounds hold per process. A connection that has not said `hello` yet is a *stranger*; beyond
//! `limits.strangers_max` (an eighth of it from one address) the handshake itself is refused. From `hello` until `welcome` a *log-in* is under way; how
//! many may be is what [`gate`] decides, out of what `limits.logins_at_once` allows and the server's load. Nobody waits
//! in here: who cannot come in now is told when to return, so that waiting costs the server nothing.
//!
//! Apart from how many there is room for, [`closed`] knows who may not come in during maintenance.
//!
//! Since few log-ins are under way at once, a worker never has many of them to do between two rounds of its fan-out.
//! Worlds tick on threads of their own; that they are late or slowed down is one of the signs by which the gate notices that it lets
//! in too many.

mod closed;
mod gate;
mod strangers;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use closed::{Closed, closed_to, closed_to_name};
pub(crate) use gate::Kind;

use self::gate::{Gate, Load, Rules};
use self::strangers::{Crowded, Strangers};
use crate::actors::node::Node;
use crate::actors::world::LAG_MAX;
use crate::telemetry::metrics::{Metrics, ReasonLabel, WorldLabel};

/// The persister's queue is long when more than one in so many of its places is taken.
const QUEUE_PART: usize = 10;
/// When those should come back whose address has too many strangers, in seconds, and over how many more they are spread
/// by chance. They get no slot of the gate: nobody else is to wait longer for their sake.
const ADDRESS_RETRY: u64 = 5;
const ADDRESS_RETRY_SPREAD: u64 = 5;

/// The admission of one process. Cheap to clone; usable from any thread.
#[derive(Clone)]
pub struct Admission(Arc<Parts>);

struct Parts {
    node: Arc<Node>,
    began: Instant,
    inside: Mutex<Inside>,
}

struct Inside {
    gate: Gate,
    strangers: Strangers,
}

/// What a session holds on its way in. Dropped, it makes room for another.
pub(crate) struct Pass {
    admission: Admission,
    address: Option<IpAddr>,
    stage: Stage,
}

enum Stage {
    /// Has not said hello.
    Stranger,
    /// Has, at this time.
    LogIn(Duration),
    /// Is in.
    In,
}

impl Admission {
    /// To be made once.
    #[must_use]
    pub fn new(node: Arc<Node>) -> Self {
        let limits = &node.config.limits;
        let rules = Rules {
            at_once_max: limits.logins_at_once,
            target: Duration::from_millis(limits.login_target_ms),
            queue_long: node.config.store.queue_commits_max / QUEUE_PART,
        };
        let inside = Inside { gate: Gate::new(rules, Duration::ZERO), strangers: Strangers::new(limits) };
        Self(Arc::new(Parts { node, began: Instant::now(), inside: Mutex::new(inside) }))
    }

    /// Lets another connection from this address shake hands, as a stranger; if it may not, tells after how many whole
    /// seconds it should come back.
    pub(crate) fn handshake(&self, address: Option<IpAddr>) -> Result<Pass, u64> {
        let room = self.with(|inside, now| match inside.strangers.room(address) {
            Ok(()) => {
                inside.strangers.come(address);
                Ok(())
            }
            Err(Crowded::Door) => {
                let hint = inside.gate.hint(Kind::LogIn, now, rand::random());
                Err(("handshake", hint.as_secs() + 1))
            }
            Err(Crowded::Address) => Err(("address", ADDRESS_RETRY + rand::random_range(0..=ADDRESS_RETRY_SPREAD))),
        });
        match room {
            Ok(()) => Ok(Pass { admission: self.clone(), address, stage: Stage::Stranger }),
            Err((reason, seconds)) => {
                self.count_shed(reason);
                Err(seconds)
            }
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inside, Duration) -> T) -> T {
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.0.began.elapsed();
        if inside.gate.is_round_over(now) {
            inside.gate.turn(now, load(&self.0.node));
        }
        let done = act(&mut inside, now);
        let metrics = &self.0.node.metrics;
        metrics.logins_under_way.set(i64::try_from(inside.gate.under_way()).unwrap_or(i64::MAX));
        metrics.logins_limit.set(i64::try_from(inside.gate.room(Kind::LogIn)).unwrap_or(i64::MAX));
        done
    }

    fn count_shed(&self, reason: &str) {
        self.0.node.metrics.logins_shed.get_or_create(&ReasonLabel { reason: reason.to_owned() }).inc();
    }
}

impl Pass {
    /// The stranger has said hello. If there is no room, tells after how long to come back.
    pub(crate) fn log_in(&mut self, kind: Kind) -> Result<(), Duration> {
        let entered = self.admission.with(|inside, now| {
            inside.gate.enter(kind, now, rand::random())?;
            inside.strangers.go(self.address);
            Ok(now)
        });
        match entered {
            Ok(began) => self.stage = Stage::LogIn(began),
            Err(_) => self.admission.count_shed(if kind == Kind::Resume { "resume" } else { "log_in" }),
        }
        entered.map(drop)
    }

    /// The log-in has succeeded: what it took is a sign of what the server can hold.
    pub(crate) fn welcome(mut self) {
        if let Stage::LogIn(began) = std::mem::replace(&mut self.stage, Stage::In) {
            self.admission.with(|inside, now| inside.gate.leave(began, now, true));
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        match self.stage {
            Stage::Stranger => self.admission.with(|inside, _| inside.strangers.go(self.address)),
            Stage::LogIn(began) => self.admission.with(|inside, now| inside.gate.leave(began, now, false)),
            Stage::In => {}
        }
    }
}

/// What the node's metrics say of its load.
fn load(node: &Node) -> Load {
    let mut load = Load { queue_commits: node.persister.queue_len(), ..Load::default() };
    let full_pace = node.config.world.tick_period();
    for world in node.directory.worlds() {
        let label = WorldLabel { world: world.key.to_string() };
        load.ticks += node.metrics.ticks.get_or_create(&label).get();
        load.ticks_late += node.metrics.ticks_late.get_or_create(&label).get();
        load.worlds += 1;
        load.worlds_behind += u64::from(is_behind(&node.metrics, &label, full_pace));
    }
    load
}

/// Whether a world is slowed down, or some worker is too far behind with delivering its ticks.
fn is_behind(metrics: &Metrics, world: &WorldLabel, full_pace: Duration) -> bool {
    let lag = metrics.delivery_lag_ticks.get_or_create(world).get();
    let period = metrics.tick_period_seconds.get_or_create(world).get();
    period > full_pace.as_secs_f64() || u64::try_from(lag).is_ok_and(|lag| lag > LAG_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_that_is_slowed_down_or_not_delivered_is_behind_though_its_ticks_begin_in_time() {
        let full_pace = Duration::from_millis(50);
        for (period, lag, behind) in [(0.0, 0, false), (0.05, 2, false), (0.05, 3, true), (0.055, 0, true)] {
            let (metrics, world) = (Metrics::new(), WorldLabel { world: "sol".to_owned() });
            metrics.tick_period_seconds.get_or_create(&world).set(period);
            metrics.delivery_lag_ticks.get_or_create(&world).set(lag);
            assert_eq!(is_behind(&metrics, &world, full_pace), behind, "{period} s, {lag} ticks");
        }
    }
}
