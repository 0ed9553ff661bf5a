//! The authorities of a new registry: who runs it, and whose documents bear which prefix.
//!
//! Read before there is a register to import into. It refuses the whole file where one row is wrong, and
//! writes nothing.

use super::Source;
use super::problem::{Fault, Problem};
use super::table::{Column, Row, Table};
use crate::domain::division::{self, DivisionCode};
use crate::store::authority::AuthorityRow;

/// The file's columns. The first row is the authority that runs the registry.
pub const COLUMNS: &[Column] = &[
    Column::required("division", &["行政区划代码", "行政区划", "区划代码"]),
    Column::required("name", &["名称", "机关名称", "主管机关"]),
    Column::required("document_prefix", &["文号前缀", "机关代字"]),
];

/// Reads the file.
///
/// # Errors
/// Everything that is wrong with it: row, column, value, why, and what to do.
pub fn read(source: &Source) -> Result<Vec<AuthorityRow>, Vec<Problem>> {
    let table = Table::read(source, COLUMNS)?;
    let (mut authorities, mut problems) = (Vec::<AuthorityRow>::new(), Vec::new());
    for mut row in table.rows {
        if let Some(authority) = entry(&mut row) {
            let same = |other: &AuthorityRow| other.division == authority.division;
            if authorities.iter().any(same) {
                row.problem("division", twice());
            }
            authorities.push(authority);
        }
        problems.extend(row.take_problems());
    }
    if problems.is_empty() {
        Ok(authorities)
    } else {
        Err(problems)
    }
}

fn entry(row: &mut Row) -> Option<AuthorityRow> {
    let text = |cell: &str| Ok(cell.to_owned());
    let division = row.required("division", read_division);
    let name = row.required("name", text);
    let document_prefix = row.required("document_prefix", text);
    let division = division?.to_string();
    Some(AuthorityRow {
        id: division.clone(),
        name: name?,
        division,
        document_prefix: document_prefix?,
    })
}

fn read_division(text: &str) -> Result<DivisionCode, Fault> {
    let code = DivisionCode::parse(text)?;
    if division::find(code).is_some() {
        return Ok(code);
    }
    Err(Fault::new(
        (
            "现行行政区划表中没有该代码",
            "today's table of divisions has no such code",
        ),
        (
            "请填写该机关所在区划的现行代码，如 500105",
            "give the present code of the division that it acts for, such as 500105",
        ),
    ))
}

fn twice() -> Fault {
    Fault::new(
        (
            "该区划在文件中已有一个主管机关",
            "the file has an authority for this division already",
        ),
        ("每个区划只列一次", "list each division once"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<AuthorityRow>, Vec<(usize, String, String)>> {
        let place = |problem: Problem| (problem.row, problem.column, problem.value);
        let source = Source::new("authorities.csv", text.as_bytes().to_vec());
        super::read(&source).map_err(|problems| problems.into_iter().map(place).collect())
    }

    #[test]
    fn rows_in_order_under_either_heading() {
        let english = "division,name,document_prefix\n500000,重庆市人力资源和社会保障局,渝人社\n500105,江北局, 江北人社 \n";
        let chinese =
            "文号前缀,区划代码,名称\n渝人社,500000,重庆市人力资源和社会保障局\n江北人社,500105,江北局\n";
        let authorities = read(english).unwrap();
        assert_eq!(authorities, read(chinese).unwrap());
        let ids: Vec<&str> = authorities.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(ids, ["500000", "500105"]);
    }

    #[test]
    fn every_wrong_cell_is_named() {
        let place = |row, column: &str, value: &str| (row, column.to_owned(), value.to_owned());
        let text =
            "division,name,document_prefix\n500000,市局,渝人社\n5001,甲,\n999999,乙,乙\n500000,丙,丙\n";
        assert_eq!(
            read(text).unwrap_err(),
            [
                place(3, "division", "5001"),
                place(3, "document_prefix", ""),
                place(4, "division", "999999"),
                place(5, "division", "500000"),
            ]
        );
        assert_eq!(
            read("division,name\n500000,市局\n").unwrap_err(),
            [place(1, "document_prefix", "")]
        );
        assert_eq!(
            read("division,name,document_prefix\n").unwrap_err(),
            [place(0, "", "")]
        );
    }
}
