//! From a store's URL to the store.
