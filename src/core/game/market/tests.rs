//! What markets promise.

mod model;
mod model_test;
mod setup;
