//! Where a JSON string needs attention: the quote, the backslash and the control characters below
//! U+0020. Everything else stands for itself in RFC 8785 (§3.2.2.2).

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// How many leading bytes are plain. Eight at a time: the classic “has a zero byte” and “has a byte
/// below n” tests on a 64-bit word, whose lowest hit is exact.
pub(super) fn plain_prefix(mut rest: &[u8]) -> usize {
    let mut plain = 0;
    while let Some((chunk, tail)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = zero_byte(word ^ (ONES * 0x22));
        let backslash = zero_byte(word ^ (ONES * 0x5c));
        let hits = (control | quote | backslash) & HIGHS;
        if hits != 0 {
            return plain + usize::try_from(hits.trailing_zeros() / 8).unwrap_or(0);
        }
        plain += 8;
        rest = tail;
    }
    plain
        + rest
            .iter()
            .take_while(|byte| **byte >= 0x20 && **byte != b'"' && **byte != b'\\')
            .count()
}

fn zero_byte(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word
}

/// The letter of a two-character escape (`\n`), where RFC 8785 demands one.
pub(super) fn short(byte: u8) -> Option<u8> {
    match byte {
        0x08 => Some(b'b'),
        0x09 => Some(b't'),
        0x0a => Some(b'n'),
        0x0c => Some(b'f'),
        0x0d => Some(b'r'),
        b'"' => Some(b'"'),
        b'\\' => Some(b'\\'),
        _ => None,
    }
}

/// The byte behind a two-character escape's letter; the reverse of [`short`].
pub(super) fn long(letter: u8) -> Option<u8> {
    match letter {
        b'b' => Some(0x08),
        b't' => Some(0x09),
        b'n' => Some(0x0a),
        b'f' => Some(0x0c),
        b'r' => Some(0x0d),
        b'"' | b'\\' => Some(letter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_prefix_equals_the_plain_loop() {
        for special in 0..=255u8 {
            for at in 0..20 {
                let mut bytes = vec![0xe5; 20];
                bytes[at] = special;
                let slow = bytes
                    .iter()
                    .take_while(|b| **b >= 0x20 && **b != b'"' && **b != b'\\')
                    .count();
                assert_eq!(plain_prefix(&bytes), slow, "{special:#x} at {at}");
            }
        }
    }

    #[test]
    fn short_and_long_are_inverse() {
        for byte in 0..=255u8 {
            if let Some(letter) = short(byte) {
                assert_eq!(long(letter), Some(byte));
            }
        }
    }
}
