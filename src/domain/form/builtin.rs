//! The forms that come with the program. A form that a campaign used is never edited: a change is a new file
//! with a new version.

use std::sync::LazyLock;

use super::Form;

const FILES: [&str; 1] = [include_str!("../forms/review-2025.1.json")];

/// A test reads every file, so leaving out what does not parse never hides one.
static ALL: LazyLock<Vec<Form>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|file| Form::parse(file.as_bytes()).ok())
        .collect()
});

/// The built-in form of this version.
#[must_use]
pub fn find(version: &str) -> Option<&'static Form> {
    ALL.iter().find(|form| form.version == version)
}

/// Every built-in form.
#[must_use]
pub fn all() -> &'static [Form] {
    &ALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_parses_and_is_named_once() {
        for file in FILES {
            Form::parse(file.as_bytes()).unwrap();
        }
        for form in all() {
            assert_eq!(find(&form.version), Some(form));
        }
        assert!(find("1999.1").is_none());
    }
}
