//! Reads the text of a glob into steps.

use super::{Class, DEEPEST, GlobError, LONGEST, MOST_ALTERNATIVES, Step};

pub(super) fn read(text: &str) -> Result<Vec<Step>, GlobError> {
    let left: Vec<char> = text.chars().take(LONGEST + 1).collect();
    if left.len() > LONGEST {
        return Err(GlobError::TooLong);
    }
    let mut reader = Reader { left, at: 0, steps: Vec::new() };
    reader.sequence(0)?;
    if reader.at < reader.left.len() {
        return Err(GlobError::UnopenedBrace);
    }
    Ok(reader.steps)
}

struct Reader {
    left: Vec<char>,
    at: usize,
    steps: Vec<Step>,
}

impl Reader {
    fn next(&mut self) -> Option<char> {
        let c = self.left.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    /// Reads to the end, or to the `,` or `}` that ends an alternative, which stays unread. Returns
    /// the number of patterns. `depth`: the number of braces around.
    fn sequence(&mut self, depth: usize) -> Result<usize, GlobError> {
        let mut patterns = 1;
        while let Some(&c) = self.left.get(self.at) {
            if c == '}' || (depth > 0 && c == ',') {
                break;
            }
            self.at += 1;
            let step = match c {
                '{' => {
                    patterns *= self.braces(depth + 1)?;
                    if patterns > MOST_ALTERNATIVES {
                        return Err(GlobError::TooManyAlternatives);
                    }
                    continue;
                }
                '*' => Step::AnyRun,
                '?' => Step::AnyChar,
                '[' => self.class()?,
                '\\' => Step::Char(self.next().ok_or(GlobError::TrailingBackslash)?),
                c => Step::Char(c),
            };
            self.steps.push(step);
        }
        Ok(patterns)
    }

    /// Writes a fork before each alternative but the last, and after it a jump to the end.
    fn braces(&mut self, depth: usize) -> Result<usize, GlobError> {
        if depth > DEEPEST {
            return Err(GlobError::TooDeep);
        }
        let mut patterns = 0;
        let mut jumps = Vec::new();
        loop {
            let fork = self.steps.len();
            self.steps.push(Step::Jump(fork + 1));
            patterns += self.sequence(depth)?;
            match self.next() {
                Some(',') => {
                    jumps.push(self.steps.len());
                    self.steps.push(Step::Jump(0));
                    self.steps[fork] = Step::Fork(self.steps.len());
                }
                Some('}') => break,
                _ => return Err(GlobError::UnclosedBrace),
            }
        }
        let end = self.steps.len();
        for jump in jumps {
            self.steps[jump] = Step::Jump(end);
        }
        Ok(patterns)
    }

    fn class(&mut self) -> Result<Step, GlobError> {
        let negated = matches!(self.left.get(self.at), Some('!' | '^'));
        self.at += usize::from(negated);
        let mut ranges = Vec::new();
        loop {
            let first = match self.next().ok_or(GlobError::UnclosedClass)? {
                // As in every shell, a bracket at the start is a character of the class.
                ']' if !ranges.is_empty() => {
                    return Ok(Step::Class(Box::new(Class { negated, ranges })));
                }
                ']' if !self.left[self.at..].contains(&']') => return Err(GlobError::EmptyClass),
                '\\' => self.next().ok_or(GlobError::UnclosedClass)?,
                c => c,
            };
            let is_range = self.left.get(self.at) == Some(&'-')
                && self.left.get(self.at + 1).is_some_and(|&c| c != ']');
            if !is_range {
                ranges.push((first, first));
                continue;
            }
            self.at += 1;
            let last = match self.next().ok_or(GlobError::UnclosedClass)? {
                '\\' => self.next().ok_or(GlobError::UnclosedClass)?,
                c => c,
            };
            if last < first {
                return Err(GlobError::BackwardRange(first, last));
            }
            ranges.push((first, last));
        }
    }
}
