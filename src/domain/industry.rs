//! Sections of the national economy, GB/T 4754-2017: letters A to T.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A section of GB/T 4754; its letter in storage and interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Industry {
    /// 农、林、牧、渔业.
    #[serde(rename = "A")]
    Agriculture,
    /// 采矿业.
    #[serde(rename = "B")]
    Mining,
    /// 制造业.
    #[serde(rename = "C")]
    Manufacturing,
    /// 电力、热力、燃气及水生产和供应业.
    #[serde(rename = "D")]
    Utilities,
    /// 建筑业.
    #[serde(rename = "E")]
    Construction,
    /// 批发和零售业.
    #[serde(rename = "F")]
    Trade,
    /// 交通运输、仓储和邮政业.
    #[serde(rename = "G")]
    Transport,
    /// 住宿和餐饮业.
    #[serde(rename = "H")]
    Hospitality,
    /// 信息传输、软件和信息技术服务业.
    #[serde(rename = "I")]
    Information,
    /// 金融业.
    #[serde(rename = "J")]
    Finance,
    /// 房地产业.
    #[serde(rename = "K")]
    RealEstate,
    /// 租赁和商务服务业.
    #[serde(rename = "L")]
    BusinessServices,
    /// 科学研究和技术服务业.
    #[serde(rename = "M")]
    Research,
    /// 水利、环境和公共设施管理业.
    #[serde(rename = "N")]
    PublicFacilities,
    /// 居民服务、修理和其他服务业.
    #[serde(rename = "O")]
    ResidentServices,
    /// 教育.
    #[serde(rename = "P")]
    Education,
    /// 卫生和社会工作.
    #[serde(rename = "Q")]
    Health,
    /// 文化、体育和娱乐业.
    #[serde(rename = "R")]
    Culture,
    /// 公共管理、社会保障和社会组织.
    #[serde(rename = "S")]
    PublicAdministration,
    /// 国际组织.
    #[serde(rename = "T")]
    International,
}

/// The text is the letter of no section.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a section of GB/T 4754, A to T")]
pub struct UnknownIndustry(pub String);

impl Industry {
    /// Every section in order.
    pub const ALL: [Self; 20] = [
        Self::Agriculture,
        Self::Mining,
        Self::Manufacturing,
        Self::Utilities,
        Self::Construction,
        Self::Trade,
        Self::Transport,
        Self::Hospitality,
        Self::Information,
        Self::Finance,
        Self::RealEstate,
        Self::BusinessServices,
        Self::Research,
        Self::PublicFacilities,
        Self::ResidentServices,
        Self::Education,
        Self::Health,
        Self::Culture,
        Self::PublicAdministration,
        Self::International,
    ];

    /// Letter, Chinese and English name.
    const fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Agriculture => (
                "A",
                "农、林、牧、渔业",
                "Agriculture, forestry, animal husbandry and fishery",
            ),
            Self::Mining => ("B", "采矿业", "Mining"),
            Self::Manufacturing => ("C", "制造业", "Manufacturing"),
            Self::Utilities => (
                "D",
                "电力、热力、燃气及水生产和供应业",
                "Electricity, heat, gas and water",
            ),
            Self::Construction => ("E", "建筑业", "Construction"),
            Self::Trade => ("F", "批发和零售业", "Wholesale and retail trade"),
            Self::Transport => ("G", "交通运输、仓储和邮政业", "Transport, storage and post"),
            Self::Hospitality => ("H", "住宿和餐饮业", "Accommodation and catering"),
            Self::Information => (
                "I",
                "信息传输、软件和信息技术服务业",
                "Information transmission, software and IT services",
            ),
            Self::Finance => ("J", "金融业", "Finance"),
            Self::RealEstate => ("K", "房地产业", "Real estate"),
            Self::BusinessServices => ("L", "租赁和商务服务业", "Leasing and business services"),
            Self::Research => (
                "M",
                "科学研究和技术服务业",
                "Scientific research and technical services",
            ),
            Self::PublicFacilities => (
                "N",
                "水利、环境和公共设施管理业",
                "Water, environment and public facilities",
            ),
            Self::ResidentServices => (
                "O",
                "居民服务、修理和其他服务业",
                "Resident services, repair and other services",
            ),
            Self::Education => ("P", "教育", "Education"),
            Self::Health => ("Q", "卫生和社会工作", "Health and social work"),
            Self::Culture => ("R", "文化、体育和娱乐业", "Culture, sports and entertainment"),
            Self::PublicAdministration => (
                "S",
                "公共管理、社会保障和社会组织",
                "Public administration, social security and social organisations",
            ),
            Self::International => ("T", "国际组织", "International organisations"),
        }
    }

    /// The section's letter.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        self.names().0
    }

    /// The Chinese name.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        self.names().1
    }

    /// The English name.
    #[must_use]
    pub const fn en(self) -> &'static str {
        self.names().2
    }
}

impl fmt::Display for Industry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letter())
    }
}

impl FromStr for Industry {
    type Err = UnknownIndustry;
    fn from_str(text: &str) -> Result<Self, UnknownIndustry> {
        Self::ALL
            .into_iter()
            .find(|section| section.letter() == text)
            .ok_or_else(|| UnknownIndustry(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_run_from_a_to_t() {
        let letters: String = Industry::ALL.iter().map(|section| section.letter()).collect();
        assert_eq!(letters, "ABCDEFGHIJKLMNOPQRST");
        for section in Industry::ALL {
            assert_eq!(section.letter().parse(), Ok(section));
            assert_eq!(serde_json::to_string(&section).unwrap(), format!("\"{section}\""));
        }
        assert!("U".parse::<Industry>().is_err());
    }
}
