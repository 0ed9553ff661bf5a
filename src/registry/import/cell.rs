//! What a cell can hold: dates, counts, amounts, yes and no, as officers write them.

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization as _;

use super::problem::Fault;
use crate::domain::dates;
use crate::domain::employer::fold_full_width;
use crate::domain::money::{Fen, MoneyError};

/// Trims, folds full-width characters to half width, and composes: one spelling for one content.
#[must_use]
pub fn tidy(text: &str) -> String {
    let folded: String = text.chars().map(fold_full_width).nfc().collect();
    folded.trim().trim_start_matches('\u{FEFF}').to_owned()
}

/// A day: 2026-03-02, 2026/3/2, 2026.3.2, 20260302 or 2026年3月2日.
///
/// # Errors
/// A text that is none.
pub fn date(text: &str) -> Result<NaiveDate, Fault> {
    dates::parse(text).ok_or_else(|| {
        Fault::new(
            ("不是有效的日期", "this is no date"),
            (
                "请写成 2026-03-02、2026/3/2 或 2026年3月2日",
                "write it as 2026-03-02",
            ),
        )
    })
}

/// A day that is not after `today`.
///
/// # Errors
/// No date, or one to come.
pub fn past_date(text: &str, today: NaiveDate) -> Result<NaiveDate, Fault> {
    let day = date(text)?;
    if day > today {
        return Err(Fault::new(
            (
                format!("日期晚于今天（{today}）"),
                format!("the day is after today, {today}"),
            ),
            ("请核对日期", "check the date"),
        ));
    }
    Ok(day)
}

/// A month of publication: 2022-12, 2022年12月, or a day in it. Kept as text.
///
/// # Errors
/// Anything else.
pub fn month(text: &str) -> Result<String, Fault> {
    let plain = text.replace(['年', '/', '.'], "-").replace('月', "");
    let first = format!("{}-01", plain.trim_end_matches('-'));
    date(&first)
        .map(|day| day.format("%Y-%m").to_string())
        .or_else(|_| date(text).map(|day| day.to_string()))
        .map_err(|_| {
            Fault::new(
                ("不是有效的年月", "this is no month"),
                (
                    "请写成 2022-12 或 2022-12-31",
                    "write it as 2022-12 or 2022-12-31",
                ),
            )
        })
}

/// A number of people: digits, with or without thousands separators and 人.
///
/// # Errors
/// Anything else.
pub fn count(text: &str) -> Result<u32, Fault> {
    without_separators(text.trim_end_matches(['人', '名']).trim())
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| {
            Fault::new(
                ("不是人数（非负整数）", "this is no number of people"),
                ("请填写整数，如 156", "write digits, such as 156"),
            )
        })
}

/// A year of four digits, with or without 年.
///
/// # Errors
/// Anything else, or a year outside `1995..=latest` (1995: the Labour Law came into force).
pub fn year(text: &str, latest: i32) -> Result<i32, Fault> {
    let year = text.trim_end_matches("年度").trim_end_matches('年').parse().ok();
    year.filter(|year| (1995..=latest).contains(year)).ok_or_else(|| {
        Fault::new(
            (
                format!("不是 1995 至 {latest} 之间的年度"),
                format!("this is no year from 1995 to {latest}"),
            ),
            ("请填写四位年度，如 2025", "write four digits, such as 2025"),
        )
    })
}

/// An amount in yuan: 761000, 761,000.50, ¥761000, 76.1万元, 0.076亿.
///
/// # Errors
/// Anything else, also a fraction of a fen and an amount below zero.
pub fn amount(text: &str) -> Result<Fen, Fault> {
    let form = || {
        Fault::new(
            ("不是金额", "this is no amount of money"),
            (
                "请填写元，如 761000 或 76.1万元",
                "write yuan, such as 761000 or 76.1万元",
            ),
        )
    };
    let text = text.trim_start_matches(['¥', '￥']).trim();
    let text = text
        .strip_suffix("人民币")
        .unwrap_or(text)
        .trim_end_matches('元')
        .trim();
    let (digits, zeros) = match (text.strip_suffix('万'), text.strip_suffix('亿')) {
        (Some(rest), _) => (rest, 4),
        (_, Some(rest)) => (rest, 8),
        _ => (text, 0),
    };
    let (whole, decimals) = digits
        .split_once('.')
        .map_or((digits, ""), |(whole, decimals)| (whole, decimals));
    let whole = without_separators(whole.trim()).ok_or_else(form)?;
    if !decimals.bytes().all(|b| b.is_ascii_digit()) || digits.ends_with('.') {
        return Err(form());
    }
    // 76.1万: the point moves four places to the right, on text, so that nothing is rounded.
    let moved: String = decimals
        .chars()
        .chain(std::iter::repeat('0'))
        .take(zeros)
        .collect();
    let rest = decimals.get(zeros..).unwrap_or_default().trim_end_matches('0');
    let yuan = if rest.is_empty() {
        format!("{whole}{moved}")
    } else {
        format!("{whole}{moved}.{rest}")
    };
    Fen::parse(&yuan).map_err(|error| match error {
        MoneyError::Form(_) => form(),
        MoneyError::TooLarge(_) => Fault::new(
            ("金额过大", "the amount is too large"),
            ("请核对单位是元还是万元", "check whether it is yuan or 万元"),
        ),
    })
}

/// Yes or no: 是, 否, yes, no, true, false, 1, 0.
///
/// # Errors
/// Anything else.
pub fn yes_no(text: &str) -> Result<bool, Fault> {
    match text.to_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" => Ok(true),
        "否" | "no" | "n" | "false" | "0" => Ok(false),
        _ => Err(Fault::new(
            ("不是“是”或“否”", "this is neither yes nor no"),
            ("请填写 是 或 否", "write yes or no"),
        )),
    }
}

/// Digits without thousands separators; `None` when a separator stands in the wrong place.
fn without_separators(text: &str) -> Option<String> {
    let groups: Vec<&str> = text.split(',').collect();
    let right = match groups.as_slice() {
        [] | [""] => false,
        [_] => true,
        [first, rest @ ..] => (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3),
    };
    let digits = groups.concat();
    (right && digits.bytes().all(|b| b.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_as_officers_write_them() {
        for text in [
            "2026-03-02",
            "2026/3/2",
            "2026.3.2",
            "20260302",
            "2026年3月2日",
            "2026年03月02日",
        ] {
            assert_eq!(date(text).unwrap().to_string(), "2026-03-02", "{text}");
        }
        for text in [
            "",
            "26-3-2",
            "2026-02-30",
            "2026-13-01",
            "三月二日",
            "2026-3",
            "1",
            "46083",
        ] {
            assert!(date(text).is_err(), "{text}");
        }
        assert!(past_date("2026-03-03", date("2026-03-02").unwrap()).is_err());
        assert_eq!(month("2022年12月").unwrap(), "2022-12");
        assert_eq!(month("2022-12-31").unwrap(), "2022-12-31");
    }

    #[test]
    fn amounts_in_yuan_and_ten_thousands() {
        for (text, yuan) in [
            ("761000", "761000.00"),
            ("761,000.50元", "761000.50"),
            ("¥42293", "42293.00"),
            ("76.1万元", "761000.00"),
            ("109.18万", "1091800.00"),
            ("0.00001万元", "0.10"),
            ("1.2345678亿元", "123456780.00"),
            ("100万元", "1000000.00"),
        ] {
            assert_eq!(amount(text).unwrap().to_string(), yuan, "{text}");
        }
        for text in [
            "",
            "约10万",
            "-5",
            "1,00",
            "1.234",
            "0.0000001万",
            "1.2.3",
            "万元",
            "1e5",
            "5.",
            "9999999999999999亿",
        ] {
            assert!(amount(text).is_err(), "{text}");
        }
    }

    #[test]
    fn counts_years_and_answers() {
        assert_eq!(count("1,200人").unwrap(), 1200);
        assert!(
            count("十人").is_err() && count("-1").is_err() && count("1.5").is_err() && count("").is_err()
        );
        assert_eq!(year("2025年度", 2026).unwrap(), 2025);
        assert!(year("2027", 2026).is_err() && year("1994", 2026).is_err());
        assert!(yes_no("是").unwrap() && !yes_no("NO").unwrap() && yes_no("也许").is_err());
    }
}
