//! A record as a row of the CSV file (RFC 4180). A cell that a spreadsheet would take for a formula gets a
//! leading quote (ASVS 1.2.10): whoever opens the file must not run what a name says.

use crate::record::credential::{Credential, Employer, EmployerId, Subject};
use crate::record::digest::Digest;

/// The columns.
pub(super) const COLUMNS: [&str; 23] = [
    "log_index",
    "sha256",
    "audience",
    "type",
    "suspended",
    "name",
    "unified_code",
    "registration_number",
    "division",
    "year",
    "grade",
    "basis",
    "listed_on",
    "expires_on",
    "workers",
    "amount_yuan",
    "responsible_persons",
    "document_number",
    "decided_on",
    "decided_by",
    "rule_set",
    "valid_from",
    "valid_until",
];

/// What the log says of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) index: u64,
    pub(super) digest: Digest,
    pub(super) audience: &'static str,
    pub(super) suspended: bool,
}

/// The cells of a record, in the order of [`COLUMNS`].
pub(super) fn cells(place: Place, record: &Credential<'_>, subject: &Subject<'_>) -> Vec<String> {
    let mut row = Row(vec![
        place.index.to_string(),
        place.digest.hex(),
        place.audience.to_owned(),
        record.record_type.as_str().to_owned(),
        place.suspended.to_string(),
    ]);
    match subject {
        Subject::Grade(facts) => {
            row.employer(&facts.employer);
            row.all([
                facts.year.to_string(),
                facts.grade.to_string(),
                facts.basis.join(" "),
            ]);
            row.blank(5);
            row.all([
                facts.document_number.to_string(),
                facts.decided_on.to_string(),
                facts.decided_by.name.to_string(),
                format!("{} {}", facts.rule_set.id, facts.rule_set.version),
            ]);
        }
        Subject::Blacklist(facts) => {
            row.employer(&facts.employer);
            row.blank(2);
            row.all([
                facts.basis.join(" "),
                facts.listed_on.to_string(),
                facts.expires_on.to_string(),
                facts.workers.to_string(),
                facts.amount.to_string(),
                facts.responsible_persons.join(" "),
                facts.document_number.to_string(),
                facts.decided_on.to_string(),
                facts.decided_by.name.to_string(),
                format!("{} {}", facts.rule_set.id, facts.rule_set.version),
            ]);
        }
        Subject::RuleSet(facts) => {
            row.blank(15);
            row.all([format!("{} {}", facts.id, facts.version)]);
        }
        // Never current, so never in a dump.
        Subject::Withdrawal(_) => row.blank(16),
    }
    let moment = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    row.all([
        moment(record.valid_from),
        record.valid_until.map(moment).unwrap_or_default(),
    ]);
    row.0.into_iter().map(harmless).collect()
}

struct Row(Vec<String>);

impl Row {
    fn all<const N: usize>(&mut self, cells: [String; N]) {
        self.0.extend(cells);
    }

    fn blank(&mut self, count: usize) {
        self.0.extend(std::iter::repeat_n(String::new(), count));
    }

    fn employer(&mut self, employer: &Employer<'_>) {
        let (code, number) = match &employer.id {
            EmployerId::UnifiedCode(code) => (code.to_string(), String::new()),
            EmployerId::RegistrationNumber(number) => (String::new(), number.to_string()),
        };
        self.all([
            employer.name.to_string(),
            code,
            number,
            employer.division.to_string(),
        ]);
    }
}

/// With a leading quote where a spreadsheet would see a formula.
fn harmless(cell: String) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\0' | '＝' | '＋' | '－' | '＠') => {
            format!("'{cell}")
        }
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::credential::{Draft, issue, read, samples};

    #[test]
    fn every_subject_fills_every_column() {
        let place = Place {
            index: 7,
            digest: Digest::of(b""),
            audience: "public",
            suspended: false,
        };
        let drafts: [Draft<'_>; 3] = [
            samples::grade(),
            samples::blacklist(),
            samples::rule_set_publication(),
        ];
        for draft in drafts {
            let bytes = issue(&samples::host(), &draft, samples::created(), &samples::signer()).unwrap();
            let record = read(&bytes).unwrap();
            let cells = cells(place, &record, &record.facts().unwrap());
            assert_eq!(cells.len(), COLUMNS.len(), "{cells:?}");
            let at = |name: &str| {
                let place = COLUMNS.iter().position(|column| *column == name);
                cells[place.unwrap()].as_str()
            };
            assert!(at("rule_set").contains(' '), "{cells:?}");
            assert!(at("valid_from").ends_with('Z'), "{cells:?}");
        }
    }

    #[test]
    fn formulas_are_made_harmless() {
        for cell in ["=1+1", "+1", "-1", "@x", "\t=1", "\0", "＝1"] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        assert_eq!(harmless("重庆=1".to_owned()), "重庆=1");
        assert_eq!(harmless(String::new()), "");
    }
}
