//! `credentialSubject` back into facts. Each shape takes exactly its members: a missing, unknown or
//! differently typed one is refused, and so is every fact that would not have been signed.

use std::borrow::Cow;
use std::cell::Cell;

use chrono::NaiveDate;

use super::RecordType;
use super::facts::{
    Authority, BlacklistFacts, Employer, EmployerId, GradeFacts, PayOrder, RuleSetFacts, RuleSetRef, Subject,
    WithdrawalFacts,
};
use super::read::{ReadError, is_joined};
use crate::record::canonical::{Members, Raw};
use crate::record::digest::Digest;
use crate::record::time::parse_date;

/// The facts of a subject of the given type.
pub(super) fn facts<'a>(
    kind: RecordType,
    host: &str,
    document: &Members<'a>,
) -> Result<Subject<'a>, ReadError> {
    let fields = Fields::of("credentialSubject", document.object("credentialSubject"))?;
    let subject = match kind {
        RecordType::IntegrityGrade => Subject::Grade(grade(&fields, host)?),
        RecordType::WageBlacklistEntry => Subject::Blacklist(blacklist(&fields, host)?),
        RecordType::RuleSetPublication => Subject::RuleSet(rule_set_publication(&fields, host)?),
        RecordType::RecordWithdrawal => Subject::Withdrawal(withdrawal(&fields)?),
        RecordType::BitstringStatusListCredential | RecordType::RegistrySnapshot => {
            return Err(ReadError::Type);
        }
    };
    fields.finish()?;
    subject.check()?;
    Ok(subject)
}

fn grade<'a>(fields: &Fields<'a>, host: &str) -> Result<GradeFacts<'a>, ReadError> {
    Ok(GradeFacts {
        employer: employer(fields, host)?,
        year: fields.integer("gradeYear")?,
        grade: fields.string("grade")?,
        basis: fields.strings("basis")?,
        document_number: fields.string("documentNumber")?,
        decided_on: fields.date("decidedOn")?,
        decided_by: authority(fields)?,
        rule_set: rule_set(fields)?,
    })
}

fn blacklist<'a>(fields: &Fields<'a>, host: &str) -> Result<BlacklistFacts<'a>, ReadError> {
    let order = fields.object("payOrder")?;
    let pay_order = PayOrder {
        number: order.string("number")?,
        deadline: order.date("deadline")?,
    };
    order.finish()?;
    Ok(BlacklistFacts {
        employer: employer(fields, host)?,
        document_number: fields.string("documentNumber")?,
        decided_on: fields.date("decidedOn")?,
        decided_by: authority(fields)?,
        rule_set: rule_set(fields)?,
        listed_on: fields.date("listedOn")?,
        expires_on: fields.date("expiresOn")?,
        earliest_removal_on: fields
            .optional("earliestRemovalOn")
            .map(|raw| date(raw))
            .transpose()?,
        workers: fields.integer("workers")?,
        amount: fields.string("amount")?,
        basis: fields.strings("basis")?,
        pay_order,
        responsible_persons: fields.strings("responsiblePersons")?,
    })
}

fn rule_set_publication<'a>(fields: &Fields<'a>, host: &str) -> Result<RuleSetFacts<'a>, ReadError> {
    let reference = rule_set(fields)?;
    let id = fields.plain("id")?;
    if !is_joined(
        id,
        &[
            "https://",
            host,
            "/rules/",
            &reference.id,
            "/",
            &reference.version,
        ],
    ) {
        return Err(ReadError::Value("id"));
    }
    fields.fixed("type", "RuleSet")?;
    let facts = RuleSetFacts {
        id: reference.id,
        version: reference.version,
        effective_from: fields.date("effectiveFrom")?,
        effective_until: fields
            .optional("effectiveUntil")
            .map(|raw| date(raw))
            .transpose()?,
        content: Cow::Borrowed(fields.get("content")?.text()),
    };
    if facts.digest() != reference.digest {
        return Err(ReadError::Value("ruleSet"));
    }
    Ok(facts)
}

fn withdrawal(fields: &Fields<'_>) -> Result<WithdrawalFacts, ReadError> {
    let inner = fields.object("withdraws")?;
    let withdraws = Digest::parse_multibase(inner.plain("digestMultibase")?)?;
    inner.finish()?;
    Ok(WithdrawalFacts { withdraws })
}

fn employer<'a>(fields: &Fields<'a>, host: &str) -> Result<Employer<'a>, ReadError> {
    fields.fixed("type", "Employer")?;
    let division = fields.string("division")?;
    let url = fields.plain("id")?;
    let (id, right) = match (
        fields.optional("unifiedCode"),
        fields.optional("registrationNumber"),
    ) {
        (Some(code), None) => {
            let code = code.plain().ok_or(ReadError::Missing("unifiedCode"))?;
            (
                EmployerId::UnifiedCode(code.into()),
                is_joined(url, &["https://", host, "/employers/", code]),
            )
        }
        (None, Some(number)) => {
            let number = number.plain().ok_or(ReadError::Missing("registrationNumber"))?;
            let parts = ["https://", host, "/employers/", &division, "-", number];
            (
                EmployerId::RegistrationNumber(number.into()),
                is_joined(url, &parts),
            )
        }
        _ => return Err(ReadError::Missing("unifiedCode")),
    };
    if !right {
        return Err(ReadError::Value("id"));
    }
    Ok(Employer {
        name: fields.string("name")?,
        id,
        division,
    })
}

fn authority<'a>(fields: &Fields<'a>) -> Result<Authority<'a>, ReadError> {
    let inner = fields.object("decidedBy")?;
    let authority = Authority {
        name: inner.string("name")?,
        division: inner.string("division")?,
    };
    inner.finish()?;
    Ok(authority)
}

fn rule_set<'a>(fields: &Fields<'a>) -> Result<RuleSetRef<'a>, ReadError> {
    let inner = fields.object("ruleSet")?;
    let reference = RuleSetRef {
        id: inner.string("id")?,
        version: inner.string("version")?,
        digest: Digest::parse_multibase(inner.plain("digestMultibase")?)?,
    };
    inner.finish()?;
    Ok(reference)
}

fn date(raw: Raw<'_>) -> Result<NaiveDate, ReadError> {
    Ok(parse_date(raw.plain().unwrap_or_default())?)
}

/// An object's members, counted as they are taken, so that a left-over one is noticed.
struct Fields<'a> {
    members: Members<'a>,
    taken: Cell<usize>,
}

impl<'a> Fields<'a> {
    fn of(name: &'static str, members: Option<Members<'a>>) -> Result<Self, ReadError> {
        let members = members.ok_or(ReadError::Missing(name))?;
        Ok(Self {
            members,
            taken: Cell::new(0),
        })
    }

    /// Each member is asked for once, so the counts agree exactly if nothing is left over.
    fn finish(&self) -> Result<(), ReadError> {
        if self.taken.get() == self.members.len() {
            return Ok(());
        }
        let names: Vec<_> = self.members.iter().map(|(name, _)| name).collect();
        Err(ReadError::Unknown(names.join(", ")))
    }

    fn optional(&self, name: &'static str) -> Option<Raw<'a>> {
        let found = self.members.get(name);
        self.taken.set(self.taken.get() + usize::from(found.is_some()));
        found
    }

    fn get(&self, name: &'static str) -> Result<Raw<'a>, ReadError> {
        self.optional(name).ok_or(ReadError::Missing(name))
    }

    fn object(&self, name: &'static str) -> Result<Self, ReadError> {
        self.get(name)?;
        Self::of(name, self.members.object(name))
    }

    fn plain(&self, name: &'static str) -> Result<&'a str, ReadError> {
        self.get(name)?.plain().ok_or(ReadError::Missing(name))
    }

    fn string(&self, name: &'static str) -> Result<Cow<'a, str>, ReadError> {
        self.get(name)?.string().ok_or(ReadError::Missing(name))
    }

    fn strings(&self, name: &'static str) -> Result<Vec<Cow<'a, str>>, ReadError> {
        self.get(name)?.strings().ok_or(ReadError::Missing(name))
    }

    fn integer<T: TryFrom<i64>>(&self, name: &'static str) -> Result<T, ReadError> {
        let value = self
            .get(name)?
            .integer()
            .and_then(|value| T::try_from(value).ok());
        value.ok_or(ReadError::Missing(name))
    }

    fn date(&self, name: &'static str) -> Result<NaiveDate, ReadError> {
        date(self.get(name)?)
    }

    fn fixed(&self, name: &'static str, wanted: &str) -> Result<(), ReadError> {
        if self.plain(name)? == wanted {
            Ok(())
        } else {
            Err(ReadError::Value(name))
        }
    }
}
