//! What tests stand on: temporary folders and databases, the real binary, a real server, HTTP.

// Not every helper has a user in every build of the tests.
#![allow(dead_code, reason = "helpers wait for the tests that are written next")]

pub mod city;
pub mod command;
pub mod database;
pub mod http;
pub mod postgres;
pub mod registry;
pub mod server;
pub mod stopped;
pub mod temp;
pub mod witnesses;

/// Says that a test did not run and why; `tests/run.sh` counts these lines. In CI a skip is a failure.
pub fn skip(what: &str, why: &str) {
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{what} may not be skipped in CI: {why}"
    );
    println!("SKIPPED {what}: {why}");
}
