//! Leaving memory on an operator's word; see `actors::ending`.

use std::time::Duration;

use actix::{ActorContext, ActorFutureExt, AsyncContext, Context, WrapFuture};
use tokio::sync::oneshot;

use super::actor::{PlayerActor, State};
use crate::actors::answers;
use crate::actors::ending::{End, Ending, Stays};
use crate::actors::session_link::Note;

/// Who has left answers what waits in its mailbox for this long.
const LAST_ANSWERS: Duration = Duration::from_millis(100);

impl PlayerActor {
    pub(super) fn end(&mut self, End { how, is_meant, reply }: End, context: &mut Context<Self>) {
        let may = match how {
            Ending::Passivate => self.may_leave(),
            Ending::Restart => self.is_loaded(),
        };
        let decided = match (may, is_meant, how) {
            (Ok(()), true, Ending::Passivate) => self.leave_memory(context),
            (Ok(()), true, Ending::Restart) => return self.begin_anew(reply, context),
            (decided, ..) => decided,
        };
        // Who asked may have given up.
        let _ = reply.send(decided);
    }

    fn is_loaded(&self) -> Result<(), Stays> {
        matches!(self.state, State::Live(_)).then_some(()).ok_or(Stays::NotLoaded)
    }

    /// Whether nobody would notice if it left memory.
    pub(super) fn may_leave(&self) -> Result<(), Stays> {
        self.is_loaded()?;
        if self.whereabouts.session().is_some() {
            Err(Stays::HasSession)
        } else if self.world().is_some() {
            Err(Stays::InSpace)
        } else if !self.pending.is_empty() || self.node.persister.durable() < self.last_commit {
            Err(Stays::UnderWay)
        } else {
            Ok(())
        }
    }

    /// Makes way for a successor. Until all it has committed is durable it stays, to tell whoever waits for that.
    fn begin_anew(&mut self, reply: oneshot::Sender<Result<(), Stays>>, context: &mut Context<Self>) {
        self.node.directory.forget_player(self.id, &context.address());
        self.state = State::Left;
        for (id, pending) in std::mem::take(&mut self.pending) {
            let undecided = answers::undecided("the player's actor was started anew");
            self.answer(Some(id), undecided, 0, pending.waiters);
        }
        // It attaches itself to the successor.
        self.tell(Note::Reattach);
        let (node, commit) = (self.node.clone(), self.last_commit);
        let durable = async move { node.persister.wait_durable(commit).await };
        context.spawn(durable.into_actor(self).map(|_, _, context: &mut Context<Self>| {
            context.run_later(LAST_ANSWERS, |_, context| {
                let _ = reply.send(Ok(()));
                context.stop();
            });
        }));
    }
}
