//! Authorities and their officers.

use super::places;
use crate::domain::authority::{Authority, AuthorityId, PersonId, Role, Roles};
use crate::domain::division::DivisionCode;

/// An invented authority: its name says so.
const INVENTED: (&str, &str) = ("430200", "株洲市示例人力资源和社会保障局（虚构）");

/// An officer of an authority; the password is the caller's to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The natural person.
    pub person: PersonId,
    /// What is typed to sign in.
    pub login: &'static str,
    /// The person's name, invented.
    pub name: &'static str,
    /// What the person may do.
    pub roles: Roles,
    /// For which authority.
    pub authority: AuthorityId,
}

const OFFICERS: [(&str, &str, &str, &[Role]); 5] = [
    (
        places::CITY,
        "li.shencha",
        "李慎察",
        &[Role::Clerk, Role::Reviewer],
    ),
    (
        places::CITY,
        "wang.hezhun",
        "王和准",
        &[Role::Approver, Role::Publisher],
    ),
    (places::CITY, "zhao.shenji", "赵慎纪", &[Role::Auditor]),
    (INVENTED.0, "chen.banli", "陈班立", &[Role::Clerk, Role::Reviewer]),
    (
        INVENTED.0,
        "zhou.queren",
        "周确仁",
        &[Role::Approver, Role::Publisher],
    ),
];

/// The city's authority, one for each of its counties, and the invented one in Hunan. An authority's id is
/// its division code.
#[must_use]
pub fn authorities() -> Vec<Authority> {
    let authority = |code: &str, name: String| {
        Some(Authority {
            id: AuthorityId::new(code).ok()?,
            name,
            division: DivisionCode::parse(code).ok()?,
        })
    };
    let city = authority(places::CITY, "重庆市人力资源和社会保障局".to_owned());
    let counties = places::counties().into_iter().filter_map(|county| {
        authority(
            county.code.as_str(),
            format!("{}人力资源和社会保障局", county.name),
        )
    });
    let invented = authority(INVENTED.0, INVENTED.1.to_owned());
    city.into_iter().chain(counties).chain(invented).collect()
}

/// The officers who appear in the year: a proposer, a decider and an auditor of the city, a proposer and a
/// decider of the invented authority.
#[must_use]
pub fn officers() -> Vec<Officer> {
    let officer = |(authority, login, name, roles): (&str, &'static str, &'static str, &[Role])| {
        Some(Officer {
            person: PersonId::new(format!("person:{login}")).ok()?,
            login,
            name,
            roles: roles.iter().copied().collect(),
            authority: AuthorityId::new(authority).ok()?,
        })
    };
    OFFICERS.into_iter().filter_map(officer).collect()
}
