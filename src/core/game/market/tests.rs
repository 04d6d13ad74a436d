//! What markets promise.

mod answers;
mod auctions;
mod contracts;
mod model;
mod model_test;
mod setup;
mod trading;
