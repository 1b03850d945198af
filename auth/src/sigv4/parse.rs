//! Reads what a request says of its signature, from `Authorization` or from the query.

use sha2::{Digest, Sha256};

use super::Request;
use super::canonical::{self, HeaderIndex};
use super::refusal::Refusal;
use crate::encoding::{base64, shown};
use crate::time;

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const MAX_EXPIRES_S: i64 = 604_800;

/// Where the signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the header `Authorization`.
    Header,
    /// In the query: a presigned URL.
    Query,
}

/// A credential: the access key id and its scope.
pub(super) struct Scoped {
    pub(super) access_key_id: String,
    pub(super) date: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) terminator: String,
}

/// What a request says of its signature, not yet verified.
pub(super) struct Claimed {
    pub(super) form: Form,
    pub(super) credential: Scoped,
    /// Lower-case, sorted, each once.
    pub(super) signed_headers: Vec<Vec<u8>>,
    pub(super) signature: Vec<u8>,
    pub(super) signed_s: i64,
    pub(super) expires_s: Option<i64>,
    pub(super) session_token: Option<Vec<u8>>,
}

pub(super) fn claimed(
    request: &Request<'_>,
    headers: &HeaderIndex<'_>,
) -> Result<Claimed, Refusal> {
    let (_, query) = canonical::split_target(request.target);
    let query = QueryParameters::read(query)?;
    let authorization = single(headers, b"authorization", "Authorization")?;
    match (authorization, query.any) {
        (None, false) => Err(Refusal::Missing),
        (Some(_), true) => Err(Refusal::BothForms),
        (Some(value), false) => from_header(value, headers),
        (None, true) => from_query(query, headers),
    }
}

/// The only value of a header; an error if there are two, as it would be open which one was meant.
fn single<'a>(
    headers: &HeaderIndex<'a>,
    name: &[u8],
    printed: &'static str,
) -> Result<Option<&'a [u8]>, Refusal> {
    match headers.get(name).map(Vec::as_slice) {
        None | Some([]) => Ok(None),
        Some([value]) => Ok(Some(value.trim_ascii())),
        Some(_) => Err(Refusal::Repeated(printed)),
    }
}

fn from_header(value: &[u8], headers: &HeaderIndex<'_>) -> Result<Claimed, Refusal> {
    if value.is_empty() {
        return Err(Refusal::EmptyAuthorization);
    }
    let digest = || base64(&Sha256::digest(value));
    let at = value
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(value.len());
    let (algorithm, rest) = value.split_at(at);
    let [mut credential, mut signature, mut signed_headers] = [None; 3];
    // Blanks part parameters as commas do: a value that follows `=` and a blank is a parameter without `=`.
    for pair in rest.split(|b| *b == b',' || b.is_ascii_whitespace()) {
        if pair.is_empty() {
            continue;
        }
        let Some(at) = pair.iter().position(|b| *b == b'=') else {
            return Err(Refusal::NotKeyValue { digest: digest() });
        };
        let (name, value) = (pair.get(..at), pair.get(at + 1..));
        let (slot, printed) = match name {
            Some(b"Credential") => (&mut credential, "Credential"),
            Some(b"Signature") => (&mut signature, "Signature"),
            Some(b"SignedHeaders") => (&mut signed_headers, "SignedHeaders"),
            _ => continue,
        };
        if slot.is_some() {
            return Err(Refusal::Repeated(printed));
        }
        *slot = value;
    }
    let date = match single(headers, b"x-amz-date", "X-Amz-Date")? {
        Some(date) => Some(date),
        None => single(headers, b"date", "Date")?,
    };
    let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
        (credential, signature, signed_headers, date)
    else {
        let names = [
            (credential, "Credential"),
            (signature, "Signature"),
            (signed_headers, "SignedHeaders"),
        ];
        return Err(Refusal::MissingParameters {
            names: names
                .into_iter()
                .filter(|(v, _)| v.is_none())
                .map(|(_, n)| n)
                .collect(),
            date: date.is_none(),
            digest: digest(),
        });
    };
    if algorithm != ALGORITHM.as_bytes() {
        return Err(Refusal::UnsupportedAlgorithm(shown(algorithm)));
    }
    Ok(Claimed {
        form: Form::Header,
        credential: scoped(credential)?,
        signed_headers: header_list(signed_headers),
        signature: signature.to_vec(),
        signed_s: time::parse_basic(date)
            .or_else(|| time::parse_http(date))
            .ok_or_else(|| Refusal::MalformedDate(shown(date)))?,
        expires_s: None,
        session_token: single(headers, b"x-amz-security-token", "X-Amz-Security-Token")?
            .map(<[u8]>::to_vec),
    })
}

fn from_query(query: QueryParameters, headers: &HeaderIndex<'_>) -> Result<Claimed, Refusal> {
    let QueryParameters {
        algorithm: Some(algorithm),
        credential: Some(credential),
        date: Some(date),
        signed_headers: Some(signed_headers),
        signature: Some(signature),
        expires,
        session_token,
        any: _,
    } = query
    else {
        return Err(Refusal::MissingQueryParameters(query.missing()));
    };
    if algorithm != ALGORITHM.as_bytes() {
        return Err(Refusal::UnsupportedAlgorithm(shown(&algorithm)));
    }
    let expires_s = match expires {
        None => None,
        Some(text) => Some(
            std::str::from_utf8(&text)
                .ok()
                .and_then(|t| t.parse::<u32>().ok())
                .map(i64::from)
                .filter(|s| (1..=MAX_EXPIRES_S).contains(s))
                .ok_or_else(|| Refusal::MalformedExpires(shown(&text)))?,
        ),
    };
    let session_token = match session_token {
        Some(token) => Some(token),
        None => {
            single(headers, b"x-amz-security-token", "X-Amz-Security-Token")?.map(<[u8]>::to_vec)
        }
    };
    Ok(Claimed {
        form: Form::Query,
        credential: scoped(&credential)?,
        signed_headers: header_list(&signed_headers),
        signature,
        signed_s: time::parse_basic(&date).ok_or_else(|| Refusal::MalformedDate(shown(&date)))?,
        expires_s,
        session_token,
    })
}

/// The parameters of a presigned URL.
#[derive(Default)]
struct QueryParameters {
    algorithm: Option<Vec<u8>>,
    credential: Option<Vec<u8>>,
    date: Option<Vec<u8>>,
    expires: Option<Vec<u8>>,
    signed_headers: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
    session_token: Option<Vec<u8>>,
    /// Whether the query claims to sign: it has an algorithm, a credential or a signature.
    any: bool,
}

impl QueryParameters {
    fn read(query: &[u8]) -> Result<QueryParameters, Refusal> {
        let mut read = QueryParameters::default();
        for (name, value) in canonical::parameters(query) {
            let (slot, printed) = match name.as_slice() {
                b"X-Amz-Algorithm" => (&mut read.algorithm, "X-Amz-Algorithm"),
                b"X-Amz-Credential" => (&mut read.credential, "X-Amz-Credential"),
                b"X-Amz-Date" => (&mut read.date, "X-Amz-Date"),
                b"X-Amz-Expires" => (&mut read.expires, "X-Amz-Expires"),
                b"X-Amz-SignedHeaders" => (&mut read.signed_headers, "X-Amz-SignedHeaders"),
                b"X-Amz-Signature" => (&mut read.signature, "X-Amz-Signature"),
                b"X-Amz-Security-Token" => (&mut read.session_token, "X-Amz-Security-Token"),
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(Refusal::Repeated(printed));
            }
        }
        read.any =
            read.algorithm.is_some() || read.credential.is_some() || read.signature.is_some();
        Ok(read)
    }

    fn missing(&self) -> Vec<&'static str> {
        [
            (&self.algorithm, "X-Amz-Algorithm"),
            (&self.credential, "X-Amz-Credential"),
            (&self.signature, "X-Amz-Signature"),
            (&self.signed_headers, "X-Amz-SignedHeaders"),
            (&self.date, "X-Amz-Date"),
        ]
        .into_iter()
        .filter(|(value, _)| value.is_none())
        .map(|(_, name)| name)
        .collect()
    }
}

fn scoped(credential: &[u8]) -> Result<Scoped, Refusal> {
    let malformed = || Refusal::MalformedCredential(shown(credential));
    let text = std::str::from_utf8(credential).map_err(|_| malformed())?;
    let mut parts = text.split('/');
    let mut part = || {
        parts
            .next()
            .filter(|p| !p.is_empty())
            .map(str::to_owned)
            .ok_or_else(malformed)
    };
    let scoped = Scoped {
        access_key_id: part()?,
        date: part()?,
        region: part()?,
        service: part()?,
        terminator: part()?,
    };
    match parts.next() {
        None => Ok(scoped),
        Some(_) => Err(malformed()),
    }
}

fn header_list(text: &[u8]) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = text
        .split(|b| *b == b';')
        .map(|name| name.trim_ascii().to_ascii_lowercase())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
