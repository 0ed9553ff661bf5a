//! The pages' handlers: each reads what it shows, fills a page struct, renders it. They block.

pub mod batch;
mod batch_case;
mod batch_change;
mod batch_items;
pub mod decide;
pub mod employer;
pub mod evidence;
mod gone;
pub mod home;
pub mod item;
mod item_withdrawal;
mod listing;
pub mod officer;
pub mod published;
pub mod record_change;
pub mod search;
pub mod sign_in;
pub mod trace;
pub mod verify;
