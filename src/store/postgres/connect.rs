//! From a URL to connections: timeouts, session settings, TLS.
//!
//! `sslmode=require` (and `verify-ca`, `verify-full`, which mean the same here) encrypts and verifies the server's
//! certificate and name, against the system's authorities or those in `sslrootcert=FILE`. Everything else connects in
//! plain text.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::{describe, failure};
use crate::config::StoreConfig;
use crate::store::StoreError;
use crate::store::open::url_error;

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long sent bytes may stay unacknowledged: a host that vanished is noticed after this.
const TCP_TIMEOUT: Duration = Duration::from_secs(5);

/// How connections are made.
#[derive(Clone)]
pub(super) struct Connector {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    pub(super) fn new(url: &str, settings: &StoreConfig) -> Result<Self, StoreError> {
        let (url_for_driver, root_file) = translate(url);
        let mut config: Config = url_for_driver.parse().map_err(|error| url_error(url, &describe(&error)))?;
        let tls = match config.get_ssl_mode() {
            SslMode::Require => Some(tls(root_file.as_deref()).map_err(|why| url_error(url, &why))?),
            _ => None,
        };
        let options = session_options(config.get_options(), settings);
        config.options(options).application_name("orrery").connect_timeout(CONNECT_TIMEOUT);
        config.tcp_user_timeout(TCP_TIMEOUT).keepalives(true).keepalives_idle(TCP_TIMEOUT);
        config.keepalives_interval(Duration::from_secs(1)).keepalives_retries(3);
        Ok(Self { config, tls })
    }

    /// A new connection, driven by a task on the current runtime.
    pub(super) async fn connect(&self) -> Result<Client, StoreError> {
        // The driver's own limit is per address and leaves out what follows the TCP handshake.
        let connecting = tokio::time::timeout(CONNECT_TIMEOUT * 2, self.connect_without_limit());
        connecting.await.map_err(|_| StoreError::Unavailable("no connection in time".to_owned()))?
    }

    async fn connect_without_limit(&self) -> Result<Client, StoreError> {
        match &self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await.map_err(failure)?;
                // How the connection ended shows in the next use of the client.
                tokio::spawn(async move { drop(connection.await) });
                Ok(client)
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(failure)?;
                tokio::spawn(async move { drop(connection.await) });
                Ok(client)
            }
        }
    }
}

/// The URL as the driver understands it, and the file of authorities, which it does not know.
fn translate(url: &str) -> (String, Option<String>) {
    let Some((start, parameters)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut root_file = None;
    let mut kept = Vec::new();
    for parameter in parameters.split('&') {
        match parameter.split_once('=') {
            Some(("sslrootcert", file)) => root_file = Some(file.replace("%2F", "/")),
            Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
            _ => kept.push(parameter),
        }
    }
    (format!("{start}?{}", kept.join("&")), root_file)
}

/// What every session has: limits on statements; our own idleness within a transaction ends it, so that a connection
/// that was cut off does not keep its locks; a commit is durable when it returns.
fn session_options(given: Option<&str>, settings: &StoreConfig) -> String {
    let limit = settings.statement_timeout_ms;
    format!(
        "{} -c statement_timeout={limit} -c idle_in_transaction_session_timeout={limit} -c synchronous_commit=on \
         -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
        given.unwrap_or_default()
    )
}

fn tls(root_file: Option<&str>) -> Result<MakeRustlsConnect, String> {
    let roots = match root_file {
        Some(file) => roots_from(file)?,
        None => system_roots()?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn roots_from(file: &str) -> Result<RootCertStore, String> {
    let failed = |error: &dyn std::fmt::Display| format!("sslrootcert={file}: {error}");
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| failed(&error))? {
        let certificate = certificate.map_err(|error| failed(&error))?;
        roots.add(certificate).map_err(|error| failed(&error))?;
    }
    if roots.is_empty() { Err(failed(&"there is no certificate in it")) } else { Ok(roots) }
}

fn system_roots() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err("sslmode=require needs the system's certificate authorities, or sslrootcert=FILE".to_owned());
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_does_not_know_is_translated() {
        let url = "postgres://ada@host/db?sslmode=verify-full&sslrootcert=a%2Fb.pem&application_name=x";
        let (translated, root_file) = translate(url);
        assert_eq!(translated, "postgres://ada@host/db?sslmode=require&application_name=x");
        assert_eq!(root_file.as_deref(), Some("a/b.pem"));
    }

    #[test]
    fn a_missing_file_of_authorities_is_named() {
        let url = "postgres://ada:secret@host/db?sslmode=require&sslrootcert=nowhere.pem";
        let error = Connector::new(url, &StoreConfig::default()).err().map(|error| error.to_string());
        let text = error.unwrap_or_default();
        assert!(text.contains("sslrootcert=nowhere.pem") && text.contains("store.url"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}
