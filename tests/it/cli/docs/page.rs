//! A page of Markdown: its fenced blocks, headings, links, and the code in its sentences.

use std::fs;
use std::path::{Path, PathBuf};

pub(super) struct Page {
    /// Its path from the top of the repository.
    pub(super) name: String,
    pub(super) text: String,
}

/// Text between two fences.
pub(super) struct Block {
    pub(super) line: usize,
    pub(super) info: String,
    pub(super) text: String,
}

pub(super) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Page {
    pub(super) fn read(name: &str) -> Self {
        let text = fs::read_to_string(top().join(name)).unwrap();
        Self { name: name.to_owned(), text }
    }

    /// The pages that people read, each once.
    pub(super) fn all() -> Vec<Self> {
        let mut names = Vec::new();
        for folder in ["", "docs", "docs/ko", "migrations"] {
            let Ok(entries) = fs::read_dir(top().join(folder)) else { continue };
            let files = entries.map(|entry| Path::new(folder).join(entry.unwrap().file_name()));
            let is_page = |file: &PathBuf| file.extension().is_some_and(|end| end == "md");
            names.extend(files.filter(is_page));
        }
        names.retain(|name| name != Path::new("CHANGELOG.md"));
        names.sort();
        names.iter().map(|name| Self::read(name.to_str().unwrap())).collect()
    }

    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut inside = false;
        for (number, line) in self.text.lines().enumerate() {
            if let Some(info) = line.trim_start().strip_prefix("```") {
                inside = !inside;
                if inside {
                    let info = info.to_owned();
                    blocks.push(Block { line: number + 1, info, text: String::new() });
                }
            } else if inside {
                let block = blocks.last_mut().expect("a fence opened it");
                block.text.push_str(line);
                block.text.push('\n');
            }
        }
        assert!(!inside, "{}: a fence is not closed", self.name);
        blocks
    }

    /// The lines outside of fences.
    pub(super) fn prose(&self) -> String {
        let mut inside = false;
        let mut prose = String::new();
        for line in self.text.lines() {
            if line.trim_start().starts_with("```") {
                inside = !inside;
            } else if !inside {
                prose.push_str(line);
                prose.push('\n');
            }
        }
        prose
    }

    /// The code in the sentences: every second part between backticks of a line.
    pub(super) fn spans(&self) -> Vec<String> {
        let prose = self.prose();
        let of_line = |line: &str| -> Vec<String> {
            line.split('`').skip(1).step_by(2).map(|span| span.replace("\\|", "|")).collect()
        };
        prose.lines().flat_map(of_line).collect()
    }

    /// Where the links of the sentences lead.
    pub(super) fn links(&self) -> Vec<String> {
        let prose = self.prose();
        let parts = prose.split("](").skip(1);
        parts.filter_map(|part| Some(part.split_once(')')?.0.to_owned())).collect()
    }

    /// What `#…` may say on this page, as GitHub makes it of the headings.
    pub(super) fn anchors(&self) -> Vec<String> {
        let prose = self.prose();
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        let mut anchors: Vec<String> = Vec::new();
        for heading in headings {
            let letters = heading.trim_start_matches('#').trim().to_lowercase();
            let keep = |letter: char| match letter {
                ' ' => Some('-'),
                '-' | '_' => Some(letter),
                _ => letter.is_alphanumeric().then_some(letter),
            };
            let anchor: String = letters.chars().filter_map(keep).collect();
            assert!(!anchors.contains(&anchor), "{}: two headings `{heading}`", self.name);
            anchors.push(anchor);
        }
        anchors
    }
}
