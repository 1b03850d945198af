//! What a client's certificate says, as `$context.identity.clientCert` and events show it.
//!
//! TLS has verified the certificate; here nothing is trusted or refused.

use std::fmt;

use serde_json::{Map, Value};
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::pem::LineEnding;
use x509_cert::der::{Decode, EncodePem, Tag, Tagged};
use x509_cert::name::Name;
use x509_cert::time::Time;

use crate::encoding::hex;
use crate::time;

/// Bytes of the largest certificate that is read.
pub const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;

/// A client's certificate, member by member of `clientCert`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCert {
    /// The certificate in PEM, lines ending in LF.
    pub client_cert_pem: String,
    /// The subject, in the certificate's order: `C=US,O=Example,CN=client`.
    pub subject_dn: String,
    /// The issuer, likewise.
    pub issuer_dn: String,
    /// The serial number: decimal up to eight bytes, else bytes in hexadecimal joined by colons.
    pub serial_number: String,
    /// The first second of validity, `May 28 12:30:02 2019 GMT`.
    pub not_before: String,
    /// The last second of validity, likewise.
    pub not_after: String,
}

/// The bytes are not a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACertificate;

impl fmt::Display for NotACertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a certificate")
    }
}

impl std::error::Error for NotACertificate {}

impl ClientCert {
    /// Reads a certificate in DER.
    ///
    /// # Errors
    /// The bytes are not a certificate, or more than [`MAX_CERTIFICATE_BYTES`].
    pub fn from_der(der: &[u8]) -> Result<ClientCert, NotACertificate> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(NotACertificate);
        }
        let certificate = Certificate::from_der(der).map_err(|_| NotACertificate)?;
        let content = certificate.tbs_certificate();
        Ok(ClientCert {
            client_cert_pem: certificate
                .to_pem(LineEnding::LF)
                .map_err(|_| NotACertificate)?,
            subject_dn: distinguished_name(content.subject()),
            issuer_dn: distinguished_name(content.issuer()),
            serial_number: serial_number(content.serial_number().as_bytes()),
            not_before: date(&content.validity().not_before),
            not_after: date(&content.validity().not_after),
        })
    }

    /// The members by their names in `$context.identity.clientCert`.
    #[must_use]
    pub fn members(&self) -> [(&'static str, &str); 6] {
        [
            ("clientCertPem", &self.client_cert_pem),
            ("subjectDN", &self.subject_dn),
            ("issuerDN", &self.issuer_dn),
            ("serialNumber", &self.serial_number),
            ("validity.notBefore", &self.not_before),
            ("validity.notAfter", &self.not_after),
        ]
    }

    /// The object `clientCert` of events.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut validity = Map::new();
        let mut object = Map::new();
        for (name, value) in self.members() {
            match name.strip_prefix("validity.") {
                Some(name) => validity.insert(name.to_owned(), Value::from(value)),
                None => object.insert(name.to_owned(), Value::from(value)),
            };
        }
        object.insert("validity".to_owned(), Value::Object(validity));
        Value::Object(object)
    }
}

fn date(time: &Time) -> String {
    time::asn1(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX))
}

fn serial_number(bytes: &[u8]) -> String {
    let mut digits = bytes;
    while let [0, rest @ ..] = digits {
        digits = rest;
    }
    if digits.len() <= 8 {
        return digits
            .iter()
            .fold(0_u64, |n, b| n << 8 | u64::from(*b))
            .to_string();
    }
    let pairs: Vec<String> = digits.iter().map(|b| hex(&[*b])).collect();
    pairs.join(":")
}

fn distinguished_name(name: &Name) -> String {
    let rdns: Vec<String> = name
        .iter_rdn()
        .map(|rdn| rdn.iter().map(attribute).collect::<Vec<_>>().join("+"))
        .collect();
    rdns.join(",")
}

fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let bytes = attribute.value.value();
    let value = match attribute.value.tag() {
        Tag::BmpString => {
            let units: Vec<u16> = bytes
                .as_chunks()
                .0
                .iter()
                .map(|pair| u16::from_be_bytes(*pair))
                .collect();
            escaped(&String::from_utf16_lossy(&units))
        }
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::TeletexString
        | Tag::NumericString => escaped(&String::from_utf8_lossy(bytes)),
        _ => format!("#{}", hex(bytes)),
    };
    match short_name(attribute.oid) {
        Some(name) => format!("{name}={value}"),
        None => format!("{}={value}", attribute.oid),
    }
}

/// The usual short names of attribute types.
fn short_name(oid: ObjectIdentifier) -> Option<&'static str> {
    const NAMES: [(&str, &str); 17] = [
        ("2.5.4.3", "CN"),
        ("2.5.4.4", "SN"),
        ("2.5.4.5", "serialNumber"),
        ("2.5.4.6", "C"),
        ("2.5.4.7", "L"),
        ("2.5.4.8", "ST"),
        ("2.5.4.9", "street"),
        ("2.5.4.10", "O"),
        ("2.5.4.11", "OU"),
        ("2.5.4.12", "title"),
        ("2.5.4.42", "GN"),
        ("2.5.4.43", "initials"),
        ("2.5.4.46", "dnQualifier"),
        ("2.5.4.97", "organizationIdentifier"),
        ("0.9.2342.19200300.100.1.1", "UID"),
        ("0.9.2342.19200300.100.1.25", "DC"),
        ("1.2.840.113549.1.9.1", "emailAddress"),
    ];
    let oid = oid.to_string();
    NAMES
        .iter()
        .find(|(number, _)| *number == oid)
        .map(|(_, name)| *name)
}

/// A value whose special characters are escaped as RFC 4514 does, so that a name cannot pose as two.
fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(value.len());
    for (n, c) in value.chars().enumerate() {
        let special = matches!(c, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (n == 0 && matches!(c, ' ' | '#'))
            || (n == last && c == ' ');
        if special {
            out.push('\\');
        }
        if c.is_control() {
            let mut bytes = [0; 4];
            for b in c.encode_utf8(&mut bytes).bytes() {
                out.push('\\');
                out.push_str(&hex(&[b]));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use x509_cert::der::{DecodePem, Encode};

    const SMALL: &str = include_str!("../tests/data/client-small-serial.pem");
    const LARGE: &str = include_str!("../tests/data/client-large-serial.pem");

    fn read(pem: &str) -> ClientCert {
        let der = Certificate::from_pem(pem).unwrap().to_der().unwrap();
        ClientCert::from_der(&der).unwrap()
    }

    #[test]
    fn a_certificate_member_by_member() {
        let name =
            r#"C=DE,ST=Bayern,O=Acme\, Inc.,OU=Ops+CN=client \"1\",emailAddress=a@example.com"#;
        let cert = read(SMALL);
        assert_eq!(
            cert.members(),
            [
                ("clientCertPem", SMALL),
                ("subjectDN", name),
                ("issuerDN", name),
                ("serialNumber", "1"),
                ("validity.notBefore", "Aug 29 00:28:21 2020 GMT"),
                ("validity.notAfter", "Aug  5 00:28:21 2120 GMT"),
            ]
        );
        assert_eq!(
            cert.to_json()["validity"]["notAfter"],
            "Aug  5 00:28:21 2120 GMT"
        );
    }

    #[test]
    fn a_long_serial_number_and_unusual_names() {
        let cert = read(LARGE);
        assert_eq!(
            cert.serial_number,
            "a1:b2:c3:d4:e5:f6:07:18:29:3a:4b:5c:6d:7e:8f:90"
        );
        assert_eq!(cert.subject_dn, "CN=Zoë,DC=example,1.2.3.4=x");
        assert_eq!(cert.not_before, "May 28 12:30:02 2019 GMT");
    }

    #[test]
    fn names_are_escaped() {
        for (value, expected) in [
            (" a ", r"\ a\ "),
            ("#a#", r"\#a#"),
            ("a,CN=root", r"a\,CN=root"),
            ("a\nb", r"a\0ab"),
            ("", ""),
            (" ", r"\ "),
        ] {
            assert_eq!(escaped(value), expected);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_decided(bytes: Vec<u8>, at: prop::sample::Index, with: u8) {
            let _ = ClientCert::from_der(&bytes);
            let mut der = Certificate::from_pem(SMALL).unwrap().to_der().unwrap();
            let at = at.index(der.len());
            der[at] = with;
            let _ = ClientCert::from_der(&der);
        }
    }
}
