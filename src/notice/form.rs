//! Turns lightsout's own form of a notice into the forms of other products.
//!
//! docs/notices.md shows them.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::schedule::notify::Format;

/// Discord's limit for `content`, in characters.
const DISCORD_MOST: usize = 2_000;

/// The parts of a notice that every form has.
#[derive(Deserialize)]
struct Said {
    text: String,
    #[serde(default)]
    details: Vec<String>,
}

impl Said {
    /// The sentence, then its lines.
    fn lines(self) -> Vec<String> {
        std::iter::once(self.text).chain(self.details).collect()
    }
}

/// lightsout's own form: the notice number stands before the body. A receiver recognises a repeated
/// notice by its number.
pub(super) fn own(notice: Option<i64>, body: &str) -> String {
    match (notice, body.strip_prefix('{')) {
        (Some(notice), Some(rest)) => format!("{{\"notice\":{notice},{rest}"),
        _ => body.to_owned(),
    }
}

/// A notice in the given format. `own` is the notice in lightsout's own form.
pub(super) fn formatted(format: Format, own: String) -> String {
    if format == Format::Json {
        return own;
    }
    let lines = serde_json::from_str(&own).map_or_else(|_| vec![own], Said::lines);
    let body = match format {
        Format::Slack => slack(&lines.join("\n")),
        Format::Teams => teams(&lines),
        Format::Discord | Format::Json => discord(&lines.join("\n")),
    };
    body.to_string()
}

/// An incoming webhook of Slack takes `text`. Three characters are special in it even where the
/// rest of the markup is off.
fn slack(text: &str) -> Value {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({ "text": text, "mrkdwn": false })
}

/// A webhook of a Teams workflow takes a message with one Adaptive Card. Each line is a run in a
/// block of its own, because runs do not obey Markdown.
fn teams(lines: &[String]) -> Value {
    let block = |line: &String| {
        let run = json!({ "type": "TextRun", "text": line });
        json!({ "type": "RichTextBlock", "inlines": [run] })
    };
    let blocks: Vec<Value> = lines.iter().map(block).collect();
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.2",
        "body": blocks,
    });
    let attachment = json!({
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": null,
        "content": card,
    });
    json!({ "type": "message", "attachments": [attachment] })
}

/// A webhook of Discord takes `content`. Its markup is escaped, and no name in it calls anybody.
fn discord(text: &str) -> Value {
    let mut content = String::new();
    let mut length = 0;
    for c in text.chars() {
        let is_markup = "\\*_~`|<>[]()#".contains(c);
        // Discord counts UTF-16 units, which are never fewer than characters.
        length += c.len_utf16() + usize::from(is_markup);
        if length >= DISCORD_MOST {
            content.push('…');
            break;
        }
        if is_markup {
            content.push('\\');
        }
        content.push(c);
    }
    json!({ "content": content, "allowed_mentions": { "parse": [] } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(format: Format, text: &str) -> Value {
        let own = own(Some(7), &json!({ "event": "test", "text": text }).to_string());
        serde_json::from_str(&formatted(format, own)).unwrap()
    }

    #[test]
    fn each_form_is_what_its_product_takes() {
        let text = "a_b <!channel> & @everyone";
        assert_eq!(sent(Format::Json, text), json!({ "notice": 7, "event": "test", "text": text }));
        assert_eq!(
            sent(Format::Slack, text),
            json!({ "text": "a_b &lt;!channel&gt; &amp; @everyone", "mrkdwn": false })
        );
        assert_eq!(
            sent(Format::Discord, text),
            json!({
                "content": "a\\_b \\<!channel\\> & @everyone",
                "allowed_mentions": { "parse": [] },
            })
        );
        assert_eq!(
            sent(Format::Teams, text),
            json!({ "type": "message", "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": null,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.2",
                    "body": [{
                        "type": "RichTextBlock",
                        "inlines": [{ "type": "TextRun", "text": text }],
                    }],
                },
            }] })
        );
    }

    #[test]
    fn discord_is_never_sent_more_than_it_takes() {
        for (text, ends) in
            [("x".repeat(1_999), "x"), ("_".repeat(3_000), "…"), ("🌙".repeat(1_500), "…")]
        {
            let content = sent(Format::Discord, &text)["content"].as_str().unwrap().to_owned();
            assert!(content.encode_utf16().count() <= DISCORD_MOST, "{}", content.len());
            assert!(content.ends_with(ends), "{content}");
        }
    }
}
