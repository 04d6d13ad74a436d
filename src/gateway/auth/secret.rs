//! The key that signs tokens: from the settings, or made at the first start and kept in a file that only the server's
//! own user can read. Whoever has it can be anybody.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{digest, hmac};

use crate::config::AuthConfig;
use crate::http::pass::PassKey;

/// The file in `server.data`.
const FILE: &str = "auth.key";
/// Bytes in the file.
const KEY_BYTES: usize = 32;

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("failed to read or make the signing key {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others than its owner can read the file.
    #[error("the signing key {path} can be read by others (mode {mode:o}): chmod 600 it, or delete it for a new one")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file holds something else.
    #[error("the signing key {path} must have {KEY_BYTES} bytes; delete it, and a new one is made")]
    Length {
        /// The file.
        path: PathBuf,
    },
}

/// The signing key. Never shown.
pub struct SigningKey([u8; KEY_BYTES]);

impl SigningKey {
    /// The key that the settings ask for. Makes the folder `data` and the file in it when there is need.
    ///
    /// # Errors
    /// When the file cannot be read or made, or is not safe.
    pub fn open(config: &AuthConfig, data: &Path) -> Result<Self, SecretError> {
        if !config.secret.is_empty() {
            return Ok(Self::from_secret(&config.secret));
        }
        let path = data.join(FILE);
        let made = if path.exists() { Ok(()) } else { make(data, &path) };
        made.map_err(|source| SecretError::File { path: path.clone(), source })?;
        read(path)
    }

    /// The key of a secret of any length.
    pub(super) fn from_secret(secret: &str) -> Self {
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(digest::digest(&digest::SHA256, secret.as_bytes()).as_ref());
        Self(key)
    }

    /// Makes and checks what the command line shows the console.
    pub(crate) fn pass_key(&self) -> PassKey {
        PassKey::new(&self.derive("orrery console pass"))
    }

    /// A key for one purpose, so that what is signed for one is worth nothing for another.
    pub(super) fn derive(&self, purpose: &str) -> [u8; KEY_BYTES] {
        let mut derived = [0; KEY_BYTES];
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), purpose.as_bytes());
        derived.copy_from_slice(tag.as_ref());
        derived
    }
}

/// Writes a new key under another name first: nobody ever sees half a key, and of two servers that start at once one
/// makes the key and the other finds it.
fn make(data: &Path, path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(data)?;
    let draft = data.join(format!("{FILE}.{}", std::process::id()));
    // One that is there already was left by a crash; this one is removed whether it served or not.
    let _ = std::fs::remove_file(&draft);
    let linked = write_new(&draft).and_then(|()| std::fs::hard_link(&draft, path));
    let _ = std::fs::remove_file(&draft);
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn write_new(path: &Path) -> io::Result<()> {
    let mut key = [0; KEY_BYTES];
    SystemRandom::new().fill(&mut key).map_err(|_| io::Error::other("the system has no random numbers"))?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(&key)?;
    file.sync_all()
}

fn read(path: PathBuf) -> Result<SigningKey, SecretError> {
    let bytes = match (std::fs::metadata(&path), std::fs::read(&path)) {
        (Ok(metadata), Ok(bytes)) => {
            check_mode(&path, &metadata)?;
            bytes
        }
        (Err(source), _) | (_, Err(source)) => return Err(SecretError::File { path, source }),
    };
    bytes.try_into().map(SigningKey).map_err(|_| SecretError::Length { path })
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &std::fs::Metadata) -> Result<(), SecretError> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(SecretError::Exposed { path: path.to_owned(), mode }),
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &std::fs::Metadata) -> Result<(), SecretError> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn open(data: &Path) -> Result<SigningKey, SecretError> {
        SigningKey::open(&AuthConfig::default(), data)
    }

    #[test]
    fn the_first_start_makes_a_key_and_the_next_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("made/too");
        let first = open(&data).unwrap();
        assert_eq!(first.0, open(&data).unwrap().0);
        assert_ne!(first.0, [0; KEY_BYTES]);
        let mode = std::fs::metadata(data.join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).unwrap();
        let path = folder.path().join(FILE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(open(folder.path()), Err(SecretError::Exposed { mode: 0o640, .. })));
    }

    #[test]
    fn a_key_of_the_wrong_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).unwrap();
        std::fs::write(folder.path().join(FILE), "short").unwrap();
        assert!(matches!(open(folder.path()), Err(SecretError::Length { .. })));
    }

    #[test]
    fn a_secret_in_the_settings_needs_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let config = AuthConfig { secret: "x".repeat(32), ..AuthConfig::default() };
        SigningKey::open(&config, folder.path()).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
