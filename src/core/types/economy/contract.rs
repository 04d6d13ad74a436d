//! Contracts: goods to be delivered to a hub for a reward.

use super::wire;
use crate::types::{ContractId, Credits, HubKey, ItemKey, Millis, PlayerId, Quantity};

wire! {
    /// `offer_contract`: whoever delivers these goods to this hub in time gets the reward.
    OfferContract {
        /// Where to.
        hub: HubKey,
        /// What.
        item: ItemKey,
        /// How many; at least 1.
        quantity: Quantity,
        /// For how much in all; leaves the wallet now. At least 1.
        reward: Credits,
        /// What who accepts must put at stake; may be 0.
        collateral: Credits,
        /// Until when, from now; within the catalogue's bounds.
        seconds: u64,
    }
    /// `accept_contract`.
    AcceptContract {
        /// The hub.
        hub: HubKey,
        /// The contract.
        contract: ContractId,
        /// The collateral that the player has seen; leaves the wallet now.
        collateral: Credits,
    }
    /// `deliver`: goods at the hub, from the storage there first, then from the hold.
    Deliver {
        /// The hub.
        hub: HubKey,
        /// The contract.
        contract: ContractId,
        /// What.
        item: ItemKey,
        /// How many; at least 1. More than is still needed is refused.
        quantity: Quantity,
    }
    /// `cancel_contract`.
    CancelContract {
        /// The hub.
        hub: HubKey,
        /// The contract.
        contract: ContractId,
    }
    /// Answers `offer_contract`.
    ContractOffered {
        /// Its id.
        contract: ContractId,
        /// Until when it must be fulfilled.
        due_ms: Millis,
        /// The fee, not given back.
        fee: Credits,
    }
    /// Answers `accept_contract`.
    ContractAccepted {
        /// The contract.
        contract: ContractId,
        /// Until when it must be fulfilled.
        due_ms: Millis,
        /// What is at stake.
        collateral: Credits,
    }
    /// Answers `deliver`. With the last piece come the reward and the collateral.
    Delivered {
        /// The contract.
        contract: ContractId,
        /// How many were delivered so far.
        delivered: Quantity,
        /// How many in all.
        quantity: Quantity,
        /// Reward and collateral, if this was the last piece; 0 otherwise.
        paid: Credits,
    }
    /// Answers `cancel_contract`. The reward is back in the wallet.
    ContractCancelled {
        /// The contract.
        contract: ContractId,
        /// What came back.
        credits: Credits,
    }
    /// A contract.
    ContractView {
        /// Its id.
        contract: ContractId,
        /// Who offers it; `null` for the hub itself.
        owner: Option<PlayerId>,
        /// Who has accepted it.
        courier: Option<PlayerId>,
        /// What.
        item: ItemKey,
        /// How many.
        quantity: Quantity,
        /// How many were delivered so far.
        delivered: Quantity,
        /// For how much.
        reward: Credits,
        /// What is to be put at stake.
        collateral: Credits,
        /// Until when.
        due_ms: Millis,
    }
    /// Answers `contracts`.
    ContractPage {
        /// By id.
        items: Vec<ContractView>,
        /// For the next page; `null` on the last.
        next_cursor: Option<u64>,
    }
}
