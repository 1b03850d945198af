//! Every algorithm, with a signer of its own on the other side.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use ring::rand::SystemRandom;
use ring::signature as rs;
use ring::signature::KeyPair;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use tollgate_auth::jws::{Algorithm, Algorithms, Compact, Fault, Key, KeyFault};

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Signs a message; `None` for algorithms that are not the key's own.
type Sign = dyn Fn(Algorithm, &[u8]) -> Option<Vec<u8>>;

/// A key, and how it signs.
struct Signer {
    jwk: Value,
    sign: Box<Sign>,
}

fn rsa() -> Signer {
    let mut rng = ChaCha20Rng::from_seed([3; 32]);
    let private = rsa::RsaPrivateKey::new(&mut rng, 2048).unwrap();
    let trimmed = |bytes: Box<[u8]>| {
        encode(
            &bytes
                .iter()
                .copied()
                .skip_while(|b| *b == 0)
                .collect::<Vec<_>>(),
        )
    };
    let jwk = json!({
        "kty": "RSA", "n": trimmed(private.n().to_be_bytes()), "e": trimmed(private.e().to_be_bytes()),
    });
    let pair = rs::RsaKeyPair::from_der(private.to_pkcs1_der().unwrap().as_bytes()).unwrap();
    let sign = move |algorithm, message: &[u8]| {
        let encoding: &'static dyn rs::RsaEncoding = match algorithm {
            Algorithm::Rs256 => &rs::RSA_PKCS1_SHA256,
            Algorithm::Rs384 => &rs::RSA_PKCS1_SHA384,
            Algorithm::Rs512 => &rs::RSA_PKCS1_SHA512,
            Algorithm::Ps256 => &rs::RSA_PSS_SHA256,
            Algorithm::Ps384 => &rs::RSA_PSS_SHA384,
            Algorithm::Ps512 => &rs::RSA_PSS_SHA512,
            _ => return None,
        };
        let mut signature = vec![0; pair.public().modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), message, &mut signature)
            .unwrap();
        Some(signature)
    };
    Signer {
        jwk,
        sign: Box::new(sign),
    }
}

fn ec_jwk(curve: &str, point: &[u8]) -> Value {
    let (x, y) = point[1..].split_at(point.len() / 2);
    json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
}

fn ec(own: Algorithm, curve: &'static str, kind: &'static rs::EcdsaSigningAlgorithm) -> Signer {
    let rng = SystemRandom::new();
    let pkcs8 = rs::EcdsaKeyPair::generate_pkcs8(kind, &rng).unwrap();
    let pair = rs::EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &rng).unwrap();
    let jwk = ec_jwk(curve, pair.public_key().as_ref());
    let sign = move |algorithm, message: &[u8]| {
        (algorithm == own).then(|| {
            pair.sign(&SystemRandom::new(), message)
                .unwrap()
                .as_ref()
                .to_vec()
        })
    };
    Signer {
        jwk,
        sign: Box::new(sign),
    }
}

fn p521() -> Signer {
    use p521::ecdsa::signature::Signer as _;
    let mut secret = [7; 66];
    secret[0] = 0;
    let key = p521::ecdsa::SigningKey::from_slice(&secret).unwrap();
    let jwk = ec_jwk("P-521", key.verifying_key().to_sec1_point(false).as_bytes());
    let sign = move |algorithm, message: &[u8]| {
        (algorithm == Algorithm::Es512).then(|| {
            let signature: p521::ecdsa::Signature = key.sign(message);
            signature.to_bytes().to_vec()
        })
    };
    Signer {
        jwk,
        sign: Box::new(sign),
    }
}

fn ed25519() -> Signer {
    let pair = rs::Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref()) });
    let sign = move |algorithm, message: &[u8]| {
        (algorithm == Algorithm::EdDsa).then(|| pair.sign(message).as_ref().to_vec())
    };
    Signer {
        jwk,
        sign: Box::new(sign),
    }
}

fn symmetric() -> Signer {
    let secret = [9; 64];
    fn mac<M: Mac + KeyInit>(secret: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(secret).unwrap();
        Mac::update(&mut mac, message);
        mac.finalize().into_bytes().to_vec()
    }
    let sign = move |algorithm, message: &[u8]| match algorithm {
        Algorithm::Hs256 => Some(mac::<Hmac<sha2::Sha256>>(&secret, message)),
        Algorithm::Hs384 => Some(mac::<Hmac<sha2::Sha384>>(&secret, message)),
        Algorithm::Hs512 => Some(mac::<Hmac<sha2::Sha512>>(&secret, message)),
        _ => None,
    };
    Signer {
        jwk: json!({ "kty": "oct", "k": encode(&secret) }),
        sign: Box::new(sign),
    }
}

fn signers() -> Vec<Signer> {
    vec![
        rsa(),
        ec(
            Algorithm::Es256,
            "P-256",
            &rs::ECDSA_P256_SHA256_FIXED_SIGNING,
        ),
        ec(
            Algorithm::Es384,
            "P-384",
            &rs::ECDSA_P384_SHA384_FIXED_SIGNING,
        ),
        p521(),
        ed25519(),
        symmetric(),
    ]
}

fn key(jwk: &Value) -> Result<Key, KeyFault> {
    Key::from_jwk(jwk.to_string().as_bytes())
}

fn input(algorithm: Algorithm) -> String {
    let header = json!({ "alg": algorithm.name() }).to_string();
    format!("{}.{}", encode(header.as_bytes()), encode(b"payload"))
}

#[test]
fn every_algorithm_verifies_its_own_signatures_only() {
    let signers = signers();
    let mut verified = Vec::new();
    for signer in &signers {
        for &algorithm in Algorithm::ALL {
            let input = input(algorithm);
            let Some(signature) = (signer.sign)(algorithm, input.as_bytes()) else {
                continue;
            };
            verified.push(algorithm);
            let token = format!("{input}.{}", encode(&signature));
            let compact = Compact::parse(token.as_bytes()).unwrap();
            for other in &signers {
                let verdict = compact.verify(&key(&other.jwk).unwrap(), Algorithms::ALL);
                assert_eq!(
                    verdict.is_ok(),
                    other.jwk == signer.jwk,
                    "{algorithm:?} with {}",
                    other.jwk["kty"]
                );
            }
            // The same signature under another name.
            for &name in Algorithm::ALL.iter().filter(|a| **a != algorithm) {
                let key = key(&signer.jwk).unwrap();
                assert!(
                    !key.verify(name, input.as_bytes(), &signature),
                    "{algorithm:?} as {name:?}"
                );
            }
            for n in 0..signature.len() {
                let mut changed = signature.clone();
                changed[n] ^= 1;
                assert!(
                    !key(&signer.jwk)
                        .unwrap()
                        .verify(algorithm, input.as_bytes(), &changed),
                    "{algorithm:?} {n}"
                );
                if algorithm == Algorithm::Es512 && n == 3 {
                    break;
                }
            }
        }
    }
    verified.sort_by_key(|a| a.name());
    let mut all = Algorithm::ALL.to_vec();
    all.sort_by_key(|a| a.name());
    assert_eq!(verified, all, "each algorithm has one signer");
}

#[test]
fn a_key_verifies_what_it_says_only() {
    let signer = rsa();
    let input = input(Algorithm::Rs256);
    let signature = (signer.sign)(Algorithm::Rs256, input.as_bytes()).unwrap();
    let token = format!("{input}.{}", encode(&signature));
    let compact = Compact::parse(token.as_bytes()).unwrap();
    for (member, value, expected) in [
        ("alg", json!("RS256"), Ok(Ok(()))),
        ("alg", json!("PS256"), Ok(Err(Fault::Key))),
        ("alg", json!("RS512"), Ok(Err(Fault::Key))),
        ("alg", json!("none"), Err(KeyFault::Algorithm)),
        ("alg", json!("HS256"), Err(KeyFault::Algorithm)),
        ("alg", json!(["RS256"]), Err(KeyFault::Malformed)),
        ("use", json!("sig"), Ok(Ok(()))),
        ("use", json!("enc"), Err(KeyFault::Purpose)),
        ("key_ops", json!(["verify"]), Ok(Ok(()))),
        ("key_ops", json!(["sign"]), Err(KeyFault::Purpose)),
        ("key_ops", json!("verify"), Err(KeyFault::Malformed)),
        ("kid", json!(1), Err(KeyFault::Malformed)),
        ("e", json!("AQ"), Err(KeyFault::Size)),
        ("e", json!("Ag"), Err(KeyFault::Malformed)),
        ("e", json!("AQAB="), Err(KeyFault::Malformed)),
        ("n", json!("AQAB"), Err(KeyFault::Size)),
        // A leading zero byte is the same number.
        ("e", json!("AAEAAQ"), Ok(Ok(()))),
    ] {
        let mut jwk = signer.jwk.clone();
        jwk[member] = value.clone();
        let got = key(&jwk).map(|key| compact.verify(&key, Algorithms::ALL));
        assert_eq!(
            got.as_ref().err(),
            expected.as_ref().err(),
            "{member}: {value}"
        );
        assert_eq!(got.ok(), expected.ok(), "{member}: {value}");
    }
}

#[test]
fn the_caller_chooses_the_algorithms() {
    let signer = symmetric();
    let input = input(Algorithm::Hs256);
    let signature = (signer.sign)(Algorithm::Hs256, input.as_bytes()).unwrap();
    let token = format!("{input}.{}", encode(&signature));
    let compact = Compact::parse(token.as_bytes()).unwrap();
    let key = key(&signer.jwk).unwrap();
    assert_eq!(compact.verify(&key, Algorithms::SYMMETRIC), Ok(()));
    for accepted in [
        Algorithms::ASYMMETRIC,
        Algorithms::RSA,
        Algorithms::of(&[Algorithm::Hs512]),
    ] {
        assert_eq!(
            compact.verify(&key, accepted),
            Err(Fault::Algorithm("HS256".to_owned()))
        );
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    // The old confusion: the text of a public key, taken as the secret of an HMAC.
    let signer = rsa();
    let text = signer.jwk.to_string();
    let input = input(Algorithm::Hs256);
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(text.as_bytes()).unwrap();
    mac.update(input.as_bytes());
    let token = format!("{input}.{}", encode(&mac.finalize().into_bytes()));
    let compact = Compact::parse(token.as_bytes()).unwrap();
    assert_eq!(
        compact.verify(&key(&signer.jwk).unwrap(), Algorithms::ALL),
        Err(Fault::Key)
    );
}

#[test]
fn short_secrets_are_refused() {
    for (bytes, algorithm, good) in [
        (31, Algorithm::Hs256, false),
        (32, Algorithm::Hs256, true),
        (47, Algorithm::Hs384, false),
        (64, Algorithm::Hs512, true),
        (0, Algorithm::Hs256, false),
    ] {
        let key = key(&json!({ "kty": "oct", "k": encode(&vec![1; bytes]) })).unwrap();
        assert_eq!(key.fits(algorithm), good, "{bytes} bytes for {algorithm:?}");
    }
}

#[test]
fn points_off_the_curve_verify_nothing() {
    for (curve, size, algorithm) in [
        ("P-256", 32, Algorithm::Es256),
        ("P-384", 48, Algorithm::Es384),
        ("P-521", 66, Algorithm::Es512),
    ] {
        let jwk = json!({ "kty": "EC", "crv": curve, "x": encode(&vec![1; size]), "y": encode(&vec![1; size]) });
        match key(&jwk) {
            Err(fault) => assert_eq!(fault, KeyFault::Point),
            Ok(key) => assert!(!key.verify(algorithm, b"m", &vec![1; 2 * size])),
        }
    }
}
