//! Reads TOML within bounds: no text costs more than a file of twelve thousand rules.

use toml::Spanned;
use toml::de::{DeTable, Error};
use toml_parser::decoder::Encoding;
use toml_parser::lexer::Token;
use toml_parser::parser::{EventReceiver, RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{ErrorSink, ParseError, Raw, Source, Span};

use crate::text::char_floor::floor;

/// The most words, signs and gaps of a file. Ten thousand rules have 700,000.
pub(super) const MOST_TOKENS: usize = 1_000_000;

/// The most mistakes that are looked at one by one.
const MOST_MISTAKES: usize = 1_000;

/// The deepest nesting of lists and tables that the parser allows.
pub(super) const DEEPEST: u32 = 80;

/// The TOML of a text.
pub(super) struct Syntax<'t> {
    /// The readable part.
    pub(super) table: Spanned<DeTable<'t>>,
    pub(super) errors: Vec<Error>,
    /// The number of further mistakes. Nothing after the first of these was read.
    pub(super) unread: usize,
}

/// Reads a text as far as possible.
///
/// # Errors
/// The place at which the text becomes too much.
pub(super) fn parse(text: &str) -> Result<Syntax<'_>, usize> {
    let source = Source::new(text);
    let tokens: Vec<Token> = source.lex().take(MOST_TOKENS + 1).collect();
    if let Some(one_too_many) = tokens.get(MOST_TOKENS) {
        return Err(one_too_many.span().start());
    }
    let (mistakes, last) = mistakes(source, &tokens);
    drop(tokens);
    let part = match last {
        Some(last) => &text[..floor(text, last)],
        None => text,
    };
    let (table, errors) = DeTable::parse_recoverable(part);
    let unread = if last.is_some() { mistakes.saturating_sub(errors.len()) } else { 0 };
    Ok(Syntax { table, errors, unread })
}

/// The number of mistakes, and the place of the last one to look at, if that is not all.
fn mistakes(source: Source<'_>, tokens: &[Token]) -> (usize, Option<usize>) {
    let (mut count, mut last) = (0, None);
    let mut told = |error: ParseError| {
        count += 1;
        if count >= MOST_MISTAKES && last.is_none() {
            last = error.unexpected().or(error.context()).map(|span| span.start());
        }
    };
    let mut content = Content(source);
    let mut gaps = ValidateWhitespace::new(&mut content, source);
    let mut guarded = RecursionGuard::new(&mut gaps, DEEPEST);
    parse_document(tokens, &mut guarded, &mut told);
    (count, last)
}

/// Checks the parts of keys and values, and keeps nothing.
struct Content<'t>(Source<'t>);

impl<'t> Content<'t> {
    fn raw(&self, span: Span, encoding: Option<Encoding>) -> Raw<'t> {
        let text = &self.0.input()[span.start()..span.end()];
        Raw::new_unchecked(text, encoding, span)
    }
}

impl EventReceiver for Content<'_> {
    fn simple_key(&mut self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        self.raw(span, encoding).decode_key(&mut (), error);
    }

    fn scalar(&mut self, span: Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let _kind = self.raw(span, encoding).decode_scalar(&mut (), error);
    }
}
