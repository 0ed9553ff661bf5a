//! What a record says, in short, for the reader of a verdict.

use super::super::verdict::About;
use crate::record::credential::{Employer, EmployerId, Subject, read};

pub(super) fn about(record: &[u8]) -> Option<About> {
    let credential = read(record).ok()?;
    let about = About {
        record_type: credential.record_type.as_str(),
        ..About::default()
    };
    Some(match credential.facts() {
        Ok(Subject::Grade(facts)) => {
            let (year, grade) = (Some(facts.year), Some(facts.grade.into_owned()));
            About {
                year,
                grade,
                ..of(&facts.employer, about)
            }
        }
        Ok(Subject::Blacklist(facts)) => of(&facts.employer, about),
        Ok(Subject::RuleSet(facts)) => About {
            code: Some(format!("{} {}", facts.id, facts.version)),
            ..about
        },
        Ok(Subject::Withdrawal(_)) | Err(_) => about,
    })
}

fn of(employer: &Employer<'_>, about: About) -> About {
    let code = match &employer.id {
        EmployerId::UnifiedCode(code) => code.clone().into_owned(),
        EmployerId::RegistrationNumber(number) => format!("{}:{number}", employer.division),
    };
    About {
        name: Some(employer.name.clone().into_owned()),
        code: Some(code),
        ..about
    }
}
