//! Files good and hostile, read in this process; `tests/it/roster` reads them in one of its own.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="名册" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook whose only sheet holds `rows` (the content of `sheetData`), and more parts.
fn workbook(rows: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let sheet = format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    );
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", BOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", BOOK_RELS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ];
    parts.extend(more);
    packed(&parts)
}

fn rows_of(bytes: &[u8]) -> Result<Vec<Row>, Refusal> {
    let mut rows = Vec::new();
    read(bytes, &Limits::STANDARD, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
}

fn text(text: &str) -> Cell {
    Cell::of_text(text)
}

#[test]
fn a_workbook_is_read_in_order_with_its_numbers() {
    let rows = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c><c r="C1" t="inlineStr"><is><t>电话</t></is></c></row>
        <row r="4"><c r="A4" t="str"><f>"a"&amp;"b"</f><v>ab</v></c><c r="B4"><v>45659</v></c><c r="C4" t="e"><v>#N/A</v></c></row>"#;
    let read = rows_of(&workbook(rows, &[])).unwrap();
    assert_eq!(
        read,
        [
            Row {
                number: 1,
                cells: vec![(0, text("姓名")), (2, text("电话"))]
            },
            Row {
                number: 4,
                cells: vec![(0, text("ab")), (1, Cell::Number(45_659.0)), (2, Cell::Broken)]
            },
        ]
    );
}

#[test]
fn text_in_both_encodings_and_with_each_separator() {
    let lines = "姓名,性别\r\n\"王,小明\",女\r\n\r\n,\r\n李四,男\r\n";
    let (gb, ..) = encoding_rs::GB18030.encode(lines);
    let marked = format!("\u{FEFF}{lines}");
    for bytes in [lines.as_bytes(), &gb, marked.as_bytes()] {
        let read = rows_of(bytes).unwrap();
        assert_eq!(read.len(), 3);
        assert_eq!(read[0].cells[0], (0, text("姓名")));
        assert_eq!((read[1].number, &read[1].cells[0].1), (2, &text("王,小明")));
        assert_eq!(read[2].number, 5);
    }
    for lines in ["姓名\t性别\n甲\t女\n", "姓名;性别\n甲;女\n"] {
        assert_eq!(rows_of(lines.as_bytes()).unwrap()[1].cells[1], (1, text("女")));
    }
}

#[test]
fn hostile_files_are_refused_each_for_its_reason() {
    let zeros = vec![b' '; 40 << 20];
    let mut nested = packed(&[("inner.xml", &zeros)]);
    nested = packed(&[("xl/workbook.xml", b"<workbook/>"), ("inner.zip", &nested)]);
    let dtd = br#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><sst/>"#;
    let many: Vec<String> = (0..70).map(|at| format!("xl/part{at}.xml")).collect();
    let many: Vec<(&str, &[u8])> = many
        .iter()
        .map(|name| (name.as_str(), b"<a/>".as_slice()))
        .collect();
    let cell = |at: &str| format!(r#"<row><c r="{at}"><v>1</v></c></row>"#);
    let long = format!(
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>"#,
        "x".repeat(5000)
    );
    for (name, bytes, refusal) in [
        ("nothing", Vec::new(), Refusal::Nothing),
        (
            "picture",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
            Refusal::Unknown,
        ),
        (
            "xls",
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(),
            Refusal::OldWorkbook,
        ),
        ("pdf", b"%PDF-1.7".to_vec(), Refusal::Unknown),
        ("packed text", packed(&[("a.txt", b"hello")]), Refusal::NoWorkbook),
        ("cut off", workbook("", &[])[..400].to_vec(), Refusal::Damaged),
        (
            "flat bomb",
            workbook("", &[("xl/media/a.xml", &zeros)]),
            Refusal::Unpacks,
        ),
        ("many parts", workbook("", &many), Refusal::Unpacks),
        (
            "dtd",
            workbook("", &[("xl/sharedStrings.xml", dtd)]),
            Refusal::DocumentType,
        ),
        (
            "macros",
            workbook("", &[("xl/vbaProject.bin", b"x")]),
            Refusal::Macros,
        ),
        (
            "links",
            workbook("", &[("xl/externalLinks/externalLink1.xml", b"<a/>")]),
            Refusal::Links,
        ),
        (
            "far down",
            workbook(&cell("A1048576"), &[]),
            Refusal::Rows { rows: 100_100 },
        ),
        (
            "far right",
            workbook(&cell("XFD7"), &[]),
            Refusal::Columns { row: 7, columns: 64 },
        ),
        (
            "long cell",
            workbook(&long, &[]),
            Refusal::Cell {
                row: 1,
                characters: 4096,
            },
        ),
        (
            "wrong encoding",
            b"a,b\nc,\xFF\xFF\n".to_vec(),
            Refusal::Encoding { line: 2 },
        ),
        (
            "one spoilt character",
            [
                "姓名,性别\n甲,女\n乙,".as_bytes(),
                b"\xE5\x93\n",
                "丙,男\n".as_bytes(),
            ]
            .concat(),
            Refusal::Encoding { line: 3 },
        ),
        (
            "one line",
            vec![b'a'; 1 << 20],
            Refusal::Cell {
                row: 1,
                characters: 4096,
            },
        ),
        (
            "too large",
            vec![b'a'; (16 << 20) + 1],
            Refusal::TooLarge { megabytes: 16 },
        ),
    ] {
        assert_eq!(rows_of(&bytes).unwrap_err(), refusal, "{name}");
    }
    // What is packed inside is never unpacked again.
    assert!(matches!(
        rows_of(&nested).unwrap_err(),
        Refusal::Damaged | Refusal::NoWorkbook
    ));
}

#[test]
fn every_refusal_says_what_to_do_in_both_languages() {
    for refusal in [
        Refusal::Nothing,
        Refusal::Unpacks,
        Refusal::Encoding { line: 3 },
        Refusal::Rows { rows: 5 },
        Refusal::NotNow,
    ] {
        assert!(
            refusal.zh().chars().count() > 8 && refusal.en().contains(": "),
            "{refusal:?}"
        );
    }
}
