//! What a glob is made of, and how much of it there may be.

/// How many characters a glob may have.
pub(crate) const LONGEST: usize = 10_000;

/// How deep braces may be nested.
pub(crate) const DEEPEST: usize = 20;

/// How many plain patterns the braces of one glob may stand for.
pub(crate) const MOST_ALTERNATIVES: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Step {
    Char(char),
    AnyChar,
    AnyRun,
    // In a box: it is rare, and would double the size of every other step.
    Class(Box<Class>),
    /// An alternative begins behind it, and the next one at that step.
    Fork(usize),
    /// It goes on at that step.
    Jump(usize),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Class {
    pub(super) negated: bool,
    pub(super) ranges: Vec<(char, char)>,
}

/// Why a text is not a glob.
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
    /// Braces that stand for more patterns than a thousand.
    #[error("the braces stand for more than {MOST_ALTERNATIVES} patterns")]
    TooManyAlternatives,
    /// Braces in braces in braces, and so on.
    #[error("the braces are nested more than {DEEPEST} deep")]
    TooDeep,
    /// More characters than anything that is matched has.
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
