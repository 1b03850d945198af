//! The URIs of integrations and functions. Text with holes is looked at with a mark in
//! the place of each hole, so that a stage variable may stand anywhere.

use tollgate_model::Account;
use tollgate_model::text::{Piece, Text};

use super::text::push_literal;

/// Stands for a hole; no URI holds it.
pub(crate) const HOLE: char = '\u{1}';

/// The text with a mark for each hole.
pub(crate) fn marked(text: &Text) -> String {
    text.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(literal) => literal.clone(),
            _ => HOLE.to_string(),
        })
        .collect()
}

/// What is wrong with the address of an HTTP integration, if anything is.
pub(crate) fn http_fault(text: &Text) -> Option<&'static str> {
    let text = marked(text);
    // `echo:` is the gateway's own backend, for development
    if text.starts_with(HOLE) || text.starts_with("echo:") {
        return None;
    }
    let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    else {
        return Some("it starts with neither `http://` nor `https://`");
    };
    match rest.chars().next() {
        None | Some('/' | '?' | '#') => Some("it has no host"),
        Some(_) if rest.contains(char::is_whitespace) => Some("it has a blank in it"),
        Some(_) => None,
    }
}

/// What is wrong with the ARN of an AWS integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArnFault {
    /// It is no ARN at all.
    NotAnArn,
    /// Neither `path` nor `action` follows the service.
    NoPathOrAction,
}

/// The service that an integration ARN names: `arn:aws:apigateway:eu-west-1:SERVICE:path/…`.
pub(crate) fn service(text: &Text) -> Result<String, ArnFault> {
    let text = marked(text);
    // A variable may hold everything.
    if text.starts_with(HOLE) {
        return Ok(HOLE.to_string());
    }
    let mut parts = text.splitn(6, ':');
    let (arn, _, apigateway, _, service, rest) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    );
    if arn != Some("arn") {
        return Err(ArnFault::NotAnArn);
    }
    let rest = rest.unwrap_or("");
    if apigateway != Some("apigateway")
        || !rest.starts_with(HOLE) && !rest.starts_with("path/") && !rest.starts_with("action/")
    {
        return Err(ArnFault::NoPathOrAction);
    }
    Ok(service.unwrap_or("").to_owned())
}

/// `dynamodb:PutItem` and `s3:path/…` in full, in the account's region.
pub(crate) fn aws_uri(account: &Account, mut text: Text) -> Text {
    let whole = marked(&text);
    let Some((service, rest)) = whole.split_once(':') else {
        return text;
    };
    let plain = !service.is_empty()
        && service
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == HOLE);
    if service == "arn" || !plain || rest.is_empty() {
        return text;
    }
    let prefix = format!("arn:{}:apigateway:{}:", account.partition, account.region);
    let verbatim = rest.starts_with("path/") || rest.starts_with("action/");
    let mut pieces = Vec::with_capacity(text.pieces.len() + 1);
    push_literal(&mut pieces, &prefix);
    let mut colon_seen = false;
    for piece in text.pieces {
        match piece {
            Piece::Literal(literal) if !colon_seen && literal.contains(':') && !verbatim => {
                colon_seen = true;
                let (service, action) = literal.split_once(':').unwrap_or((&literal, ""));
                push_literal(&mut pieces, &format!("{service}:action/{action}"));
            }
            Piece::Literal(literal) => push_literal(&mut pieces, &literal),
            hole => pieces.push(hole),
        }
    }
    text.pieces = pieces;
    text
}

/// The invocation ARN of a function: given whole, by the function's ARN, or by its name
/// (`orders`, `orders:live`) in the account.
pub(crate) fn lambda_uri(account: &Account, function: &Text, stream: bool) -> Text {
    let whole = marked(function);
    let mut parts = whole.split(':');
    let head: Vec<&str> = parts.by_ref().take(4).collect();
    if whole.starts_with(HOLE) && function.pieces.len() == 1 {
        // A variable holds the function's name.
    } else if matches!(head.as_slice(), ["arn", _, "apigateway", _]) {
        return function.clone();
    }
    let (partition, region, arn) = match head.as_slice() {
        ["arn", partition, "lambda", region]
            if !partition.contains(HOLE) && !region.contains(HOLE) =>
        {
            (*partition, *region, true)
        }
        _ => (
            account.partition.as_str(),
            account.region.as_str(),
            whole.starts_with("arn:"),
        ),
    };
    let (version, call) = if stream {
        ("2021-11-15", "response-streaming-invocations")
    } else {
        ("2015-03-31", "invocations")
    };
    let mut pieces = Vec::with_capacity(function.pieces.len() + 2);
    push_literal(
        &mut pieces,
        &format!("arn:{partition}:apigateway:{region}:lambda:path/{version}/functions/"),
    );
    if !arn {
        push_literal(
            &mut pieces,
            &format!("arn:{partition}:lambda:{region}:{}:function:", account.id),
        );
    }
    for piece in &function.pieces {
        match piece {
            Piece::Literal(literal) => push_literal(&mut pieces, literal),
            hole => pieces.push(hole.clone()),
        }
    }
    push_literal(&mut pieces, &format!("/{call}"));
    Text {
        pieces,
        node: function.node,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account {
            id: "111122223333".into(),
            region: "eu-west-1".into(),
            partition: "aws".into(),
            throttle: None,
        }
    }

    #[test]
    fn services_are_written_short() {
        for (short, full) in [
            (
                "dynamodb:PutItem",
                "arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem",
            ),
            ("s3:path/b/k", "arn:aws:apigateway:eu-west-1:s3:path/b/k"),
            (
                "sqs:action/SendMessage&x=1",
                "arn:aws:apigateway:eu-west-1:sqs:action/SendMessage&x=1",
            ),
            (
                "arn:aws:apigateway:us-east-1:sqs:path/q",
                "arn:aws:apigateway:us-east-1:sqs:path/q",
            ),
            ("nothing", "nothing"),
        ] {
            assert_eq!(marked(&aws_uri(&account(), Text::literal(short))), full);
        }
    }

    #[test]
    fn functions_are_written_short() {
        let prefix = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/";
        for (short, full) in [
            ("orders", format!("{prefix}arn:aws:lambda:eu-west-1:111122223333:function:orders/invocations")),
            (
                "orders:live",
                format!("{prefix}arn:aws:lambda:eu-west-1:111122223333:function:orders:live/invocations"),
            ),
            (
                "arn:aws:lambda:us-east-1:1:function:f",
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations".to_owned(),
            ),
            ("arn:aws:apigateway:x:lambda:path/y", "arn:aws:apigateway:x:lambda:path/y".to_owned()),
        ] {
            assert_eq!(marked(&lambda_uri(&account(), &Text::literal(short), false)), full);
        }
    }

    #[test]
    fn integration_arns_name_a_service_and_a_path_or_an_action() {
        for (arn, expected) in [
            (
                "arn:aws:apigateway:eu-west-1:sqs:path/q",
                Ok("sqs".to_owned()),
            ),
            (
                "arn:aws:apigateway:eu-west-1:sqs:q",
                Err(ArnFault::NoPathOrAction),
            ),
            (
                "arn:aws:lambda:eu-west-1:1:function:f",
                Err(ArnFault::NoPathOrAction),
            ),
            ("sqs", Err(ArnFault::NotAnArn)),
        ] {
            assert_eq!(service(&Text::literal(arn)), expected, "{arn}");
        }
    }
}
