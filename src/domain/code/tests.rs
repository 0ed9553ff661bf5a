use proptest::prelude::*;

use super::*;

/// domain.md G.1: both check characters hold.
const VALID: [&str; 21] = [
    "91110000600037341L",
    "91350200776049653A",
    "91350500798359476R",
    "91350503MA31DKY80A",
    "91350200MA31E12PXF",
    "91440101MA5CJQ4N59",
    "913502000728319549",
    "123502001549897397",
    "91350503MA31DNG762",
    "913502115628130384",
    "9135021359498494XQ",
    "91350203MA31NDF85F",
    "91350203MA32AXT97E",
    "91350203MA31XXW31H",
    "91350206MA31LUJ437",
    "91350213678251743X",
    "91350200MA2YJ1XR9G",
    "11150000011512968L",
    "9144030071526726XG",
    "91110000802100433B",
    "91330100799655058B",
];

fn person(id: &str) -> PersonId {
    PersonId::new(id).unwrap()
}

#[test]
fn published_codes_parse() {
    for text in VALID {
        let code = UnifiedCode::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(code.to_string(), text);
        assert_eq!(code.division_str(), &text[2..8]);
        let rebuilt = UnifiedCode::from_parts(&text[..2], &text[2..8], &text[8..16]).unwrap();
        assert_eq!(rebuilt, code);
    }
}

#[test]
fn letters_may_open_a_code() {
    for kind in ["N1", "A1", "Y1", "81"] {
        let code = UnifiedCode::from_parts(kind, "500105", "MA5CJQ4N").unwrap();
        assert_eq!(UnifiedCode::parse(code.as_str()), Ok(code));
    }
}

#[test]
fn a_failing_check_character_needs_a_second_person() {
    let text = "91350203M0001QAY9B";
    assert_eq!(
        UnifiedCode::parse(text),
        Err(CodeError::CheckDigit {
            expected: '9',
            found: 'B'
        })
    );
    assert!(OrganisationCode::parse(&text[8..17]).is_ok());
    assert_eq!(
        CheckDigitOverride::new("as printed on the licence", person("li"), person("li")),
        Err(OverrideError::SamePerson(person("li")))
    );
    assert_eq!(
        CheckDigitOverride::new(" ", person("li"), person("wu")),
        Err(OverrideError::NoReason)
    );
    let confirmed = CheckDigitOverride::new("as printed on the licence", person("li"), person("wu")).unwrap();
    let code = UnifiedCode::accept_with_override(text, &confirmed).unwrap();
    assert_eq!(code.as_str(), text);
    assert!(code.check().is_err());
    assert!(UnifiedCode::accept_with_override("91350203M0001QAY9", &confirmed).is_err());
    assert!(UnifiedCode::accept_with_override("91350203M0001QAYIB", &confirmed).is_err());
    let stored = serde_json::to_string(&code).unwrap();
    assert_eq!(serde_json::from_str::<UnifiedCode>(&stored).unwrap(), code);
    let forged = r#"{"reason":"x","entered_by":"li","approved_by":"li"}"#;
    assert!(serde_json::from_str::<CheckDigitOverride>(forged).is_err());
}

#[test]
fn the_reason_of_a_refusal_is_exact() {
    let wrong = |text: &str| UnifiedCode::parse(text).unwrap_err();
    assert_eq!(
        wrong(""),
        CodeError::Length {
            expected: 18,
            found: 0
        }
    );
    assert_eq!(
        wrong("91110000600037341"),
        CodeError::Length {
            expected: 18,
            found: 17
        }
    );
    assert_eq!(
        wrong("91110000600037341LL"),
        CodeError::Length {
            expected: 18,
            found: 19
        }
    );
    assert_eq!(
        wrong("9111000060003734IL"),
        CodeError::Character {
            position: 17,
            found: 'I'
        }
    );
    assert_eq!(
        wrong("91110000600037341l"),
        CodeError::Character {
            position: 18,
            found: 'l'
        }
    );
    assert_eq!(
        wrong("91A10000600037341L"),
        CodeError::Character {
            position: 3,
            found: 'A'
        }
    );
    assert_eq!(
        wrong("９1110000600037341L"),
        CodeError::Character {
            position: 1,
            found: '９'
        }
    );
    assert!(matches!(
        wrong("91110000600037342L"),
        CodeError::OrganisationCheckDigit { .. }
    ));
    assert_eq!(UnifiedCode::tidy(" ９1110000 600037341l\n"), "91110000600037341L");
}

#[test]
fn organisation_codes() {
    for text in ["01121765-1", "01089065-X", "600037341"] {
        let code = OrganisationCode::parse(text).unwrap();
        assert_eq!(code.to_string(), text.replace('-', ""));
    }
    assert_eq!(
        OrganisationCode::parse("01121765-2"),
        Err(CodeError::OrganisationCheckDigit {
            expected: '1',
            found: '2'
        })
    );
    assert!(OrganisationCode::parse("0112-17651").is_err());
}

proptest! {
    #[test]
    fn any_built_code_parses_and_any_changed_character_does_not(
        body in "[0-9A-HJ-NP-RTUWXY]{8}", division in "[1-6][0-9]{5}", place in 0usize..18, by in 1usize..31,
    ) {
        let code = UnifiedCode::from_parts("91", &division, &body).unwrap();
        prop_assert_eq!(UnifiedCode::parse(code.as_str()), Ok(code));
        let alphabet = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
        let mut bytes = code.as_str().as_bytes().to_vec();
        let old = alphabet.iter().position(|b| *b == bytes[place]).unwrap();
        bytes[place] = alphabet[(old + by) % 31];
        prop_assert!(UnifiedCode::parse(std::str::from_utf8(&bytes).unwrap()).is_err());
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,40}") {
        let _ = UnifiedCode::parse(&text);
        let _ = OrganisationCode::parse(&text);
    }
}
