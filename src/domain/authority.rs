//! Authorities, the roles of their officers, and who may act where.
//!
//! An officer acts only inside the authority's jurisdiction: its division and what lies below it
//! (劳动保障监察条例 Art 13; 人社部规〔2016〕1号). Nothing here knows passwords or sessions.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::division::DivisionCode;
use super::id::identifier;

identifier! {
    /// Identifies a natural person across roles and accounts; two-person rules compare it.
    PersonId
}
identifier! {
    /// Identifies an account. A person may have several; the audit trail names the account.
    AccountId
}
identifier! {
    /// Identifies a labour-security authority.
    AuthorityId
}

/// A labour-security authority (主管机关).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its identifier.
    pub id: AuthorityId,
    /// Its full Chinese name.
    pub name: String,
    /// Its division: it acts there and below.
    pub division: DivisionCode,
}

/// What an officer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Takes in papers and records facts.
    Clerk,
    /// Checks filings and proposes decisions.
    Reviewer,
    /// Decides what another person proposed.
    Approver,
    /// Releases a decided batch to be signed and logged.
    Publisher,
    /// Reads every trace, changes nothing.
    Auditor,
    /// Manages accounts, authorities, rule sets and keys; decides no case.
    Administrator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Clerk,
        Self::Reviewer,
        Self::Approver,
        Self::Publisher,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The lower-case name used in storage and in interfaces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Reviewer => "reviewer",
            Self::Approver => "approver",
            Self::Publisher => "publisher",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// The name shown to Chinese readers.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Clerk => "经办人",
            Self::Reviewer => "审核人",
            Self::Approver => "审批人",
            Self::Publisher => "发布人",
            Self::Auditor => "审计人",
            Self::Administrator => "管理员",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is the name of no role.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a role; the roles are clerk, reviewer, approver, publisher, auditor, administrator")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// A set of roles; written `clerk,reviewer` in storage and as an array in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(BTreeSet<Role>);

impl Roles {
    /// Whether the set holds `role`.
    #[must_use]
    pub fn contains(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether the set holds any of `roles`.
    #[must_use]
    pub fn any_of(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.contains(*role))
    }

    /// The roles in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }

    /// Whether there is no role at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        Self(roles.into_iter().collect())
    }
}

impl<const N: usize> From<[Role; N]> for Roles {
    fn from(roles: [Role; N]) -> Self {
        roles.into_iter().collect()
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, role) in self.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            write!(f, "{role}")?;
        }
        Ok(())
    }
}

impl FromStr for Roles {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .filter(|part| !part.is_empty())
            .map(Role::from_str)
            .collect()
    }
}

/// An officer at the moment of acting: who, by which account, with which roles, for which authority and
/// division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The natural person: what two-person rules compare.
    pub person: PersonId,
    /// The account acted by: what the audit trail names.
    pub account: AccountId,
    /// Every role held.
    pub roles: Roles,
    /// The authority acted for.
    pub authority: AuthorityId,
    /// That authority's division.
    pub division: DivisionCode,
}

/// Why an officer may not act, whatever the procedure.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActorRefusal {
    /// None of the roles that the step asks for is held.
    #[error("this step needs the role {}; {person} does not hold it", list(.needs))]
    Role {
        /// Who tried.
        person: PersonId,
        /// The roles of which one is needed.
        needs: Vec<Role>,
    },
    /// The matter lies outside the authority's division.
    #[error("division {place} lies outside the jurisdiction {jurisdiction} of {authority}")]
    Jurisdiction {
        /// The authority acted for.
        authority: AuthorityId,
        /// Its division.
        jurisdiction: DivisionCode,
        /// Where the matter lies.
        place: DivisionCode,
    },
}

fn list(roles: &[Role]) -> String {
    roles
        .iter()
        .map(|role| role.as_str())
        .collect::<Vec<_>>()
        .join(" or ")
}

impl Actor {
    /// Checks role and jurisdiction, and tells in which of the wanted roles the person acts.
    ///
    /// # Errors
    /// [`ActorRefusal::Role`] or [`ActorRefusal::Jurisdiction`].
    pub fn may_act(&self, needs: &[Role], place: DivisionCode) -> Result<Role, ActorRefusal> {
        let held = needs.iter().copied().find(|role| self.roles.contains(*role));
        let role = held.ok_or_else(|| ActorRefusal::Role {
            person: self.person.clone(),
            needs: needs.to_vec(),
        })?;
        if self.division.covers(place) {
            Ok(role)
        } else {
            Err(ActorRefusal::Jurisdiction {
                authority: self.authority.clone(),
                jurisdiction: self.division,
                place,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(roles: &str, division: &str) -> Actor {
        Actor {
            person: PersonId::new("p1").unwrap(),
            account: AccountId::new("a-p1").unwrap(),
            roles: roles.parse().unwrap(),
            authority: AuthorityId::new("a1").unwrap(),
            division: division.parse().unwrap(),
        }
    }

    #[test]
    fn roles_round_trip_as_text_and_json() {
        let roles: Roles = "approver,clerk".parse().unwrap();
        assert_eq!(roles.to_string(), "clerk,approver");
        assert_eq!(serde_json::to_string(&roles).unwrap(), r#"["clerk","approver"]"#);
        assert!("boss".parse::<Roles>().is_err());
        assert!("".parse::<Roles>().unwrap().is_empty());
    }

    #[test]
    fn an_officer_acts_in_role_and_at_home_only() {
        let county = actor("reviewer", "500105");
        let place: DivisionCode = "500105".parse().unwrap();
        assert_eq!(
            county.may_act(&[Role::Clerk, Role::Reviewer], place),
            Ok(Role::Reviewer)
        );
        assert!(matches!(
            county.may_act(&[Role::Approver], place),
            Err(ActorRefusal::Role { .. })
        ));
        let next_door = "500106".parse().unwrap();
        assert!(matches!(
            county.may_act(&[Role::Reviewer], next_door),
            Err(ActorRefusal::Jurisdiction { .. })
        ));
        assert!(
            actor("approver", "500000")
                .may_act(&[Role::Approver], next_door)
                .is_ok()
        );
    }
}
