//! Access tokens: JWTs signed with HS256, good for minutes, checked without asking anybody. A log-in that ends takes
//! effect when its access token runs out.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use orrery_core::types::{Millis, PlayerId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AuthError, SigningKey, provider};

const ISSUER: &str = "orrery";

/// Who a valid access token speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The player.
    pub player: PlayerId,
    /// The player's name when the token was made.
    pub name: String,
    /// The log-in's number; 0 for a token from the command line, which belongs to none.
    pub family: u64,
    /// Whether it speaks for an operator instead, and for no player at all.
    pub operator: bool,
}

/// The claims as they are written in the token.
#[derive(Serialize, Deserialize)]
struct WrittenClaims {
    iss: String,
    sub: Uuid,
    name: String,
    fam: u64,
    iat: u64,
    exp: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    operator: bool,
}

/// Makes and checks access tokens.
pub(super) struct AccessTokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    seconds: u64,
}

impl AccessTokens {
    /// Tokens that are good for `seconds`.
    pub(super) fn new(key: &SigningKey, seconds: u64) -> Self {
        provider::install();
        let key = key.derive("orrery access token");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["iss", "sub", "exp"]);
        Self { signing: EncodingKey::from_secret(&key), checking: DecodingKey::from_secret(&key), validation, seconds }
    }

    /// How long a token is good, in seconds.
    pub(super) fn seconds(&self) -> u64 {
        self.seconds
    }

    /// A token for a player.
    ///
    /// # Errors
    /// [`AuthError::Internal`] when signing fails, which HMAC does not.
    pub(super) fn issue(&self, claims: Claims, now: Millis) -> Result<String, AuthError> {
        let iat = now.0 / 1_000;
        let written = WrittenClaims {
            iss: ISSUER.to_owned(),
            sub: claims.player.0,
            name: claims.name,
            fam: claims.family,
            iat,
            exp: iat.saturating_add(self.seconds),
            operator: claims.operator,
        };
        encode(&Header::new(Algorithm::HS256), &written, &self.signing).map_err(|error| {
            tracing::error!(%error, "failed to sign an access token");
            AuthError::Internal
        })
    }

    /// Whose a token is.
    ///
    /// # Errors
    /// [`AuthError::Token`] for everything that is not a token of ours, or not any more.
    pub(super) fn verify(&self, token: &str) -> Result<Claims, AuthError> {
        use jsonwebtoken::errors::ErrorKind;
        let WrittenClaims { sub, name, fam, operator, .. } =
            decode::<WrittenClaims>(token, &self.checking, &self.validation)
                .map_err(|error| match error.kind() {
                    ErrorKind::ExpiredSignature => AuthError::Token("the access token has expired"),
                    _ => AuthError::Token("the access token is not valid"),
                })?
                .claims;
        Ok(Claims { player: PlayerId(sub), name, family: fam, operator })
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
    use serde_json::{Value, json};

    use super::super::now;
    use super::*;

    fn tokens() -> AccessTokens {
        AccessTokens::new(&SigningKey::from_secret("a test's secret"), 60)
    }

    fn ada() -> Claims {
        Claims { player: PlayerId(Uuid::from_u128(7)), name: "Ada".to_owned(), family: 3, operator: false }
    }

    fn invalid() -> Result<Claims, AuthError> {
        Err(AuthError::Token("the access token is not valid"))
    }

    /// A token of the test's own making, signed with the right key.
    fn signed(header: &Value, claims: &Value) -> String {
        let text = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let key = SigningKey::from_secret("a test's secret").derive("orrery access token");
        let tag = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key), text.as_bytes());
        format!("{text}.{}", BASE64.encode(tag))
    }

    fn written(exp: u64) -> Value {
        json!({ "iss": "orrery", "sub": Uuid::from_u128(7), "name": "Ada", "fam": 3, "iat": 1, "exp": exp })
    }

    #[test]
    fn a_token_says_whose_it_is() {
        let token = tokens().issue(ada(), now()).unwrap();
        assert_eq!(tokens().verify(&token), Ok(ada()));
        assert_eq!(tokens().verify(&signed(&json!({ "alg": "HS256" }), &written(1 << 40))), Ok(ada()));
    }

    #[test]
    fn an_operators_token_says_so() {
        let operator = Claims { player: PlayerId(Uuid::nil()), name: "Grace".to_owned(), family: 0, operator: true };
        let token = tokens().issue(operator.clone(), now()).unwrap();
        assert_eq!(tokens().verify(&token), Ok(operator));
    }

    #[test]
    fn an_expired_token_is_refused_at_once() {
        let token = tokens().issue(ada(), Millis(now().0 - 61_000)).unwrap();
        assert_eq!(tokens().verify(&token), Err(AuthError::Token("the access token has expired")));
    }

    #[test]
    fn a_token_of_another_key_is_refused() {
        let other = AccessTokens::new(&SigningKey::from_secret("another secret"), 60);
        assert_eq!(tokens().verify(&other.issue(ada(), now()).unwrap()), invalid());
    }

    #[test]
    fn a_token_that_was_changed_anywhere_is_refused() {
        let token = tokens().issue(ada(), now()).unwrap();
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            // The last character of a part may carry bits that decoding ignores; a flip of the highest always counts.
            bytes[at] = if bytes[at] == b'A' { b'g' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(tokens().verify(&changed), invalid(), "{changed}");
        }
    }

    #[test]
    fn the_token_cannot_choose_its_algorithm() {
        let claims = written(1 << 40);
        for algorithm in ["none", "None", "HS384", "HS512", "RS256", "ES256", "EdDSA", ""] {
            let token = signed(&json!({ "alg": algorithm }), &claims);
            assert_eq!(tokens().verify(&token), invalid(), "{algorithm}");
            let unsigned = &token[..=token.rfind('.').unwrap()];
            assert_eq!(tokens().verify(unsigned), invalid(), "{algorithm}, without signature");
        }
    }

    #[test]
    fn every_claim_is_needed_and_the_issuer_counts() {
        let header = json!({ "alg": "HS256" });
        for claim in ["iss", "sub", "name", "fam", "iat", "exp"] {
            let mut claims = written(1 << 40);
            claims.as_object_mut().unwrap().remove(claim);
            assert_eq!(tokens().verify(&signed(&header, &claims)), invalid(), "without {claim}");
        }
        let mut claims = written(1 << 40);
        claims["iss"] = json!("somebody");
        assert_eq!(tokens().verify(&signed(&header, &claims)), invalid());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", ".", "..", "a.b.c", "ä.ö.ü", &"x".repeat(100_000)] {
            assert_eq!(tokens().verify(text), invalid());
        }
    }
}
