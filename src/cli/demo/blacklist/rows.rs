//! The figures of Zhuzhou's published rows of December 2022, and what was invented around them.

use crate::domain::blacklist::Service;
use crate::domain::employer::Industry;

/// A published row with what was invented for it.
pub(super) struct Row {
    pub(super) workers: u32,
    pub(super) yuan: i64,
    /// Months and yuan of single workers, invented; the amounts of all three add up to the row's.
    pub(super) each: &'static [(u32, i64)],
    pub(super) name: &'static str,
    pub(super) registered_at: &'static str,
    pub(super) works_at: &'static str,
    pub(super) industry: Industry,
    pub(super) service: Service,
    pub(super) objects: bool,
}

/// The four rows of December 2022 (workers and yuan as published).
pub(super) const ROWS: [Row; 4] = [
    Row {
        workers: 125,
        yuan: 2_330_555,
        each: &[],
        name: "浙江示例筑达建筑劳务有限公司",
        registered_at: "330783",
        works_at: "430211",
        industry: Industry::Construction,
        service: Service::Direct,
        objects: false,
    },
    Row {
        workers: 13,
        yuan: 310_790,
        each: &[],
        name: "江苏示例沃川建设工程有限公司",
        registered_at: "321202",
        works_at: "430202",
        industry: Industry::Construction,
        service: Service::Posted,
        objects: false,
    },
    Row {
        workers: 3,
        yuan: 42_293,
        each: &[(4, 16_800), (3, 14_493), (2, 11_000)],
        name: "湖南示例锦禾装饰工程股份有限公司",
        registered_at: "430104",
        works_at: "430203",
        industry: Industry::Construction,
        service: Service::Direct,
        objects: true,
    },
    Row {
        workers: 27,
        yuan: 1_091_800,
        each: &[],
        name: "湖南示例万筑建筑劳务有限公司",
        registered_at: "430204",
        works_at: "430204",
        industry: Industry::Construction,
        service: Service::Direct,
        objects: false,
    },
];
