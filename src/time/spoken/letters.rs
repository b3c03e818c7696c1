//! Turns letters, digits and marks of other keyboards into plain ones.

/// Words that join the two ends of a range.
pub(crate) const BETWEEN: [&str; 11] =
    [" to ", " through ", " thru ", " until ", " till ", "...", "..", "부터", "->", "=>", "→"];

/// A text with plain characters for full-width ones, dashes, tildes, blanks and quotes.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(plain_char).collect::<String>().replace('…', "..")
}

/// The plain character that this one looks like.
pub(crate) fn plain_char(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5d}' => {
            char::from_u32(u32::from(c) - 0xfee0).expect("ASCII has a character for each of these")
        }
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
        // Hyphens, dashes, the minus, and the marks that Korean and Japanese keyboards have in
        // their place.
        '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{2500}'
        | '\u{fe58}'
        | '\u{fe63}'
        | 'ㅡ'
        | 'ー' => '-',
        '～' | '〜' | '∼' => '~',
        '、' | '､' | '·' | '・' | 'ㆍ' => ',',
        '∶' => ':',
        '∗' => '*',
        '″' | '❝' | '❞' | 'ʺ' | 'ˮ' | '‹' | '›' | '〈' | '〉' | '【' | '】' | '“' | '”' | '„'
        | '‟' | '「' | '」' | '『' | '』' | '«' | '»' | '〝' | '〞' | '《' | '》' => {
            '"'
        }
        '′' | '‘' | '’' | '‚' | '‛' | '´' => '\'',
        _ => c,
    }
}

/// The two ends of a range, with any joint; `None` if there are not two.
pub(crate) fn ends(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    if let Some((first, last)) =
        text.strip_prefix("between ").and_then(|rest| rest.split_once(" and "))
    {
        return Some((first.trim(), last.trim()));
    }
    let text = text.strip_prefix("from ").unwrap_or(text);
    let text = text.strip_suffix("까지").unwrap_or(text);
    let joint = BETWEEN.iter().find(|joint| text.contains(**joint)).copied();
    let joint = joint.or_else(|| ["~", "-"].into_iter().find(|joint| text.contains(*joint)))?;
    let (first, last) = text.split_once(joint)?;
    let last = last.trim_start_matches(['~', '-', ' ']);
    let ends = (first.trim(), last.trim());
    (!ends.0.is_empty() && !ends.1.is_empty()).then_some(ends)
}
