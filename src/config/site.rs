//! `[site]` of the settings: what the foot of every page says of the body that runs the registry.
//!
//! A public site has to name it and its filing number; nothing is made up here, so what is left empty is
//! not shown, and `chengxin serve` says at start what is missing.

use serde::{Deserialize, Serialize};

/// What the foot of every page says. An empty text is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    /// 主办单位: the body that runs the site, in full.
    pub sponsor: String,
    /// 备案号: the site's filing number.
    pub filing_number: String,
    /// Telephone of the public line.
    pub telephone: String,
    /// Postal address.
    pub address: String,
}

/// What stands above the section in the file.
const HEAD: &str = "
# 网站页脚的内容；留空的不显示，serve 启动时提醒一次。改后重新启动 serve。
# What the foot of every page says; what is empty is not shown, and serve warns of it once at start.
[site]
";

impl Site {
    /// Every setting: its name, what it is, and its value.
    fn rows(&self) -> [(&'static str, &'static str, &str); 4] {
        [
            (
                "sponsor",
                "主办单位全称 / the body that runs the site",
                &self.sponsor,
            ),
            (
                "filing_number",
                "备案号，如 渝ICP备00000000号 / filing number of the site",
                &self.filing_number,
            ),
            ("telephone", "联系电话 / telephone", &self.telephone),
            ("address", "地址 / postal address", &self.address),
        ]
    }

    /// The section of the settings file, each setting under a comment that says what it is.
    #[must_use]
    pub fn commented(&self) -> String {
        let mut text = HEAD.to_owned();
        for (key, meaning, value) in self.rows() {
            text.push_str(&format!("# {meaning}\n{key} = {}\n", toml::Value::from(value)));
        }
        text
    }

    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Names of the settings that are not set.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        let empty = self
            .rows()
            .into_iter()
            .filter(|(_, _, value)| value.trim().is_empty());
        empty.map(|(key, _, _)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_what_is_empty_is_missing() {
        let site = Site {
            sponsor: "某市“人社”局 \"甲\"\\乙".to_owned(),
            telephone: "12333".to_owned(),
            ..Site::default()
        };
        let text = site.commented();
        assert!(text.contains("# 主办单位"), "{text}");
        let read: toml::Table = text.parse().unwrap();
        assert_eq!(read["site"].clone().try_into::<Site>().unwrap(), site);
        assert_eq!(site.missing(), ["filing_number", "address"]);
        assert_eq!(Site::default().missing().len(), 4);
    }

    #[test]
    fn settings_without_the_section_and_with_it_are_read() {
        let folder = std::env::temp_dir().join(format!("chengxin-site-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("chengxin.toml");
        let old =
            "host = \"a.example\"\nname = \"甲\"\ndatabase = \"sqlite:a.db\"\n[witnessing]\nretry_ms = 7\n";
        std::fs::write(&path, old).unwrap();
        let mut settings = crate::config::Settings::read(&path).unwrap();
        assert_eq!(settings.site, Site::default());
        settings.site.address = "甲路 1 号".to_owned();
        std::fs::remove_file(&path).unwrap();
        settings.create(&path).unwrap();
        assert_eq!(crate::config::Settings::read(&path).unwrap(), settings);
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
