//! Writes `credentialSubject` in canonical member order, straight into the buffer.
//!
//! The order of each literal below is that of RFC 8785; the property test in `tests.rs` compares
//! every shape with the crate's bytes.

use chrono::NaiveDate;

use super::facts::{
    Authority, BlacklistFacts, Employer, EmployerId, GradeFacts, RuleSetFacts, RuleSetRef, Subject,
    WithdrawalFacts,
};
use crate::record::canonical::Writer;
use crate::record::time::{self, TimeError};

/// `{…}` of `credentialSubject`.
pub(super) fn subject(out: &mut Writer, host: &str, subject: &Subject<'_>) -> Result<(), TimeError> {
    match subject {
        Subject::Grade(facts) => grade(out, host, facts),
        Subject::Blacklist(facts) => blacklist(out, host, facts),
        Subject::RuleSet(facts) => rule_set_publication(out, host, facts),
        Subject::Withdrawal(facts) => {
            withdrawal(out, facts);
            Ok(())
        }
    }
}

fn grade(out: &mut Writer, host: &str, facts: &GradeFacts<'_>) -> Result<(), TimeError> {
    out.raw("{\"basis\":")
        .strings(facts.basis.iter().map(AsRef::as_ref));
    authority(out, &facts.decided_by);
    out.raw(",\"decidedOn\":");
    day(out, facts.decided_on)?;
    out.raw(",\"division\":").string(&facts.employer.division);
    out.raw(",\"documentNumber\":").string(&facts.document_number);
    out.raw(",\"grade\":").string(&facts.grade);
    out.raw(",\"gradeYear\":").integer(facts.year.into());
    employer_id(out, host, &facts.employer);
    out.raw(",\"name\":").string(&facts.employer.name);
    registration_number(out, &facts.employer);
    rule_set(out, &facts.rule_set);
    out.raw(",\"type\":\"Employer\"");
    unified_code(out, &facts.employer);
    out.raw("}");
    Ok(())
}

fn blacklist(out: &mut Writer, host: &str, facts: &BlacklistFacts<'_>) -> Result<(), TimeError> {
    out.raw("{\"amount\":").string(&facts.amount);
    out.raw(",\"basis\":")
        .strings(facts.basis.iter().map(AsRef::as_ref));
    authority(out, &facts.decided_by);
    out.raw(",\"decidedOn\":");
    day(out, facts.decided_on)?;
    out.raw(",\"division\":").string(&facts.employer.division);
    out.raw(",\"documentNumber\":").string(&facts.document_number);
    if let Some(date) = facts.earliest_removal_on {
        out.raw(",\"earliestRemovalOn\":");
        day(out, date)?;
    }
    out.raw(",\"expiresOn\":");
    day(out, facts.expires_on)?;
    employer_id(out, host, &facts.employer);
    out.raw(",\"listedOn\":");
    day(out, facts.listed_on)?;
    out.raw(",\"name\":").string(&facts.employer.name);
    out.raw(",\"payOrder\":{\"deadline\":");
    day(out, facts.pay_order.deadline)?;
    out.raw(",\"number\":").string(&facts.pay_order.number).raw("}");
    registration_number(out, &facts.employer);
    out.raw(",\"responsiblePersons\":")
        .strings(facts.responsible_persons.iter().map(AsRef::as_ref));
    rule_set(out, &facts.rule_set);
    out.raw(",\"type\":\"Employer\"");
    unified_code(out, &facts.employer);
    out.raw(",\"workers\":").integer(facts.workers).raw("}");
    Ok(())
}

fn rule_set_publication(out: &mut Writer, host: &str, facts: &RuleSetFacts<'_>) -> Result<(), TimeError> {
    out.raw("{\"content\":").raw(&facts.content);
    out.raw(",\"effectiveFrom\":");
    day(out, facts.effective_from)?;
    if let Some(until) = facts.effective_until {
        out.raw(",\"effectiveUntil\":");
        day(out, until)?;
    }
    out.raw(",\"id\":\"https://")
        .raw(host)
        .raw("/rules/")
        .raw(&facts.id)
        .raw("/")
        .raw(&facts.version)
        .raw("\"");
    let reference = RuleSetRef {
        id: facts.id.as_ref().into(),
        version: facts.version.as_ref().into(),
        digest: facts.digest(),
    };
    rule_set(out, &reference);
    out.raw(",\"type\":\"RuleSet\"}");
    Ok(())
}

fn withdrawal(out: &mut Writer, facts: &WithdrawalFacts) {
    out.raw("{\"withdraws\":{\"digestMultibase\":\"")
        .ascii(&facts.withdraws.multibase_bytes());
    out.raw("\"}}");
}

/// `https://HOST/employers/<code>`, or `<division>-<number>` where there is no code.
fn employer_id(out: &mut Writer, host: &str, employer: &Employer<'_>) {
    out.raw(",\"id\":\"https://").raw(host).raw("/employers/");
    match &employer.id {
        EmployerId::UnifiedCode(code) => out.raw(code),
        EmployerId::RegistrationNumber(number) => out.raw(&employer.division).raw("-").raw(number),
    };
    out.raw("\"");
}

fn registration_number(out: &mut Writer, employer: &Employer<'_>) {
    if let EmployerId::RegistrationNumber(number) = &employer.id {
        out.raw(",\"registrationNumber\":").string(number);
    }
}

fn unified_code(out: &mut Writer, employer: &Employer<'_>) {
    if let EmployerId::UnifiedCode(code) = &employer.id {
        out.raw(",\"unifiedCode\":").string(code);
    }
}

fn authority(out: &mut Writer, authority: &Authority<'_>) {
    out.raw(",\"decidedBy\":{\"division\":")
        .string(&authority.division);
    out.raw(",\"name\":").string(&authority.name).raw("}");
}

fn rule_set(out: &mut Writer, reference: &RuleSetRef<'_>) {
    out.raw(",\"ruleSet\":{\"digestMultibase\":\"")
        .ascii(&reference.digest.multibase_bytes());
    out.raw("\",\"id\":").string(&reference.id);
    out.raw(",\"version\":").string(&reference.version).raw("}");
}

fn day(out: &mut Writer, date: NaiveDate) -> Result<(), TimeError> {
    out.raw("\"").ascii(&time::date(date)?).raw("\"");
    Ok(())
}
