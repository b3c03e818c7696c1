//! TOML, read with bounds: no text takes more than a file of twelve thousand rules does, whatever
//! it holds.

use toml::Spanned;
use toml::de::{DeTable, Error};
use toml_parser::decoder::Encoding;
use toml_parser::lexer::Token;
use toml_parser::parser::{EventReceiver, RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{ErrorSink, ParseError, Raw, Source, Span};

use crate::text::char_floor::floor;

/// How many words, signs and gaps a file may have: ten thousand rules have 700,000.
pub(super) const MOST_TOKENS: usize = 1_000_000;

/// How many mistakes are looked at one by one.
const MOST_MISTAKES: usize = 1_000;

/// How deep lists and tables may be nested, as the parser has it.
pub(super) const DEEPEST: u32 = 80;

/// What a text says as TOML.
pub(super) struct Syntax<'t> {
    /// What could be read of it.
    pub(super) table: Spanned<DeTable<'t>>,
    pub(super) errors: Vec<Error>,
    /// How many mistakes more there are, behind those; nothing there was read.
    pub(super) unread: usize,
}

/// Reads a text as far as possible.
///
/// # Errors
/// Where it becomes too much.
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

/// How many mistakes there are, and where the last is that is looked at, if not all are.
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

/// Looks at what keys and values are made of, and keeps nothing of it.
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
