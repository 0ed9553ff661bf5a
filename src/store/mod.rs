//! All SQL, for SQLite and PostgreSQL, one file per aggregate. Every function takes a [`Conn`] and
//! returns domain types or plain rows.
//!
//! It refuses to decide anything: rules, order of writes, clock and signer belong to `registry`.
//! Backend-specific SQL appears only behind [`on_backend!`](crate::on_backend).

mod backend;
mod connection;
mod error;
mod initials;
mod pool;
mod schema;
mod transaction;
mod url;

pub mod account;
pub mod audit;
pub mod authority;
pub mod batch;
pub mod blacklist;
pub mod campaign;
pub mod counter;
pub mod document_number;
pub mod employer;
pub mod evidence;
pub mod log;
pub mod migrate;
pub mod partner;
pub mod portable;
pub mod quarantine;
pub mod search;
pub mod session;
pub mod setting;
pub mod waiting;

pub use connection::Conn;
pub use error::{StoreError, StoreResult, unsigned};
pub use pool::{Pool, PooledConn, Store};
pub use transaction::{read, write};
pub use url::{DatabaseUrl, UrlError};
