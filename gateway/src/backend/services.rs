//! AWS services by action or path, where something local stands in for one.

use tollgate_runtime::{Call, Fault};

use super::http::{Request, RequestBody};
use super::url::Url;
use super::{Body, Length, Resources, Work, body_length, body_of, echo, write_fields};
use crate::program::StandIn;

/// Services whose actions travel in `X-Amz-Target`, with the prefix of that header and the body's type.
const JSON_SERVICES: &[(&str, &str, &str)] = &[
    (
        "dynamodb",
        "DynamoDB_20120810",
        "application/x-amz-json-1.0",
    ),
    ("events", "AWSEvents", "application/x-amz-json-1.1"),
    (
        "firehose",
        "Firehose_20150804",
        "application/x-amz-json-1.1",
    ),
    ("kinesis", "Kinesis_20131202", "application/x-amz-json-1.1"),
    ("kms", "TrentService", "application/x-amz-json-1.1"),
    (
        "secretsmanager",
        "secretsmanager",
        "application/x-amz-json-1.1",
    ),
    ("ssm", "AmazonSSM", "application/x-amz-json-1.1"),
    ("states", "AWSStepFunctions", "application/x-amz-json-1.0"),
];

/// A call of `service`. Requests are not signed: they only go to what `--backend` names.
pub(crate) fn plan(
    call: &Call<'_>,
    service: &[u8],
    action: bool,
    target: &[u8],
    have: &Resources<'_>,
) -> Work {
    let service = String::from_utf8_lossy(service);
    // `bucket.s3` is s3 with a subdomain.
    let name = service.rsplit('.').next().unwrap_or_default();
    let base = match have
        .program
        .stand_in(&service)
        .or_else(|| have.program.stand_in(name))
    {
        Some(StandIn::Echo) => return echo::http(call, body_of(call.body, have)),
        Some(StandIn::Url(base)) => base,
        None => {
            (have.say)(&format!(
                "the service `{name}` is not called from here: run with --backend {name}=URL or --backend {name}=echo"
            ));
            return Work::Done(Err(Fault::Unsupported));
        }
    };
    let Some(base) = Url::parse(base.as_bytes()) else {
        return Work::Done(Err(Fault::Rejected));
    };
    let (url, prefix) = base.moved_to(&base);
    let target = String::from_utf8_lossy(target);
    if target.bytes().any(|b| b <= b' ' || b == 0x7f) || call.query.iter().any(|b| *b <= b' ') {
        return Work::Done(Err(Fault::Rejected));
    }
    let query = String::from_utf8_lossy(call.query);
    let json = JSON_SERVICES
        .iter()
        .find(|(json, ..)| action && *json == name);
    let path = match (action, json) {
        (true, Some(_)) if query.is_empty() => "/".to_owned(),
        (true, Some(_)) => format!("/?{query}"),
        (true, None) if query.is_empty() => format!("/?Action={target}"),
        (true, None) => format!("/?Action={target}&{query}"),
        (false, _) if query.is_empty() => format!("/{target}"),
        (false, _) => format!("/{target}?{query}"),
    };
    let added: Vec<(Vec<u8>, Vec<u8>)> = match json {
        Some((_, prefix, kind)) => [
            ("X-Amz-Target", format!("{prefix}.{target}")),
            ("Content-Type", (*kind).to_owned()),
        ]
        .into_iter()
        .filter(|(name, _)| call.headers.get(name).is_none())
        .map(|(name, value)| (name.into(), value.into_bytes()))
        .collect(),
        None => Vec::new(),
    };
    let body = body_of(call.body, have);
    let mut head = format!(
        "{} {prefix}{path} HTTP/1.1\r\n",
        String::from_utf8_lossy(call.method)
    )
    .into_bytes();
    let headers = call
        .headers
        .iter()
        .chain(added.iter().map(|(n, v)| (n.as_slice(), v.as_slice())));
    let length: Length = body_length(&body, call.method, have);
    if write_fields(&mut head, url.authority, headers, length).is_err() {
        return Work::Done(Err(Fault::Rejected));
    }
    let whole = match body {
        Body::Known(bytes) => Some(bytes),
        Body::Client => None,
    };
    Work::Http {
        request: Box::new(Request {
            origin: have.pool.origin(url.secure, false, url.host, url.port),
            head,
            waits_for_client: whole.is_none(),
            body: RequestBody::Whole(whole.unwrap_or_default()),
            repeatable: false,
            bodiless: call.method == b"HEAD",
            started: false,
            timeout: std::time::Duration::from_millis(u64::from(call.timeout_ms)),
            stream_back: false,
        }),
        others: Vec::new(),
    }
}
