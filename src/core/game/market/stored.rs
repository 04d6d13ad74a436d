//! A market's parts as they are stored: a row for the counters, one for each order, auction, contract and price tick.
//! New fields get a default; a change that needs more than that gets a new variant.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::auctions::Auction;
use super::contracts::Contract;
use super::orders::Order;
use super::prices::TickRow;
use super::{Counters, Market};
use crate::game::PartTable;
use crate::types::{AuctionId, ContractId, HubKey, OrderId};

/// The id of the row of counters.
pub(super) const STATE: &str = "state";

/// A row, with its version.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Stored<T> {
    #[serde(rename = "1")]
    V1(T),
}

/// The market whose parts these are. None are those of a market where nothing has happened yet.
pub(super) fn load(hub: &HubKey, parts: Vec<(PartTable, String, Value)>) -> Result<Market, String> {
    let mut market = Market::new(hub.clone());
    for (table, id, value) in parts {
        put(&mut market, table, value).map_err(|error| format!("{} {id}: {error}", table.as_str()))?;
    }
    Ok(market)
}

/// A part as it is to be stored; `None` when it is gone.
pub(super) fn part(market: &Market, table: PartTable, id: &str) -> Option<Value> {
    let number = || id.parse::<u64>().ok();
    match table {
        PartTable::Market => (id == STATE).then(|| write(&market.counters)),
        PartTable::Order => market.orders.get(OrderId(number()?)).map(write),
        PartTable::Auction => market.auctions.get(AuctionId(number()?)).map(write),
        PartTable::Contract => market.contracts.get(ContractId(number()?)).map(write),
        PartTable::Price => market.prices.row(id).as_ref().map(write),
        PartTable::Mission | PartTable::Participant | PartTable::Guild => None,
    }
}

fn put(market: &mut Market, table: PartTable, value: Value) -> Result<(), String> {
    match table {
        PartTable::Market => market.counters = read::<Counters>(value)?,
        PartTable::Order => market.orders.insert(read::<Order>(value)?),
        PartTable::Auction => market.auctions.insert(read::<Auction>(value)?),
        PartTable::Contract => market.contracts.insert(read::<Contract>(value)?),
        PartTable::Price => market.prices.put_row(read::<TickRow>(value)?),
        PartTable::Mission | PartTable::Participant | PartTable::Guild => {
            return Err("is no part of a market".to_owned());
        }
    }
    Ok(())
}

fn write<T: Serialize>(row: &T) -> Value {
    // Rows have string keys only and always become JSON.
    serde_json::to_value(Stored::V1(row)).unwrap_or_default()
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let Stored::V1(row) = serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok(row)
}
