//! Whose word a gateway behind `https` is taken by: the public authorities, and those of the file that
//! `SSL_CERT_FILE` names.

use std::io;
use std::sync::{Arc, OnceLock};

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// Made when it is first needed: most gateways that are held to cases are local and without TLS.
#[derive(Default)]
pub(super) struct Trust(OnceLock<Arc<ClientConfig>>);

impl Trust {
    /// What TLS is spoken by.
    ///
    /// # Errors
    ///
    /// The file of `SSL_CERT_FILE` cannot be read.
    pub(super) fn config(&self) -> io::Result<Arc<ClientConfig>> {
        if let Some(config) = self.0.get() {
            return Ok(Arc::clone(config));
        }
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        if let Some(path) = std::env::var_os("SSL_CERT_FILE") {
            let own = CertificateDer::pem_file_iter(&path).map_err(io::Error::other)?;
            roots.add_parsable_certificates(own.filter_map(Result::ok));
        }
        let made = Trust::of(roots)?;
        Ok(Arc::clone(self.0.get_or_init(|| made)))
    }

    /// Trust in these authorities alone.
    fn of(roots: RootCertStore) -> io::Result<Arc<ClientConfig>> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        Ok(Arc::new(
            builder.with_root_certificates(roots).with_no_client_auth(),
        ))
    }

    #[cfg(test)]
    pub(super) fn in_authority(certificate: CertificateDer<'static>) -> Trust {
        let mut roots = RootCertStore::empty();
        roots.add(certificate).expect("a certificate");
        let trust = Trust::default();
        assert!(
            trust
                .0
                .set(Trust::of(roots).expect("a configuration"))
                .is_ok()
        );
        trust
    }
}
