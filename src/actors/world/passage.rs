//! A ship on its way from one world into another, through a gate or by an operator's hand, and the session that looks
//! through it.
//!
//! The world that it is sent to may be just being started anew, and be gone, or stop, before it takes the ship in. Then
//! nobody else would know of the ship. So a passage that does not end in a world, wherever it is lost, tells the ship's
//! player, whose session joins again where the ship was going to.

use std::sync::Arc;

use orrery_core::game::space::ShipSpec;

use super::Binding;
use crate::actors::node::Node;
use crate::actors::player::PlayerMessage;
use crate::store::ShipRow;

/// A ship between two worlds. Dropped without an end, it tells its player.
pub struct Passage {
    node: Arc<Node>,
    on_board: Option<OnBoard>,
}

struct OnBoard {
    spec: ShipSpec,
    binding: Option<Binding>,
    /// The stay that the passage began with.
    left: u64,
    to: ShipRow,
}

impl Passage {
    /// The ship has left its world, with this number of its stay there, for the place of this row.
    #[must_use]
    pub fn begin(node: &Arc<Node>, spec: ShipSpec, binding: Option<Binding>, left: u64, to: ShipRow) -> Self {
        Self { node: Arc::clone(node), on_board: Some(OnBoard { spec, binding, left, to }) }
    }

    /// The ship has arrived: what there is to be put into space. Always there; taken out once.
    pub(super) fn end(mut self) -> Option<(ShipSpec, Option<Binding>)> {
        self.on_board.take().map(|on_board| (on_board.spec, on_board.binding))
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        if let Some(OnBoard { spec, left, to, .. }) = self.on_board.take() {
            tracing::info!(player = %spec.player, world = %to.world, "the world was not ready to take a ship in");
            let stranded = PlayerMessage::Stranded { row: to, stay: left };
            self.node.directory.tell_if_live(spec.player, stranded);
        }
    }
}
