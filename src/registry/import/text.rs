//! From bytes to text: UTF-8, with or without a byte-order mark, or GB18030 as spreadsheet programs in
//! China save it. Anything else is refused by name, never read with replacement characters.

use encoding_rs::GB18030;

use super::problem::Fault;

/// What to do with a file that is no CSV text.
const SAVE_AS: (&str, &str) = (
    "请在表格软件中另存为“CSV UTF-8（逗号分隔）”后再导入",
    "save it from the spreadsheet as “CSV UTF-8 (comma delimited)”",
);

/// The text of a file.
///
/// # Errors
/// Why it is no text.
pub fn decode(bytes: &[u8]) -> Result<String, Fault> {
    let known = [
        (
            &b"PK\x03\x04"[..],
            "这是 Excel（xlsx）文件，不是 CSV",
            "this is an Excel (xlsx) file, not CSV",
        ),
        (
            &b"\xD0\xCF\x11\xE0"[..],
            "这是 Excel（xls）文件，不是 CSV",
            "this is an Excel (xls) file, not CSV",
        ),
        (&b"\xFF\xFE"[..], "文件编码是 UTF-16", "the file is UTF-16"),
        (&b"\xFE\xFF"[..], "文件编码是 UTF-16", "the file is UTF-16"),
    ];
    for (start, zh, en) in known {
        if bytes.starts_with(start) {
            return Err(Fault::new((zh, en), SAVE_AS));
        }
    }
    if bytes.contains(&0) {
        return Err(Fault::new(
            (
                "文件含有空字节，不是文本",
                "the file holds zero bytes and is no text",
            ),
            SAVE_AS,
        ));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    GB18030
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| {
            Fault::new(
                (
                    "文件既不是 UTF-8 也不是 GB18030",
                    "the file is neither UTF-8 nor GB18030",
                ),
                SAVE_AS,
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_three_encodings() {
        let text = "名称,重庆诚信有限公司,𠮷";
        let (gb, _, _) = GB18030.encode(text);
        let with_mark = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &with_mark, &gb] {
            assert_eq!(decode(bytes).unwrap(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_text() {
        for bytes in [
            &b"PK\x03\x04..."[..],
            b"\xFF\xFEa\0",
            b"a\0b",
            b"\x81",
            b"name,\xFF\xFF\xFF",
        ] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }
}
