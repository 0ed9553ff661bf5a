//! A registry's own snapshots; what counts as current is tested in `crate::rebuild`.

mod registry;
