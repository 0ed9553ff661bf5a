//! Workbooks that go back to employers: the roster's template, and everything that was found in a roster.

use rust_xlsxwriter::{DataValidation, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::domain::roster::{Column, Employment, Finding, Severity, Sex};

/// Rows of the template that have drop-downs.
const ROWS: u32 = 100_000;
/// Findings that one workbook holds; whoever has more mends these first.
const MOST: usize = 100_000;

/// The empty roster: headings, text format where a spreadsheet would spoil a number, drop-downs.
///
/// # Errors
/// The writer's own; none is expected.
pub fn template() -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("职工名册")?;
    let heading = Format::new()
        .set_bold()
        .set_background_color("DCE6F5")
        .set_align(FormatAlign::Center);
    // Numbers of 18 digits, telephones and days stay what was typed only in cells of text.
    let text = Format::new().set_num_format("@");
    for (at, column) in (0_u16..).zip(Column::ALL) {
        let star = if column.is_statutory() { "*" } else { "" };
        sheet.set_column_format(at, &text)?;
        sheet.set_column_width(at, width(column))?;
        sheet.write_string_with_format(0, at, format!("{star}{}", column.zh()), &heading)?;
        if let Some(choices) = choices(column) {
            let list = DataValidation::new()
                .allow_list_strings(&choices)?
                .set_error_title("请从列表中选择")?
                .set_error_message(choices.join("、"))?;
            sheet.add_data_validation(1, at, ROWS, at, &list)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    explain(workbook.add_worksheet().set_name("填写说明")?)?;
    workbook.save_to_buffer()
}

fn choices(column: Column) -> Option<Vec<&'static str>> {
    match column {
        Column::Sex => Some(vec![Sex::Male.zh(), Sex::Female.zh()]),
        Column::Employment => Some(Employment::ALL.map(Employment::zh).to_vec()),
        _ => None,
    }
}

fn width(column: Column) -> f64 {
    match column {
        Column::Sex => 8.0,
        Column::Household | Column::Address => 32.0,
        Column::IdNumber => 24.0,
        Column::Contract => 28.0,
        _ => 16.0,
    }
}

/// How each column is filled in, on a sheet of its own: the first sheet holds people alone.
fn explain(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 20)?.set_column_width(1, 72)?;
    let lines = [
        (
            "带*的列",
            "《劳动合同法实施条例》第八条规定职工名册应当包括的内容，必须填写",
        ),
        (
            "公民身份号码",
            "十八位；保持本列为文本格式，否则电子表格会丢失末几位",
        ),
        ("日期", "写成 2025-03-02 或 2025年3月2日"),
        (
            "劳动合同期限",
            "写成 2025-01-01至2027-12-31；或 无固定期限、以完成一定工作任务为期限、未签订",
        ),
        ("离职日期", "仍在职的不填"),
        (
            "行数",
            "一人一行，最多十万行；其他编码的文本文件请存为 CSV（UTF-8 或 GB18030）",
        ),
    ];
    for (row, (what, how)) in (0..).zip(lines) {
        sheet.write_string(row, 0, what)?.write_string(row, 1, how)?;
    }
    Ok(())
}

/// Everything that was found, a row each: where, what and what to do. Holds no personal data, for findings
/// hold none.
///
/// # Errors
/// The writer's own; none is expected.
pub fn findings(found: &[Finding]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("核对结果")?;
    let heading = Format::new().set_bold().set_background_color("DCE6F5");
    for (at, (title, width)) in (0_u16..).zip([
        ("行", 8),
        ("列", 16),
        ("处理", 16),
        ("问题与处理办法", 72),
        ("依据", 28),
    ]) {
        sheet.set_column_width(at, width)?;
        sheet.write_string_with_format(0, at, title, &heading)?;
    }
    for (row, finding) in (1..).zip(found.iter().take(MOST)) {
        match finding.row {
            Some(number) => sheet.write_number(row, 0, number)?,
            None => sheet.write_string(row, 0, "全表")?,
        };
        let todo = match finding.found.severity() {
            Severity::Mend => "必须先修改",
            Severity::Review => "由工作人员核实",
        };
        sheet
            .write_string(row, 1, finding.column.map_or("", Column::zh))?
            .write_string(row, 2, todo)?
            .write_string(row, 3, finding.found.zh())?
            .write_string(row, 4, finding.found.basis().unwrap_or_default())?;
    }
    sheet.set_freeze_panes(1, 0)?;
    workbook.save_to_buffer()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::roster::{Cell, Found};
    use crate::sheet::{Limits, Row, read};

    fn rows(bytes: &[u8]) -> Vec<Row> {
        let mut rows = Vec::new();
        read(bytes, &Limits::STANDARD, &mut |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
        rows
    }

    #[test]
    fn the_template_is_a_roster_without_people() {
        let rows = rows(&template().unwrap());
        assert_eq!(rows.len(), 1);
        let headings: Vec<Option<Column>> = rows[0]
            .cells
            .iter()
            .map(|(_, cell)| Column::of_heading(&cell.text().unwrap()))
            .collect();
        assert_eq!(headings, Column::ALL.map(Some));
    }

    #[test]
    fn every_finding_has_its_row() {
        let found = [
            Finding {
                row: Some(7),
                column: Some(Column::IdNumber),
                found: Found::LostDigits {},
            },
            Finding {
                row: None,
                column: None,
                found: Found::Headcount { roster: 3, form: 4 },
            },
        ];
        let rows = rows(&findings(&found).unwrap());
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[1].cells[0].1, Cell::Number(7.0));
        assert_eq!(rows[2].cells[0].1, Cell::of_text("全表"));
        assert_eq!(rows[2].cells[2].1, Cell::of_text(&found[1].found.zh()));
    }
}
