//! The layers hold: domain ← store ← projections ← app ← api ← web ← the binary. An arrow never runs back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The crates from the inside out. Each may know those before it.
const LAYERS: [&str; 7] = [
    "hatchery-domain",
    "hatchery-store",
    "hatchery-projections",
    "hatchery-app",
    "hatchery-api",
    "hatchery-web",
    "hatchery",
];

/// What measures the layers, from outside: it may know them all, and none knows it.
const BENCH: &str = "hatchery-bench";

/// All that the domain may depend on, in tests too: data, time as a value, errors, schemas. No I/O, no async.
const OF_THE_DOMAIN: [&str; 11] = [
    "chrono",
    "insta",
    "proptest",
    "serde",
    "serde_json",
    "serde_path_to_error",
    "strum",
    "thiserror",
    "toml",
    "utoipa",
    "uuid",
];

/// What only the innermost layers that need it may depend on.
const KEPT_TO: [(&str, &[&str]); 6] = [
    ("askama", &["hatchery-web"]),
    ("axum", &["hatchery-api", "hatchery-web"]),
    ("sqlx", &["hatchery-store", "hatchery-projections"]),
    ("cqrs-es", &["hatchery-store"]),
    ("postgres-es", &["hatchery-store"]),
    ("sqlite-es", &["hatchery-store"]),
];

/// Ids of programs: they stand in rulebooks, tests, the demo and the documents, and the code knows none of them.
const PROGRAMS: [&str; 2] = ["wuhu", "hangzhou"];

/// A crate of the workspace, as Cargo describes it.
struct Member {
    name: String,
    folder: PathBuf,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    /// The name that the code uses.
    called: String,
    for_tests: bool,
}

fn members() -> Vec<Member> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").iter().map(member).collect()
}

fn member(package: &Value) -> Member {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let dependency = |d: &Value| Dependency {
        name: text(&d["name"]),
        called: d["rename"].as_str().unwrap_or(&text(&d["name"])).replace('-', "_"),
        for_tests: d["kind"] == "dev",
    };
    Member {
        name: text(&package["name"]),
        folder: Path::new(&text(&package["manifest_path"])).parent().expect("a folder").to_owned(),
        dependencies: package["dependencies"].as_array().expect("dependencies").iter().map(dependency).collect(),
    }
}

/// The Rust files under a folder, with their text.
fn sources(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).expect("text");
            found.insert(path, text);
        }
    }
    found
}

/// The files of a crate: what it ships, and with tests and benchmarks what it is tried with.
fn files(member: &Member, folders: &[&str]) -> BTreeMap<PathBuf, String> {
    folders.iter().flat_map(|folder| sources(&member.folder.join(folder))).collect()
}

/// The code of a file: without comments, examples of its schemas, and its tests, which come last.
fn shipped(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let code = text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(code, _)| code);
    let is_example = |line: &str| {
        line.contains("example = ") || line.contains("const EXAMPLE_") || line.starts_with("\"program\": \"")
    };
    let is_documentation = move |line: &str| line.starts_with("//") || is_example(line);
    code.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(move |(_, line)| !is_documentation(line.trim_start()))
}

fn mentions(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|found| found == word)
}

#[test]
fn every_crate_has_its_layer() {
    let found: BTreeSet<_> = members().into_iter().map(|member| member.name).collect();
    assert_eq!(found, LAYERS.into_iter().chain([BENCH]).map(str::to_owned).collect());
}

#[test]
fn a_crate_depends_on_inner_layers_only() {
    let place = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    for member in members().into_iter().filter(|member| member.name != BENCH) {
        for dependency in &member.dependencies {
            assert_ne!(dependency.name, BENCH, "{} must not be measured by itself", member.name);
            if let Some(inner) = place(&dependency.name) {
                assert!(Some(inner) < place(&member.name), "{} must not know {}", member.name, dependency.name);
            }
        }
    }
}

#[test]
fn the_domain_knows_no_io_and_no_async() {
    let domain = members().into_iter().find(|member| member.name == LAYERS[0]).expect("is there");
    for dependency in &domain.dependencies {
        assert!(OF_THE_DOMAIN.contains(&dependency.name.as_str()), "the domain must not depend on {}", dependency.name);
    }
    for (path, text) in files(&domain, &["src"]) {
        for (number, line) in shipped(&text) {
            for word in ["async ", "std::fs", "std::net", "std::env", "std::thread", "Instant::now"] {
                assert!(!line.contains(word), "{}:{number}: {word}", path.display());
            }
        }
    }
}

#[test]
fn http_and_databases_are_kept_to_their_layers() {
    for member in members().into_iter().filter(|member| member.name != BENCH) {
        for dependency in member.dependencies.iter().filter(|dependency| !dependency.for_tests) {
            for (name, layers) in KEPT_TO {
                let allowed = dependency.name != name || layers.contains(&member.name.as_str());
                // The binary starts the server.
                let wiring = member.name == "hatchery" && name == "axum";
                assert!(allowed || wiring, "{} must not depend on {name}", member.name);
            }
        }
    }
}

#[test]
fn every_dependency_is_used() {
    let mut unused = Vec::new();
    for member in members() {
        let files = files(&member, &["src", "tests", "benches"]);
        for dependency in &member.dependencies {
            if !files.values().any(|text| mentions(text, &dependency.called)) {
                unused.push(format!("{} does not use {}", member.name, dependency.name));
            }
        }
    }
    assert_eq!(unused, Vec::<String>::new());
}

/// The modules that are compiled for tests only, by name.
fn test_modules(files: &BTreeMap<PathBuf, String>) -> BTreeSet<String> {
    let declarations = files.values().flat_map(|text| text.split("#[cfg(test)]").skip(1));
    declarations
        .filter_map(|after| after.trim_start().lines().next()?.strip_suffix(';')?.rsplit_once("mod "))
        .map(|(_, name)| name.to_owned())
        .collect()
}

#[test]
fn no_code_knows_a_program() {
    // Rulebooks are embedded in one list; the demo and the bench's histories are of one program.
    let exempt = |path: &Path| path.ends_with("domain/src/rulebook.rs");
    let mut named = Vec::new();
    for member in members().into_iter().filter(|member| member.name != BENCH) {
        let files = files(&member, &["src"]);
        let mut modules = test_modules(&files);
        modules.insert("demo".to_owned());
        let is_test = |path: &Path| {
            let inside = path.strip_prefix(&member.folder).expect("inside").with_extension("");
            inside.iter().any(|part| modules.iter().any(|module| part == module.as_str()))
        };
        for (path, text) in files.iter().filter(|(path, _)| !is_test(path) && !exempt(path)) {
            for (number, line) in shipped(text) {
                if PROGRAMS.iter().any(|program| line.to_lowercase().contains(program)) {
                    named.push(format!("{}:{number}: {line}", path.display()));
                }
            }
        }
    }
    assert_eq!(named, Vec::<String>::new());
}

#[test]
fn the_checks_see_what_they_look_for() {
    let text = "use a::b;\n// wuhu\nlet x = \"wuhu\";\n#[cfg(test)]\nmod tests { \"wuhu\" }\n";
    let seen: Vec<_> = shipped(text).filter(|(_, line)| line.contains("wuhu")).map(|(number, _)| number).collect();
    assert_eq!(seen, [3]);
    assert!(mentions(text, "b") && !mentions(text, "ab") && !mentions(text, "wuh"));
}
