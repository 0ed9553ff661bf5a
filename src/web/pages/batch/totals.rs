//! How many items of a batch have each outcome.

use serde::Serialize;

use crate::web::i18n::{Lang, fill, grouped};
use crate::web::pages::parts::{Badge, Tone};

/// How many items of each outcome: as figures with a bar, or, where all are alike, as a sentence.
#[derive(Debug, Clone, Serialize)]
pub struct Totals {
    rows: Vec<Total>,
    chart: Option<Chart>,
    sentence: Option<String>,
}

/// Total of one grade.
#[derive(Debug, Clone, Serialize)]
struct Total {
    tone: Tone,
    letter: char,
    count: String,
    share: String,
}

/// The bar of totals.
#[derive(Debug, Clone, Serialize)]
struct Chart {
    title: String,
    parts: Vec<ChartPart>,
}

/// One grade's part of the bar, in thousandths of its width.
#[derive(Debug, Clone, Serialize)]
struct ChartPart {
    tone: Tone,
    x: u64,
    width: u64,
}

impl Totals {
    /// Of so many A, B and C.
    #[must_use]
    pub fn of_grades(lang: Lang, counts: [(char, u64); 3]) -> Self {
        let words = &lang.text().batch;
        let all: u64 = counts.iter().map(|(_, count)| count).sum::<u64>();
        if let Some((letter, _)) = counts.iter().find(|(_, count)| *count == all && all > 0) {
            let name = Badge::grade(lang, *letter).text;
            return Self::alike(lang, &name, all);
        }
        let all = all.max(1);
        let mut rows = Vec::new();
        let mut parts = Vec::new();
        let mut labels = Vec::new();
        let mut before = 0;
        for (letter, count) in counts {
            let tone = Tone::of_grade(letter);
            let tenths = (count * 1000 + all / 2) / all;
            let percent = format!("{}.{}", tenths / 10, tenths % 10);
            rows.push(Total {
                tone,
                letter,
                count: grouped(count),
                share: fill(words.share, &[("percent", &percent)]),
            });
            // Bounds are rounded, not widths, so that the parts always fill the bar.
            let (from, to) = (before * 1000 / all, (before + count) * 1000 / all);
            parts.push(ChartPart {
                tone,
                x: from,
                width: to - from,
            });
            before += count;
            labels.push(Badge::grade_count(lang, letter, count).text);
        }
        let title = fill(words.chart, &[("totals", &labels.join(" · "))]);
        Self {
            rows,
            chart: Some(Chart { title, parts }),
            sentence: None,
        }
    }

    /// Of `count` items with one outcome: a bar of one colour would say nothing.
    #[must_use]
    pub fn alike(lang: Lang, outcome: &str, count: u64) -> Self {
        let words = &lang.text().batch;
        let sentence = match count {
            1 => fill(words.only_one, &[("outcome", outcome)]),
            _ => fill(
                words.all_alike,
                &[("count", &grouped(count)), ("outcome", outcome)],
            ),
        };
        Self {
            rows: Vec::new(),
            chart: None,
            sentence: Some(sentence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_filled_and_shares_round() {
        let of = |counts| Totals::of_grades(Lang::Chinese, counts);
        let totals = of([('A', 4467), ('B', 6936), ('C', 94)]);
        let shares: Vec<&str> = totals.rows.iter().map(|row| row.share.as_str()).collect();
        assert_eq!(shares, ["占 38.9%", "占 60.3%", "占 0.8%"]);
        let parts = totals.chart.unwrap().parts;
        assert_eq!(parts.iter().map(|part| part.width).sum::<u64>(), 1000);
        let parts = of([('A', 0), ('B', 0), ('C', 0)]).chart.unwrap().parts;
        assert!(parts.iter().all(|part| part.width == 0));
    }

    #[test]
    fn items_that_are_alike_make_a_sentence() {
        let one = Totals::alike(Lang::Chinese, "更正撤回", 1);
        assert!(one.chart.is_none() && one.rows.is_empty());
        assert_eq!(one.sentence.as_deref(), Some("只有一项：更正撤回。"));
        let all = Totals::of_grades(Lang::English, [('A', 0), ('B', 1200), ('C', 0)]);
        assert!(all.chart.is_none());
        assert!(all.sentence.unwrap().starts_with("1,200 items, all alike: "));
        let two = Totals::of_grades(Lang::English, [('A', 1), ('B', 1), ('C', 0)]);
        assert!(two.chart.is_some() && two.sentence.is_none());
    }
}
