//! What is found in a roster: what has to be mended before it can be taken, and what an officer has to look
//! at. Each finding says in both languages what it is and what to do; none holds personal data.

use serde::{Deserialize, Serialize};

use super::column::Column;
use super::id_number::IdNumberError;

/// What becomes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The roster cannot be taken until it is mended.
    Mend,
    /// The roster can be taken; an officer looks at it.
    Review,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Found {
    /// A cell without which the row says nothing.
    Missing {},
    /// A statutory cell that is empty.
    Incomplete {},
    /// The formula behind the cell failed.
    Broken {},
    /// More than `LONGEST` (200) characters.
    TooLong {},
    /// No day.
    NotADay {},
    /// A day after the day of the roster.
    Later {},
    /// Neither 男 nor 女.
    UnknownSex {},
    /// No form of employment that we know.
    UnknownEmployment {},
    /// No term of contract that we know.
    UnknownContract {},
    /// A spreadsheet kept the identity number as a figure.
    LostDigits {},
    /// Fifteen digits.
    FirstGeneration {},
    /// Not eighteen characters.
    IdLength {
        /// How many.
        characters: usize,
    },
    /// A character that cannot stand there.
    IdCharacter {},
    /// The first digits are no place.
    IdPlace {},
    /// Digits 7 to 14 are no day.
    IdBirthDate {},
    /// The check character does not fit.
    IdCheck {},
    /// The same number in an earlier row.
    Twice {
        /// That row.
        first: u32,
    },
    /// The same number in the roster of another employer of this campaign.
    Elsewhere {},
    /// The sex differs from the number's.
    SexDiffers {},
    /// The date of birth differs from the number's.
    BirthDiffers {},
    /// Under the least age when the employment began: child labour (劳动法 Art 15).
    ChildLabour {
        /// Age then, full years.
        age: u32,
    },
    /// Under 18 on the roster's day (劳动法 Art 58).
    Minor {
        /// Age then, full years.
        age: u32,
    },
    /// No written contract after the period of grace (劳动合同法 Arts 10, 82).
    NoContract {
        /// Full months since the employment began.
        months: u32,
    },
    /// No written contract after a year: it counts as open-ended (劳动合同法 Art 14).
    CountsAsOpen {
        /// Full months since the employment began.
        months: u32,
    },
    /// The term is over and the person is still there.
    TermOver {},
    /// The term ends before it begins.
    TermBackwards {},
    /// The roster and the form count differently.
    Headcount {
        /// Rows of people who had not left.
        roster: u32,
        /// What the form says.
        form: u32,
    },
    /// No row at all.
    NobodyListed {},
}

/// Something found in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The row as the spreadsheet numbers it; none where it concerns the whole roster.
    pub row: Option<u32>,
    /// The column.
    pub column: Option<Column>,
    /// What.
    #[serde(flatten)]
    pub found: Found,
}

impl From<IdNumberError> for Found {
    fn from(error: IdNumberError) -> Self {
        match error {
            IdNumberError::LostDigits => Self::LostDigits {},
            IdNumberError::FirstGeneration => Self::FirstGeneration {},
            IdNumberError::Length(characters) => Self::IdLength { characters },
            IdNumberError::Character => Self::IdCharacter {},
            IdNumberError::Place => Self::IdPlace {},
            IdNumberError::BirthDate => Self::IdBirthDate {},
            IdNumberError::Check => Self::IdCheck {},
        }
    }
}

impl Found {
    /// What becomes of it.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Incomplete {}
            | Self::Elsewhere {}
            | Self::SexDiffers {}
            | Self::BirthDiffers {}
            | Self::ChildLabour { .. }
            | Self::Minor { .. }
            | Self::NoContract { .. }
            | Self::CountsAsOpen { .. }
            | Self::TermOver {}
            | Self::Headcount { .. } => Severity::Review,
            _ => Severity::Mend,
        }
    }

    /// The article behind a finding of law.
    #[must_use]
    pub const fn basis(&self) -> Option<&'static str> {
        Some(match self {
            Self::ChildLabour { .. } => "劳动法第十五条",
            Self::Minor { .. } => "劳动法第五十八条",
            Self::NoContract { .. } => "劳动合同法第十条、第八十二条",
            Self::CountsAsOpen { .. } => "劳动合同法第十四条第三款",
            Self::Incomplete {} => "劳动合同法实施条例第八条",
            _ => return None,
        })
    }

    /// What it is and what to do, for Chinese readers.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Missing {} => "没有填写，请补充".into(),
            Self::Incomplete {} => "没有填写；职工名册应当包括此项，请补充".into(),
            Self::Broken {} => "公式出错，请改为填写内容本身".into(),
            Self::TooLong {} => format!("超过{}个字符，请核对是否填错列", super::cell::LONGEST),
            Self::NotADay {} => "不是有效的日期，请写成 2025-03-02 或 2025年3月2日".into(),
            Self::Later {} => "日期晚于名册日期，请核对".into(),
            Self::UnknownSex {} => "请填写“男”或“女”".into(),
            Self::UnknownEmployment {} => "请填写全日制、非全日制、劳务派遣、实习或退休返聘".into(),
            Self::UnknownContract {} => {
                "请写成“2025-01-01至2027-12-31”、“无固定期限”、“以完成一定工作任务为期限”或“未签订”".into()
            }
            Self::LostDigits {} => {
                "电子表格把号码当成数字，末几位已丢失；请先把该列设为“文本”格式，再重新填写完整号码".into()
            }
            Self::FirstGeneration {} => "十五位旧号码自2013年1月1日起停用，请填写十八位号码".into(),
            Self::IdLength { characters } => format!("号码应为十八位，现为{characters}位，请核对"),
            Self::IdCharacter {} => "号码应为十七位数字加一位数字或X，请核对".into(),
            Self::IdPlace {} => "前两位不是任何省份的代码，请核对".into(),
            Self::IdBirthDate {} => "第七至十四位不是有效的出生日期，请核对".into(),
            Self::IdCheck {} => "最后一位校验码不符，号码有误，请逐位核对".into(),
            Self::Twice { first } => format!("与第{first}行号码相同，请删除重复的一行"),
            Self::Elsewhere {} => "同一号码也出现在其他用人单位的名册中，由经办人核实".into(),
            Self::SexDiffers {} => "性别与号码不一致，请核对两处".into(),
            Self::BirthDiffers {} => "出生日期与号码不一致，请核对两处".into(),
            Self::ChildLabour { age } => {
                format!("用工开始时仅满{age}周岁，不满十六周岁；禁止使用童工，请核对并说明")
            }
            Self::Minor { age } => format!("名册日期时满{age}周岁，属于未成年工，应办理登记和体检"),
            Self::NoContract { months } => {
                format!("用工已满{months}个月，超过一个月没有书面劳动合同，请尽快签订")
            }
            Self::CountsAsOpen { months } => {
                format!("用工已满{months}个月仍没有书面劳动合同，满一年视为已订立无固定期限劳动合同，请补签")
            }
            Self::TermOver {} => "合同期限已过，没有离职日期；请填写续签的期限或离职日期".into(),
            Self::TermBackwards {} => "合同终止日期早于起始日期，请核对".into(),
            Self::Headcount { roster, form } => {
                format!("名册有{roster}人，申报表填写{form}人，请核对两处")
            }
            Self::NobodyListed {} => "名册中没有任何职工，请填写后再上传".into(),
        }
    }

    /// What it is and what to do, in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::Missing {} => "is empty: fill it in".into(),
            Self::Incomplete {} => "is empty: a roster has to hold it, fill it in".into(),
            Self::Broken {} => "the formula failed: type the content itself".into(),
            Self::TooLong {} => format!("has more than {} characters: is it in the right column?", super::cell::LONGEST),
            Self::NotADay {} => "is no date: write it as 2025-03-02".into(),
            Self::Later {} => "is after the day of the roster: check it".into(),
            Self::UnknownSex {} => "write 男 or 女".into(),
            Self::UnknownEmployment {} => "write 全日制, 非全日制, 劳务派遣, 实习 or 退休返聘".into(),
            Self::UnknownContract {} => {
                "write it as 2025-01-01至2027-12-31, 无固定期限, 以完成一定工作任务为期限 or 未签订".into()
            }
            Self::LostDigits {} => {
                "the spreadsheet kept the number as a figure and lost its last digits: set the column to text and type the whole number again".into()
            }
            Self::FirstGeneration {} => "numbers of 15 digits ended on 1 January 2013: give the one of 18".into(),
            Self::IdLength { characters } => format!("has {characters} characters instead of 18: check it"),
            Self::IdCharacter {} => "is not 17 digits and a digit or X: check it".into(),
            Self::IdPlace {} => "the first two digits name no province: check them".into(),
            Self::IdBirthDate {} => "digits 7 to 14 are no date of birth: check them".into(),
            Self::IdCheck {} => "the last character does not fit: a digit is mistyped, check each".into(),
            Self::Twice { first } => format!("is the same as in row {first}: delete one of the two"),
            Self::Elsewhere {} => "stands in another employer's roster too: an officer looks at it".into(),
            Self::SexDiffers {} => "differs from the identity number: check both".into(),
            Self::BirthDiffers {} => "differs from the identity number: check both".into(),
            Self::ChildLabour { age } => {
                format!("was {age} when the employment began, under 16; child labour is forbidden: check and explain")
            }
            Self::Minor { age } => format!("was {age} on the roster's day: a minor, to be registered and examined"),
            Self::NoContract { months } => {
                format!("{months} months of employment and no written contract after one: sign one soon")
            }
            Self::CountsAsOpen { months } => {
                format!("{months} months of employment without a written contract: after a year it counts as open-ended, sign it")
            }
            Self::TermOver {} => "the term is over and there is no last day: give the new term or the day of leaving".into(),
            Self::TermBackwards {} => "the term ends before it begins: check it".into(),
            Self::Headcount { roster, form } => {
                format!("the roster has {roster} people and the form says {form}: check both")
            }
            Self::NobodyListed {} => "the roster lists nobody: fill it in and upload it again".into(),
        }
    }
}
