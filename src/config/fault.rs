//! What is wrong with the settings, in words that help whoever wrote them.

use std::fmt;
use std::path::PathBuf;

/// Where a setting's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is built in.
    Default,
    /// A file.
    File(PathBuf),
    /// An environment variable, by name.
    Variable(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `section.key`, or the line of a file that is no TOML; empty when the source as a whole is wrong.
    pub key: String,
    /// The value as it may be shown (see [`super::masked`]), where there is one.
    pub value: Option<String>,
    /// Where it stands.
    pub source: Source,
    /// The rule it breaks.
    pub rule: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.source)?;
        match (self.key.as_str(), &self.value) {
            ("", _) => write!(f, "{}", self.rule),
            (key, None) => write!(f, "{key}: {}", self.rule),
            (key, Some(value)) => write!(f, "{key} = {value}: {}", self.rule),
        }
    }
}

/// Everything that is wrong with the settings, in the order in which they are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub faults: Vec<Fault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are not right:")?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for ConfigError {}
