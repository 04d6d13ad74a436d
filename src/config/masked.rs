//! Keeps secrets out of everything that is printed: the values of settings as people may see them.

use toml::Value;

/// What stands in place of a secret.
const MASK: &str = "***";

/// A setting's value as it may be shown: the signing secret and the password in the store's URL are hidden. So is
/// what an unknown key holds if that could be a secret whose key was misspelt.
#[must_use]
pub fn masked(section: &str, key: &str, value: &Value) -> Value {
    let hidden = Value::String(MASK.to_owned());
    match (section, key, value) {
        // Nothing is no secret.
        ("auth" | "console", _, Value::String(text)) if text.is_empty() => value.clone(),
        ("store", "url", Value::String(url)) | ("telemetry", "otlp_endpoint", Value::String(url)) => {
            Value::String(masked_url(url))
        }
        ("auth", "access_seconds" | "refresh_seconds", _) => value.clone(),
        ("store", _, Value::Integer(_) | Value::Boolean(_)) => value.clone(),
        ("server" | "world" | "session" | "limits" | "console" | "audit" | "log" | "telemetry" | "debug", _, _)
            if !sounds_secret(key) =>
        {
            value.clone()
        }
        _ => hidden,
    }
}

fn sounds_secret(key: &str) -> bool {
    ["secret", "pass", "token", "url"].iter().any(|word| key.contains(word))
}

/// Hides what may be a password: what stands between the first colon and the last `@` behind the scheme, and the
/// value of a parameter `password`. A text without `scheme:` might be anything, so all of it is hidden.
fn masked_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once(':') else {
        return if url.is_empty() { String::new() } else { MASK.to_owned() };
    };
    let rest = match rest.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.trim_start_matches('/').split(':').next().unwrap_or_default();
            format!("//{user}:{MASK}@{host}")
        }
        None => rest.to_owned(),
    };
    format!("{scheme}:{}", masked_parameters(&rest))
}

fn masked_parameters(rest: &str) -> String {
    let Some((place, parameters)) = rest.split_once('?') else { return rest.to_owned() };
    let shown = parameters.split('&').map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if sounds_secret(name) => format!("{name}={MASK}"),
        _ => parameter.to_owned(),
    });
    format!("{place}?{}", shown.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_urls_are_hidden_and_the_rest_is_not() {
        for (url, shown) in [
            ("", ""),
            ("sqlite:data/orrery.db", "sqlite:data/orrery.db"),
            ("postgres://ada@db/orrery", "postgres://ada:***@db/orrery"),
            ("postgres://ada:hunter2@db:5432/orrery", "postgres://ada:***@db:5432/orrery"),
            ("postgres://ada:hun:t@er2@db/orrery", "postgres://ada:***@db/orrery"),
            ("postgres://db/orrery?user=ada&password=hunter2", "postgres://db/orrery?user=ada&password=***"),
            ("hunter2", "***"),
        ] {
            assert_eq!(masked_url(url), shown);
        }
    }

    #[test]
    fn what_may_be_a_misspelt_secret_is_hidden() {
        let text = Value::from("hunter2");
        for (section, key) in [("auth", "secert"), ("stoer", "url"), ("store", "password"), ("server", "secret")] {
            assert_eq!(masked(section, key, &text), Value::from(MASK), "{section}.{key}");
        }
        assert_eq!(masked("world", "tik_hz", &text), text);
    }
}
