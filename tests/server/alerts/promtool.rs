//! Prometheus' own tool, which carries rules out over series that a test wrote down.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

/// Where the rules are.
pub(super) const RULES: &str = "config/prometheus/alerts.yml";
/// How far apart two values of a series are, and how often the rules are looked at.
const INTERVAL: &str = "5s";

/// The tool; `None`, loudly, where it cannot be had. Under CI that is a failure.
pub(super) fn promtool() -> Option<&'static Path> {
    static TOOL: OnceLock<Option<PathBuf>> = OnceLock::new();
    TOOL.get_or_init(|| {
        let found = in_path().or_else(of_debian);
        if found.is_none() {
            let in_ci = std::env::var("CI").is_ok_and(|value| value == "1" || value == "true");
            assert!(!in_ci, "there is no promtool, and CI is set");
            eprintln!("SKIPPED: there is no promtool in PATH, and no Debian package prometheus to take it from");
        }
        found
    })
    .as_deref()
}

fn in_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join("promtool")).find(|program| program.is_file())
}

/// Out of Debian's package, which is unpacked and not installed: nothing is started, and nothing needs root but the
/// list of packages.
fn of_debian() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("promtool");
    let program = folder.join("usr/bin/promtool");
    if program.is_file() {
        return Some(program);
    }
    let fetching = tempfile::tempdir().ok()?;
    let run = |name: &str, arguments: &[&str]| {
        let mut command = Command::new(name);
        command.args(arguments).current_dir(fetching.path()).stdin(Stdio::null()).stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !run("apt-get", &["download", "prometheus"]) {
        run("apt-get", &["update"]);
        run("apt-get", &["download", "prometheus"]);
    }
    let package = std::fs::read_dir(fetching.path()).ok()?.flatten().next()?.path();
    run("dpkg", &["-x", package.to_str()?, folder.to_str()?]);
    program.is_file().then_some(program)
}

/// Which alerts fire at a time, such as `90s`, given series in the notation of Prometheus' tests.
pub(super) struct Firing {
    series: Vec<Value>,
    wanted: Vec<Value>,
}

impl Firing {
    pub(super) fn over(series: impl IntoIterator<Item = (String, String)>) -> Self {
        let series = series.into_iter().map(|(series, values)| json!({ "series": series, "values": values }));
        Self { series: series.collect(), wanted: Vec::new() }
    }

    /// These fire, and no others.
    pub(super) fn only(mut self, at: &str, alerts: &[&str]) -> Self {
        let samples = alerts.iter().map(|alert| json!({ "labels": format!("{{alertname={alert:?}}}"), "value": 1 }));
        let samples: Vec<Value> = samples.collect();
        let expr = r#"group by (alertname) (ALERTS{alertstate="firing"})"#;
        self.wanted.push(json!({ "expr": expr, "eval_time": at, "exp_samples": samples }));
        self
    }

    /// This one fires, or not.
    pub(super) fn one(mut self, at: &str, alert: &str, fires: bool) -> Self {
        let expr = format!(r#"group by (alertname) (ALERTS{{alertname={alert:?}, alertstate="firing"}})"#);
        let sample = json!({ "labels": format!("{{alertname={alert:?}}}"), "value": 1 });
        let samples = if fires { vec![sample] } else { Vec::new() };
        self.wanted.push(json!({ "expr": expr, "eval_time": at, "exp_samples": samples }));
        self
    }

    /// Lets the tool judge.
    pub(super) fn hold(self, promtool: &Path, what: &str) {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join(RULES);
        let test =
            json!({ "name": what, "interval": INTERVAL, "input_series": self.series, "promql_expr_test": self.wanted });
        let file = json!({ "rule_files": [rules], "evaluation_interval": INTERVAL, "tests": [test] });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.yml");
        // JSON is YAML.
        std::fs::write(&path, file.to_string()).unwrap();
        let output = Command::new(promtool).args(["test", "rules"]).arg(&path).output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{what}: {said}");
    }
}
