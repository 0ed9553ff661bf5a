//! Reads Rust sources well enough to see which of our modules they name. No parser: comments are taken
//! out, `use` trees are unfolded, and inline test modules are told from the product.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// One file of `src/`.
pub struct Source {
    /// From the repository's root, with slashes.
    pub path: String,
    /// The top-level module: `domain`, `store`, …; the file's own name for `src/lib.rs` and binaries.
    pub top: String,
    /// The text as it is.
    pub text: String,
    /// Whether the whole file is compiled for tests only.
    pub only_tests: bool,
}

impl Source {
    /// A file with this path and text.
    pub fn of(path: &str, text: &str) -> Self {
        let inside = path.strip_prefix("src/").unwrap_or(path);
        let top = inside
            .split('/')
            .next()
            .unwrap_or_default()
            .trim_end_matches(".rs");
        let only_tests = inside
            .split('/')
            .any(|part| part == "tests" || part == "tests.rs");
        Self {
            path: path.to_owned(),
            top: top.to_owned(),
            text: text.to_owned(),
            only_tests,
        }
    }

    /// The text that is compiled into the product: no comments, no inline test module.
    pub fn product(&self) -> String {
        if self.only_tests {
            return String::new();
        }
        let code = without_comments(&self.text);
        let end = [
            "#[cfg(test)]\nmod tests {",
            "#[cfg(test)]\npub(crate) mod tests {",
        ]
        .iter()
        .filter_map(|start| code.find(start))
        .min()
        .unwrap_or(code.len());
        code[..end].to_owned()
    }

    /// How many modules deep the file is below the crate's root.
    fn depth(&self) -> usize {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let parts = inside.split('/').count();
        if inside.ends_with("/mod.rs") {
            parts - 1
        } else {
            parts
        }
    }
}

/// Every Rust file below `root`; files declared behind `#[cfg(test)] mod x;` count as tests.
pub fn read_tree(root: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    walk(root, "src", &mut sources);
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    let test_modules: Vec<String> = sources.iter().flat_map(declared_for_tests).collect();
    for source in &mut sources {
        let module = source.path.trim_end_matches(".rs").trim_end_matches("/mod");
        source.only_tests |= test_modules
            .iter()
            .any(|m| module == m || module.starts_with(&format!("{m}/")));
    }
    sources
}

fn walk(folder: &Path, name: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{name}/{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), &path, sources);
        } else if path.ends_with(".rs") {
            sources.push(Source::of(&path, &fs::read_to_string(entry.path()).unwrap()));
        }
    }
}

/// Paths of modules that a file declares behind `#[cfg(test)]`.
fn declared_for_tests(source: &Source) -> Vec<String> {
    let own = source
        .path
        .trim_end_matches(".rs")
        .trim_end_matches("/mod")
        .to_owned();
    let base = if source.path == "src/lib.rs" {
        "src".to_owned()
    } else {
        own
    };
    let code = without_comments(&source.text);
    let after = code.split("#[cfg(test)]").skip(1);
    after
        .filter_map(|rest| {
            let line = rest.trim_start().lines().next()?;
            let name = line.strip_suffix(';')?.rsplit(' ').next()?;
            line.contains("mod ").then(|| format!("{base}/{name}"))
        })
        .collect()
}

/// The text without line comments (documentation included); enough, as this code has no block comments.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        let kept = line
            .find("//")
            .filter(|at| !line[..*at].contains('"'))
            .map_or(line, |at| &line[..at]);
        if !kept.trim().is_empty() {
            code.push_str(kept);
            code.push('\n');
        }
    }
    code
}

/// The top-level modules of ours that a file names.
pub fn modules_used(source: &Source) -> BTreeSet<String> {
    let code = without_comments(&source.text);
    let up = "super::".repeat(source.depth());
    let mut used = BTreeSet::new();
    for root in ["crate::", "chengxin::", up.as_str()] {
        for (at, _) in code.match_indices(root) {
            let begins = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if begins {
                first_names(&code[at + root.len()..], &mut used);
            }
        }
    }
    used
}

/// The first name of each path in a `use` tree: `{a::b, c::{d, e}}` gives a and c.
fn first_names(rest: &str, names: &mut BTreeSet<String>) {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(tree) = rest.strip_prefix('{') else {
        names.insert(word(rest));
        return;
    };
    let mut depth = 0_usize;
    let mut start = 0;
    for (at, c) in tree.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.insert(word(tree[start..at].trim_start()));
                return;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.insert(word(tree[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The functions of a store file that change rows, as a caller writes them: `employer::insert(`.
pub fn writers(source: &Source) -> Vec<String> {
    let module = source
        .path
        .trim_end_matches(".rs")
        .trim_end_matches("/mod")
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let product = source.product();
    let functions = product.split("\npub fn ").skip(1);
    functions
        .filter_map(|function| {
            let body = function.split("\n}").next()?;
            let name: String = function
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            ["insert_into(", "diesel::update(", "diesel::delete("]
                .iter()
                .any(|word| body.contains(word))
                .then(|| format!("{module}::{name}("))
        })
        .collect()
}

/// The names in backquotes in a cell of a table.
pub fn ticked(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
