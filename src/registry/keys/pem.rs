//! Private-key files: PKCS#8 in PEM (RFC 5958), encrypted by PBES2 (RFC 8018) with scrypt (RFC 7914) and
//! AES-256-CBC, or not. What is written here opens with `openssl pkey`, and what OpenSSL encrypted (PBKDF2
//! or scrypt, AES) opens here.

use pkcs8::der::pem::{LineEnding, PemLabel};
use pkcs8::pkcs5::pbes2::Parameters;
use pkcs8::pkcs5::scrypt::Params as ScryptParams;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use crate::registry::random::{Random, RandomError};

/// scrypt's cost: 2^14 rounds of 8 blocks need 16 MiB, the most that OpenSSL allows itself is 32; five
/// passes make up for the memory (OWASP's equivalent of 2^17, 8, 1).
const SCRYPT: (u8, u32, u32) = (14, 8, 5);

/// Why a file cannot be opened or sealed. Never holds any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PemError {
    /// Not encrypted PKCS#8, or by an algorithm that is not known.
    Form,
    /// The passphrase is another.
    Passphrase,
    /// The key could not be encoded.
    Encode,
}

/// Whether a PEM text says that it is encrypted.
pub(super) fn is_encrypted(pem: &str) -> bool {
    pem.trim_start()
        .starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----")
}

/// Decrypts; the result is unencrypted PEM, wiped when dropped.
pub(super) fn open(pem: &str, passphrase: &str) -> Result<Zeroizing<String>, PemError> {
    let (label, sealed) = SecretDocument::from_pem(pem).map_err(|_| PemError::Form)?;
    EncryptedPrivateKeyInfoRef::validate_pem_label(label).map_err(|_| PemError::Form)?;
    let sealed = EncryptedPrivateKeyInfoRef::try_from(sealed.as_bytes()).map_err(|_| PemError::Form)?;
    // A wrong passphrase shows as wrong padding, or as bytes that are no key.
    let plain = sealed.decrypt(passphrase).map_err(|_| PemError::Passphrase)?;
    PrivateKeyInfoRef::try_from(plain.as_bytes()).map_err(|_| PemError::Passphrase)?;
    plain
        .to_pem(PrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)
        .map_err(|_| PemError::Encode)
}

/// Encrypts unencrypted PEM under fresh salt and initialisation vector.
pub(super) fn seal(
    pem: &str,
    passphrase: &str,
    random: &dyn Random,
) -> Result<Result<Zeroizing<String>, PemError>, RandomError> {
    let (mut salt, mut iv) = ([0_u8; 16], [0_u8; 16]);
    random.fill(&mut salt)?;
    random.fill(&mut iv)?;
    Ok(sealed_with(pem, passphrase, &salt, iv))
}

fn sealed_with(
    pem: &str,
    passphrase: &str,
    salt: &[u8; 16],
    iv: [u8; 16],
) -> Result<Zeroizing<String>, PemError> {
    let (label, plain) = SecretDocument::from_pem(pem).map_err(|_| PemError::Form)?;
    PrivateKeyInfoRef::validate_pem_label(label).map_err(|_| PemError::Form)?;
    let mut key = PrivateKeyInfoRef::try_from(plain.as_bytes()).map_err(|_| PemError::Form)?;
    // Version 1: OpenSSL does not read the public key that version 2 carries along.
    key.public_key = None;
    let (log_n, r, p) = SCRYPT;
    let scrypt = ScryptParams::new(log_n, r, p).map_err(|_| PemError::Encode)?;
    let parameters = Parameters::generate_scrypt_aes256cbc(scrypt, salt, iv).map_err(|_| PemError::Encode)?;
    key.encrypt_with_params(parameters, passphrase)
        .and_then(|sealed| Ok(sealed.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)?))
        .map_err(|_| PemError::Encode)
}
