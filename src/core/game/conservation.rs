//! The books: what the ledger says that each account holds, compared with what its actor's state holds. Both are equal
//! at any commit; a difference means that something was made from nothing or is lost. Used by `orrery audit` and by the
//! auditor of a running server.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::guild::Guild;
use super::market::Market;
use super::mission::Mission;
use super::{PartTable, PartyRules, Rule};
use crate::types::{Account, Holdings, ItemKey, Party};

/// Credits and pieces that came, less those that left. No item is there with 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Credits.
    pub credits: i64,
    /// Pieces, by item.
    pub goods: BTreeMap<ItemKey, i64>,
}

/// An account of which ledger and state do not say the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The account, as the ledger names it.
    pub account: String,
    /// An item's key, or `credits`.
    pub asset: String,
    /// How much there should be.
    pub ledger: i64,
    /// How much there is.
    pub state: i64,
}

/// What the ledger says of every account. Accounts that hold nothing are not kept.
#[derive(Clone, Debug, Default)]
pub struct Books(BTreeMap<Account, Balance>);

impl Balance {
    /// Takes in further movements.
    pub fn add(&mut self, other: &Self) {
        self.credits = self.credits.saturating_add(other.credits);
        for (item, amount) in &other.goods {
            let sum = self.goods.get(item).copied().unwrap_or(0).saturating_add(*amount);
            match sum {
                0 => drop(self.goods.remove(item)),
                sum => drop(self.goods.insert(item.clone(), sum)),
            }
        }
    }

    fn is_zero(&self) -> bool {
        *self == Self::default()
    }
}

impl From<&Holdings> for Balance {
    fn from(holdings: &Holdings) -> Self {
        let goods = holdings.goods.iter().map(|(item, quantity)| (item.clone(), signed(quantity.0)));
        Self { credits: signed(holdings.credits.0), goods: goods.filter(|(_, amount)| *amount != 0).collect() }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, asset, ledger, state } = self;
        write!(f, "{account}: {asset}: the ledger says {ledger}, the state {state}")
    }
}

impl Books {
    /// Takes in what ledger rows add up to that were not taken in before.
    pub fn book(&mut self, moved: &BTreeMap<Account, Balance>) {
        for (account, balance) in moved {
            let sum = self.0.entry(account.clone()).or_default();
            sum.add(balance);
            if sum.is_zero() {
                self.0.remove(account);
            }
        }
    }

    /// The parties that should hold something.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.0.keys().filter_map(|account| match account {
            Account::Party(party) => Some(party),
            Account::Transit | Account::External(_) => None,
        })
    }

    /// All credits there are: of all parties, and under way.
    #[must_use]
    pub fn money_supply(&self) -> i64 {
        let inside = self.0.iter().filter(|(account, _)| !matches!(account, Account::External(_)));
        inside.fold(0, |sum: i64, (_, balance)| sum.saturating_add(balance.credits))
    }

    /// Compares an account with the state of its actor; credits first.
    #[must_use]
    pub fn compare(&self, account: &Account, state: &Balance) -> Vec<Difference> {
        let nothing = Balance::default();
        let ledger = self.0.get(account).unwrap_or(&nothing);
        let items: BTreeSet<&ItemKey> = ledger.goods.keys().chain(state.goods.keys()).collect();
        let goods = items.into_iter().map(|item| {
            let of = |balance: &Balance| balance.goods.get(item).copied().unwrap_or(0);
            (item.to_string(), of(ledger), of(state))
        });
        let all = [("credits".to_owned(), ledger.credits, state.credits)].into_iter().chain(goods);
        all.filter(|(_, ledger, state)| ledger != state)
            .map(|(asset, ledger, state)| Difference { account: account.to_string(), asset, ledger, state })
            .collect()
    }
}

/// What a market, mission or guild holds, by its stored parts; nothing, when it is not there.
///
/// # Errors
/// A part cannot be understood; says which, and why.
pub fn holdings_of(party: &Party, parts: Vec<(PartTable, String, Value)>, rule: &Rule<'_>) -> Result<Holdings, String> {
    match party {
        Party::Market(_) => load::<Market>(party, parts, rule),
        Party::Mission(_) => load::<Mission>(party, parts, rule),
        Party::Guild(_) => load::<Guild>(party, parts, rule),
        Party::Player(_) => Err(format!("{party} is not made of parts")),
    }
}

fn load<P: PartyRules>(
    party: &Party,
    parts: Vec<(PartTable, String, Value)>,
    rule: &Rule<'_>,
) -> Result<Holdings, String> {
    Ok(P::load(party, parts, rule)?.map(|loaded| loaded.holdings()).unwrap_or_default())
}

/// An amount as a ledger's signed number. Amounts are below 2^53, so nothing is lost.
fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Credits, External, PlayerId, Quantity};
    use uuid::Uuid;

    fn ada() -> Account {
        PlayerId(Uuid::from_u128(1)).into()
    }

    fn ore() -> ItemKey {
        ItemKey::parse("iron_ore").unwrap()
    }

    fn balance(credits: i64, pieces: i64) -> Balance {
        Balance { credits, goods: [(ore(), pieces)].into() }
    }

    #[test]
    fn what_ledger_and_state_agree_on_is_no_difference() {
        let mut books = Books::default();
        books.book(&[(ada(), balance(100, 5)), (External::Start.into(), balance(-100, 0))].into());
        books.book(&[(ada(), balance(-30, -5))].into());
        let state = Holdings::of_credits(Credits(70));
        assert_eq!(books.compare(&ada(), &Balance::from(&state)), []);
        assert_eq!(books.compare(&Account::Transit, &Balance::default()), []);
    }

    #[test]
    fn every_difference_is_named_with_both_numbers() {
        let mut books = Books::default();
        books.book(&[(ada(), balance(100, 5))].into());
        let state = Holdings::of_goods(ItemKey::parse("ice").unwrap(), Quantity(2)).with_credits(Credits(99));
        let found = books.compare(&ada(), &Balance::from(&state));
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                format!("{}: credits: the ledger says 100, the state 99", ada()),
                format!("{}: ice: the ledger says 0, the state 2", ada()),
                format!("{}: iron_ore: the ledger says 5, the state 0", ada()),
            ]
        );
    }

    #[test]
    fn the_money_supply_is_what_parties_have_and_what_is_under_way() {
        let mut books = Books::default();
        let outside = (External::Start.into(), balance(-150, 0));
        books.book(&[(ada(), balance(100, 5)), (Account::Transit, balance(50, 0)), outside].into());
        assert_eq!(books.money_supply(), 150);
        assert_eq!(books.parties().count(), 1);
        books.book(&[(ada(), balance(-100, -5))].into());
        assert_eq!((books.money_supply(), books.parties().count()), (50, 0));
    }
}
