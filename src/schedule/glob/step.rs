//! Owns the parts of a glob, its limits, and its errors.

/// The most characters of a glob.
pub(crate) const LONGEST: usize = 10_000;

/// The deepest nesting of braces.
pub(crate) const DEEPEST: usize = 20;

/// The most plain patterns in the braces of one glob.
pub(crate) const MOST_ALTERNATIVES: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Step {
    Char(char),
    AnyChar,
    AnyRun,
    // Boxed: a class is rare, and would double the size of every other step.
    Class(Box<Class>),
    /// An alternative begins after this step, and the next one at the given step.
    Fork(usize),
    /// The match continues at the given step.
    Jump(usize),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Class {
    pub(super) negated: bool,
    pub(super) ranges: Vec<(char, char)>,
}

/// The reasons why a text is no glob.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GlobError {
    /// `[` without its `]`.
    #[error("`[` is not closed")]
    UnclosedClass,
    /// `[]`.
    #[error("`[]` holds no character")]
    EmptyClass,
    /// `[z-a]`.
    #[error("the range `{0}-{1}` runs backwards")]
    BackwardRange(char, char),
    /// `{` without its `}`.
    #[error("`{{` is not closed")]
    UnclosedBrace,
    /// `}` without its `{`.
    #[error("`}}` closes nothing")]
    UnopenedBrace,
    #[error("the backslash at the end escapes nothing")]
    TrailingBackslash,
    /// More than a thousand patterns in braces.
    #[error("the braces stand for more than {MOST_ALTERNATIVES} patterns")]
    TooManyAlternatives,
    #[error("the braces are nested more than {DEEPEST} deep")]
    TooDeep,
    /// More characters than any text to match.
    #[error("a glob has {LONGEST} characters at most")]
    TooLong,
}

impl GlobError {
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TooManyAlternatives | Self::TooDeep | Self::TooLong => {
                "`names` takes several globs, and a `*` stands for much"
            }
            _ => "a backslash takes `*`, `?`, `[`, `{` or `}` literally: `'\\['`",
        }
    }
}
