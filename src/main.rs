//! The `chengxin` command.
fn main() {}
