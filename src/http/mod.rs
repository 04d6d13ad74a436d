//! What the players' API (`gateway`) and the operators' console share: errors as `problem+json`, bodies and parameters
//! that are read field by field, resources that name their methods, entity tags, content that is kept compressed, the
//! files of their pages, the hashing of passwords. Knows no actor and no account.

pub(crate) mod content;
pub(crate) mod entity_tag;
pub(crate) mod form;
pub(crate) mod json_body;
pub(crate) mod page;
pub(crate) mod parameters;
pub(crate) mod pass;
pub(crate) mod password;
pub(crate) mod problem;
pub(crate) mod resource;
pub(crate) mod strict_json;
pub(crate) mod who;
