//! The initials of a name's pinyin, by which a reader finds it: `cqjw` finds 重庆江湾建材有限公司.
//!
//! A character may have several readings (重: chong, zhong); each counts, so nobody has to know which one a
//! dictionary puts first. A Latin letter stands for itself; what has no reading is passed over. It knows no
//! tones and no whole syllables.

use std::collections::BTreeSet;

use pinyin::ToPinyinMulti as _;

/// The letters that a character can be typed as; none where it has no reading.
fn letters(c: char) -> Vec<char> {
    if c.is_ascii_alphabetic() {
        return vec![c.to_ascii_lowercase()];
    }
    let readings = c.to_pinyin_multi().into_iter().flatten();
    let letters: BTreeSet<char> = readings
        .filter_map(|reading| reading.first_letter().chars().next())
        .collect();
    letters.into_iter().collect()
}

fn of(name: &str) -> Vec<Vec<char>> {
    let each = name.chars().map(letters);
    each.filter(|letters| !letters.is_empty()).collect()
}

/// The words of the index for a name: each two neighbouring initials, marked so that they are no piece of a name.
pub(super) fn words(name: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for pair in of(name).windows(2) {
        if let [first, second] = pair {
            for a in first {
                words.extend(second.iter().map(|b| word(*a, *b)));
            }
        }
    }
    words
}

fn word(a: char, b: char) -> String {
    format!("py{a}{b}")
}

/// What a reader typed, if it can be initials: two Latin letters or more and nothing else.
pub(super) fn typed(text: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let are_letters = letters.len() >= 2 && letters.iter().all(char::is_ascii_alphabetic);
    are_letters.then(|| letters.iter().map(char::to_ascii_lowercase).collect())
}

/// The words of the index that a name with these initials has.
pub(super) fn wanted(typed: &[char]) -> Vec<String> {
    let pairs = typed.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(word(*a, *b)),
        _ => None,
    });
    pairs.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether a name has these initials next to each other. Two of them the index alone decides.
pub(super) fn has(name: &str, typed: &[char]) -> bool {
    let name = of(name);
    let fits = |(letters, typed): (&Vec<char>, &char)| letters.contains(typed);
    typed.len() <= name.len()
        && name
            .windows(typed.len())
            .any(|part| part.iter().zip(typed).all(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_its_initials_in_every_reading() {
        let name = "重庆江湾（ABC）建材有限公司";
        for text in ["cqjw", "zqjw", "JWabcjc", "yxgs"] {
            let typed = typed(text).unwrap();
            assert!(has(name, &typed), "{text}");
            let words = words(name);
            assert!(wanted(&typed).iter().all(|word| words.contains(word)), "{text}");
        }
        for text in ["cqwj", "cqjj", "gsx"] {
            assert!(!has(name, &typed(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn only_latin_letters_are_initials() {
        for text in ["", "c", "重庆", "cq1", "cq重", "c-q"] {
            assert_eq!(typed(text), None, "{text}");
        }
        assert_eq!(typed("Cq"), Some(vec!['c', 'q']));
    }
}
