//! Finds the encoding of an answer, and decodes its bytes.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use super::tree::Malformed;

/// The part of the body in which an XML declaration must end.
const DECLARATION: usize = 200;

/// Decodes a body. The first of these decides: (1) the byte order mark; (2) the XML declaration,
/// whose author knew; (3) the `charset` of `Content-Type`, which some servers send as a default;
/// (4) UTF-8.
///
/// # Errors
/// The encoding is unknown, or the bytes do not fit it.
pub fn decode<'a>(body: &'a [u8], content_type: Option<&str>) -> Result<Cow<'a, str>, Malformed> {
    let (encoding, body) = match Encoding::for_bom(body) {
        Some((encoding, length)) => (encoding, &body[length..]),
        None => match declared(body).or_else(|| charset(content_type?)) {
            Some(label) => (named(&label)?, body),
            None => (UTF_8, body),
        },
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(body)
        .ok_or_else(|| Malformed::NotEncodedAs(encoding.name().to_owned()))
}

fn named(label: &str) -> Result<&'static Encoding, Malformed> {
    Encoding::for_label(label.as_bytes())
        .ok_or_else(|| Malformed::UnknownEncoding(label.escape_debug().to_string()))
}

/// `encoding="…"` of an XML declaration. All encodings in question write it in ASCII.
fn declared(body: &[u8]) -> Option<String> {
    let head = &body[..body.len().min(DECLARATION)];
    let head = String::from_utf8_lossy(head);
    let declaration = head.trim_start().strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    Some(value[1..].split_once(quote)?.0.to_owned())
}

fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::EUC_KR;

    #[test]
    fn korean_is_read_in_whichever_encoding_was_declared() {
        let declared = "<?xml version='1.0' encoding='EUC-KR'?><a>개발</a>";
        let plain = "<a>개발</a>";
        let marked = format!("\u{feff}{plain}");
        let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (body, content_type, expected) in [
            (EUC_KR.encode(declared).0, Some("text/xml;charset=ISO-8859-1"), declared),
            (EUC_KR.encode(plain).0, Some("text/xml; Charset=\"euc-kr\""), plain),
            (plain.as_bytes().into(), Some("application/json"), plain),
            (plain.as_bytes().into(), None, plain),
            (marked.as_bytes().into(), Some("text/xml;charset=euc-kr"), plain),
            (utf16.into(), None, plain),
        ] {
            assert_eq!(decode(&body, content_type).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn bytes_in_another_encoding_than_declared_are_refused() {
        let korean = EUC_KR.encode("<a>개발</a>").0;
        let unknown = b"<?xml version=\"1.0\" encoding=\"x-\x1b\"?><a/>";
        assert_eq!(decode(&korean, None), Err(Malformed::NotEncodedAs("UTF-8".to_owned())));
        let expected = Malformed::UnknownEncoding(r"x-\u{1b}".to_owned());
        assert_eq!(decode(unknown, None), Err(expected));
    }
}
