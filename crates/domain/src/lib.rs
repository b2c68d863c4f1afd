//! What is decided: accounts, catalogue, routing, pricing, money. Pure: values in, decisions out; time is an argument.

pub mod account;
pub mod id;
pub mod money;
pub mod record;
