//! The one place where an expression is compiled once for each backend.

/// Runs `$body` with `$inner` bound to the real connection inside a [`Conn`](crate::store::Conn).
///
/// Needed where `MultiConnection` falls short: batch inserts, `on_conflict`, `RETURNING`.
#[macro_export]
macro_rules! on_backend {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite($inner) => $body,
            $crate::store::Conn::Postgres($inner) => $body,
        }
    };
}
