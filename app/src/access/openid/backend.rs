//! The one cryptography of the program, `ring`, put below the libraries that let one choose: TLS, and the signatures of
//! tokens. Symmetric signatures are not there at all.

use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};

static TOKENS: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::UnsupportedAlgorithm.into()),
    verifier_factory: |algorithm, key| verifier(*algorithm, key),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Puts it in place; again is no harm.
pub(super) fn install() {
    // An error says that it is in place.
    let _ = TOKENS.install_default();
    let _ = rustls::crypto::ring::default_provider().install_default();
}

enum By {
    Rsa(&'static RsaParameters),
    Other(&'static dyn VerificationAlgorithm),
}

struct Signed {
    algorithm: Algorithm,
    by: By,
    key: DecodingKey,
}

fn verifier(algorithm: Algorithm, key: &DecodingKey) -> jsonwebtoken::errors::Result<Box<dyn JwtVerifier>> {
    let by = match algorithm {
        Algorithm::RS256 => By::Rsa(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => By::Rsa(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => By::Rsa(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => By::Rsa(&RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => By::Rsa(&RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => By::Rsa(&RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => By::Other(&ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => By::Other(&ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => By::Other(&ED25519),
        // Shared secrets; and whatever a later version of the library may know.
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 | _ => {
            return Err(ErrorKind::UnsupportedAlgorithm.into());
        }
    };
    if key.family() != algorithm.family() {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Ok(Box::new(Signed { algorithm, by, key: key.clone() }))
}

impl Verifier<Vec<u8>> for Signed {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Error> {
        let verified = match (&self.by, self.key.kind()) {
            (By::Rsa(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            (By::Rsa(parameters), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(*parameters, key).verify(message, signature)
            }
            (By::Other(algorithm), DecodingKeyKind::SecretOrDer(key)) => {
                UnparsedPublicKey::new(*algorithm, key).verify(message, signature)
            }
            (By::Other(_), DecodingKeyKind::RsaModulusExponent { .. }) => return Err(Error::new()),
        };
        verified.map_err(|_| Error::new())
    }
}

impl JwtVerifier for Signed {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
