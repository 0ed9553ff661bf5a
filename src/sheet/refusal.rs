//! Why a file was not read, and what to do about it.

use serde::{Deserialize, Serialize};

/// The reason. Holds nothing of the file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "refusal", rename_all = "snake_case", deny_unknown_fields)]
pub enum Refusal {
    /// No byte.
    #[error("the file is empty")]
    Nothing,
    /// More bytes than allowed.
    #[error("the file has more than {megabytes} MB")]
    TooLarge {
        /// The limit.
        megabytes: usize,
    },
    /// Neither a workbook nor text.
    #[error("the file is neither XLSX nor CSV")]
    Unknown,
    /// XLS, or a workbook behind a password.
    #[error("the file is an old XLS workbook or behind a password")]
    OldWorkbook,
    /// A packed file that is no XLSX workbook.
    #[error("the file is packed but no XLSX workbook")]
    NoWorkbook,
    /// It cannot be read.
    #[error("the file is damaged")]
    Damaged,
    /// It unpacks to more than allowed, or to far more than it has.
    #[error("the file unpacks to far more than it seems to hold")]
    Unpacks,
    /// Macros.
    #[error("the workbook holds macros")]
    Macros,
    /// Links to other files.
    #[error("the workbook is linked to other files")]
    Links,
    /// A document type inside.
    #[error("the workbook holds a document type, which no spreadsheet program writes")]
    DocumentType,
    /// Text in no encoding that we read.
    #[error("line {line} is neither UTF-8 nor GB18030")]
    Encoding {
        /// The line, from 1.
        line: u32,
    },
    /// Too many rows.
    #[error("the table has content below row {rows}")]
    Rows {
        /// The limit.
        rows: u32,
    },
    /// Too many columns.
    #[error("row {row} has content right of column {columns}")]
    Columns {
        /// The row.
        row: u32,
        /// The limit.
        columns: u32,
    },
    /// Too much text in a cell.
    #[error("a cell of row {row} holds more than {characters} bytes")]
    Cell {
        /// The row.
        row: u32,
        /// The limit.
        characters: usize,
    },
    /// Reading took too much time or memory.
    #[error("the file needs more time or memory than a table of its size")]
    Costly,
    /// The reading process could not be run.
    #[error("the file could not be read now")]
    NotNow,
}

impl Refusal {
    /// What it is and what to do, for Chinese readers.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Nothing => "文件是空的，请重新选择文件".into(),
            Self::TooLarge { megabytes } => {
                format!("文件超过{megabytes} MB；请删除图片和多余的工作表，或者分成几个文件")
            }
            Self::Unknown => "只接受 XLSX 或 CSV 文件，请用电子表格软件另存后再上传".into(),
            Self::OldWorkbook => "这是旧式 XLS 文件，或者设有密码；请去掉密码，另存为 XLSX 后再上传".into(),
            Self::NoWorkbook => "文件不是 XLSX 工作簿，请用电子表格软件另存为 XLSX 后再上传".into(),
            Self::Damaged => "文件已损坏，无法读取；请用电子表格软件打开并重新保存".into(),
            Self::Unpacks => "文件解压后过大，未予读取；请把数据复制到空白模板后再上传".into(),
            Self::Macros => "工作簿含有宏；请另存为不含宏的 XLSX 后再上传".into(),
            Self::Links => "工作簿链接到其他文件；请复制后“选择性粘贴”为数值，再上传".into(),
            Self::DocumentType => "工作簿含有不应出现的内容；请把数据复制到空白模板后再上传".into(),
            Self::Encoding { line } => {
                format!("第{line}行的编码既不是 UTF-8 也不是 GB18030；请另存为“CSV UTF-8”后再上传")
            }
            Self::Rows { rows } => format!("第{rows}行以下还有内容；请删除多余的行，或者分成几个文件"),
            Self::Columns { row, columns } => {
                format!("第{row}行在第{columns}列右边还有内容；请删除多余的列")
            }
            Self::Cell { row, .. } => format!("第{row}行有一格内容过长，请核对是否填错"),
            Self::Costly => "文件处理所需的时间或内存过多；请把数据复制到空白模板后再上传".into(),
            Self::NotNow => "暂时无法读取文件，请稍后再试；已保存的内容没有丢失".into(),
        }
    }

    /// What it is and what to do, in English.
    #[must_use]
    pub fn en(&self) -> String {
        let then = match self {
            Self::Nothing => "choose another",
            Self::TooLarge { .. } => "remove pictures and other sheets, or split it",
            Self::Unknown | Self::NoWorkbook => "save it as XLSX in a spreadsheet program",
            Self::OldWorkbook => "remove the password and save it as XLSX",
            Self::Damaged => "open it in a spreadsheet program and save it again",
            Self::Unpacks | Self::DocumentType | Self::Costly => "copy the data into an empty template",
            Self::Macros => "save it as XLSX without macros",
            Self::Links => "copy the cells and paste them as values",
            Self::Encoding { .. } => "save it as CSV UTF-8",
            Self::Rows { .. } => "delete what is below, or split it",
            Self::Columns { .. } => "delete what is right of it",
            Self::Cell { .. } => "check what was typed there",
            Self::NotNow => "try again later; what was saved is still there",
        };
        format!("{self}: {then}")
    }
}
