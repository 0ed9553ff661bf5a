//! Files made to hurt whoever reads them: refused by the reading process, or the end of it, never of ours.

use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};

use chengxin::sheet::{Limits, Refusal, Worker};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn worker() -> Worker {
    Worker {
        program: env!("CARGO_BIN_EXE_chengxin").into(),
        limits: Limits::STANDARD,
    }
}

/// A workbook with the parts that every reader asks for, and `strings` as its shared strings.
fn workbook(strings: &[u8], rows: &str) -> Vec<u8> {
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    );
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let relations = |kind: &str, target: &str| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{office}/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    let book = format!(
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [
        (
            "_rels/.rels",
            relations("officeDocument", "xl/workbook.xml").as_bytes(),
        ),
        ("xl/workbook.xml", book.as_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            relations("worksheet", "worksheets/sheet1.xml").as_bytes(),
        ),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        ("xl/sharedStrings.xml", strings),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn refusal(bytes: &[u8]) -> Refusal {
    worker().read(bytes, &mut |_| Ok(())).unwrap_err()
}

/// The count is believed by the reader: it would reserve room for as many strings.
#[test]
fn a_lying_count_of_shared_strings_ends_the_reading_process_alone() {
    for count in ["18446744073709551615", "1000000000"] {
        let strings = format!(r#"<sst uniqueCount="{count}"><si><t>a</t></si></sst>"#);
        assert_eq!(
            refusal(&workbook(strings.as_bytes(), "")),
            Refusal::Costly,
            "{count}"
        );
    }
    // And the next file is read as ever.
    let good = workbook(b"<sst/>", r#"<row r="1"><c r="A1"><v>1</v></c></row>"#);
    let mut rows = 0;
    worker()
        .read(&good, &mut |_| {
            rows += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(rows, 1);
}

/// Many strings cost far more in memory than in the file: half a million honest ones are read, as many as
/// ever pack well are not.
#[test]
fn shared_strings_by_the_million() {
    let strings = |count: u32, each: &dyn Fn(u32) -> String| {
        let all: String = (0..count)
            .map(|nth| format!("<si><t>{}</t></si>", each(nth)))
            .collect();
        format!("<sst>{all}</sst>")
    };
    let row = r#"<row r="1"><c r="A1" t="s"><v>499999</v></c></row>"#;
    let mut cells = Vec::new();
    worker()
        .read(
            &workbook(strings(500_000, &|nth| nth.to_string()).as_bytes(), row),
            &mut |row| {
                cells.extend(row.cells);
                Ok(())
            },
        )
        .unwrap();
    assert!(cells == [(0, chengxin::domain::roster::Cell::of_text("499999"))]);
    let same = strings(5_000_000, &|_| "a".to_owned());
    assert_eq!(refusal(&workbook(same.as_bytes(), row)), Refusal::Unpacks);
}

/// A hundred files of every kind of nonsense: each is answered, and soon.
#[test]
fn noise_is_answered() {
    let good = workbook(b"<sst/>", r#"<row r="1"><c r="A1"><v>1</v></c></row>"#);
    let started = Instant::now();
    for seed in 0..100_usize {
        let mut bytes = good.clone();
        let at = seed.wrapping_mul(7919) % bytes.len();
        bytes[at] ^= 0x55;
        bytes.truncate(bytes.len() - seed % 7);
        // Read or refused: what matters is that an answer comes.
        drop(worker().read(&bytes, &mut |_| Ok(())));
    }
    assert!(started.elapsed() < Duration::from_secs(120));
}

/// Whoever takes the rows may stop; the process does not go on without a reader.
#[test]
fn a_reader_that_stops_ends_the_process() {
    let mut rows = String::new();
    for row in 1..=50_000 {
        rows.push_str(&format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#));
    }
    let mut seen = 0;
    let stopped = worker().read(&workbook(b"<sst/>", &rows), &mut |_| {
        seen += 1;
        if seen == 10 { Err(Refusal::Nothing) } else { Ok(()) }
    });
    assert_eq!((stopped, seen), (Err(Refusal::Nothing), 10));
}
