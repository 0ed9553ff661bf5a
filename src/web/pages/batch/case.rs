//! The one case of a batch of one: whom it is about, what is proposed, its facts, and where its papers are.

use serde::Serialize;

use crate::web::pages::batch_item::BatchItemPage;
use crate::web::pages::parts::{Fact, GradeMark, Link, Notice};

/// What stands in place of a distribution and a filter, which say nothing of a single case.
#[derive(Debug, Clone, Serialize)]
pub struct Case {
    /// Employer's name, as it will be signed.
    pub name: String,
    /// Its code.
    pub code: String,
    /// Proposed grade; none of a listing, which is no grade.
    pub grade: Option<GradeMark>,
    /// What is proposed and on which ground.
    pub conclusion: Notice,
    /// What the decision rests on.
    pub facts: Vec<Fact>,
    /// Grounds and evidence, the record that it is about, the employer's page.
    pub links: Vec<Link>,
}

impl Case {
    /// What the page of the batch's one item says, with the ways to what it is about.
    #[must_use]
    pub fn of(item: BatchItemPage, links: Vec<Link>) -> Self {
        Self {
            name: item.name,
            code: item.code,
            grade: item.grade,
            conclusion: item.conclusion,
            facts: item.facts,
            links,
        }
    }
}
