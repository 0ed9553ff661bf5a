//! The domain's refusals in the words of a spreadsheet: Chinese beside the domain's own English, and
//! what to do.

use super::problem::Fault;
use crate::domain::authority::PersonId;
use crate::domain::code::{CodeError, OverrideError};
use crate::domain::division::DivisionError;
use crate::domain::employer::{NameError, UnknownIndustry, UnknownKind};
use crate::domain::id::IdError;
use crate::domain::registration::RegistrationError;

/// What to do about a check character that fails.
const OVERRIDE: (&str, &str) = (
    "请对照营业执照核对代码；如证照确为此代码，请填写 override_reason（例外理由）、override_entered_by（录入人）、\
     override_approved_by（审批人，须为另一人）三列",
    "compare it with the licence; if the licence really shows this code, fill in override_reason, \
     override_entered_by and override_approved_by, the last one a second person",
);
const COMPARE: (&str, &str) = ("请对照营业执照核对", "compare it with the licence");

impl From<CodeError> for Fault {
    fn from(error: CodeError) -> Self {
        let zh = match &error {
            CodeError::Length { expected, found } => format!("代码应为 {expected} 位，实为 {found} 位"),
            CodeError::Character { position, found } => format!("第 {position} 位不能是“{found}”"),
            CodeError::OrganisationCheckDigit { expected, found } => {
                format!("第 17 位（组织机构代码校验码）应为 {expected}，实为 {found}")
            }
            CodeError::CheckDigit { expected, found } => {
                format!("第 18 位（校验码）应为 {expected}，实为 {found}")
            }
        };
        let action = if error.can_be_overridden() {
            OVERRIDE
        } else {
            COMPARE
        };
        Self::new((zh, error.to_string()), action)
    }
}

impl From<OverrideError> for Fault {
    fn from(error: OverrideError) -> Self {
        let zh = match &error {
            OverrideError::SamePerson(person) => format!("{person} 既录入又审批，须由另一人审批"),
            OverrideError::NoReason => "例外须写明理由".to_owned(),
        };
        Self::new(
            (zh, error.to_string()),
            ("请由两名不同的工作人员办理", "let two different officers do it"),
        )
    }
}

impl From<RegistrationError> for Fault {
    fn from(error: RegistrationError) -> Self {
        Self::new(("注册号应为 13 至 15 位数字", error.to_string()), COMPARE)
    }
}

impl From<DivisionError> for Fault {
    fn from(error: DivisionError) -> Self {
        Self::new(
            ("不是六位行政区划代码", error.to_string()),
            ("请填写六位代码，如 500105", "write six digits, such as 500105"),
        )
    }
}

impl From<NameError> for Fault {
    fn from(error: NameError) -> Self {
        let zh = match &error {
            NameError::Empty => "名称为空".to_owned(),
            NameError::TooLong(characters) => format!("名称有 {characters} 个字符，过长"),
            NameError::Character(c) => format!("名称含有不可见或控制字符 U+{:04X}", u32::from(*c)),
        };
        Self::new((zh, error.to_string()), ("请重新输入名称", "type the name again"))
    }
}

impl From<UnknownKind> for Fault {
    fn from(error: UnknownKind) -> Self {
        Self::new(
            ("不是单位类型", error.to_string()),
            (
                "请填写 企业、分支机构 或 个体工商户",
                "write enterprise, branch or individual_business",
            ),
        )
    }
}

impl From<UnknownIndustry> for Fault {
    fn from(error: UnknownIndustry) -> Self {
        Self::new(
            ("不是国民经济行业门类", error.to_string()),
            (
                "请填写门类字母 A 至 T 或门类名称",
                "write the section's letter, A to T",
            ),
        )
    }
}

impl From<IdError> for Fault {
    fn from(error: IdError) -> Self {
        Self::new(
            ("标识只能由 1 至 64 个可见 ASCII 字符组成", error.to_string()),
            (
                "请填写账号或编号",
                "write an account or a number in letters and digits",
            ),
        )
    }
}

/// Reads the account of a person.
///
/// # Errors
/// A text that is none.
pub fn person(text: &str) -> Result<PersonId, Fault> {
    Ok(PersonId::new(text)?)
}
