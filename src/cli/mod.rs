//! The `chengxin` command line.

#[cfg(feature = "server")]
pub mod demo;
