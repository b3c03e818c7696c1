//! Reads the files of `src` and their imports, and finds the file behind each import.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

pub(super) type Module = Vec<String>;

/// A file without its comments, texts and tests.
pub(super) struct File {
    pub(super) folder: String,
    pub(super) code: String,
    pub(super) uses: Vec<Import>,
}

pub(super) struct Import {
    pub(super) path: Vec<String>,
    pub(super) name: String,
    pub(super) is_public: bool,
}

/// The folders in which two files part; `None` where one is above the other.
pub(super) fn apart(a: &str, b: &str) -> Option<(String, String)> {
    let (a, b): (Vec<_>, Vec<_>) = (a.split('/').collect(), b.split('/').collect());
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    (same < a.len() && same < b.len()).then(|| (a[..=same].join("/"), b[..=same].join("/")))
}

pub(super) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    found
}

pub(super) fn module_of(src: &Path, path: &Path) -> Module {
    let inside = path.strip_prefix(src).unwrap().with_extension("");
    let mut module: Module = inside.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

/// The files of a crate by their modules, those that only tests have left out.
pub(super) fn read(src: &Path) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    for path in sources(src) {
        let module = module_of(src, &path);
        if module == ["lib"] || module == ["main"] {
            continue;
        }
        let folder = path.parent().unwrap().strip_prefix(src).unwrap();
        let code = without_tests(bare(&fs::read_to_string(&path).unwrap()));
        let uses = imports(&code);
        let folder = folder.to_str().unwrap().to_owned();
        files.insert(module.join("::"), File { folder, code, uses });
    }
    let texts: Vec<_> =
        files.iter().map(|(module, file)| (module.clone(), file.code.clone())).collect();
    for (module, code) in texts {
        for (at, test) in code.match_indices("#[cfg(test)]") {
            let rest = code[at + test.len()..].trim_start();
            let rest = rest.strip_prefix("pub(crate) ").unwrap_or(rest);
            if let Some(name) = rest.strip_prefix("mod ").and_then(|it| it.split_once(';')) {
                let gone = format!("{module}::{}", name.0);
                files.retain(|it, _| *it != gone && !it.starts_with(&format!("{gone}::")));
            }
        }
    }
    files
}

/// Code without comments and without what is in quotes.
fn bare(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['/', '"', '\'']) {
        let (before, from) = rest.split_at(at);
        code.push_str(before);
        let length = if from.starts_with("//") {
            from.find('\n').unwrap_or(from.len())
        } else if let Some(inside) = from.strip_prefix('"') {
            let hashes = before.len() - before.trim_end_matches('#').len();
            let is_raw = before[..before.len() - hashes].ends_with('r');
            if is_raw {
                let end = format!("\"{}", "#".repeat(hashes));
                inside.find(&end).map_or(from.len(), |at| 1 + at + end.len())
            } else {
                let mut is_escaped = false;
                let end = inside.find(|c| {
                    let is_end = c == '"' && !is_escaped;
                    is_escaped = c == '\\' && !is_escaped;
                    is_end
                });
                end.map_or(from.len(), |at| at + 2)
            }
        } else if let Some(inside) = from.strip_prefix("'\\") {
            inside.find('\'').map_or(from.len(), |at| at + 3)
        } else {
            let mut chars = from.char_indices().skip(1);
            let quoted = chars.next().zip(chars.next()).filter(|(_, (_, end))| *end == '\'');
            match quoted {
                Some((_, (end, _))) if from.starts_with('\'') => end + 1,
                _ => {
                    code.push_str(&from[..1]);
                    1
                }
            }
        };
        rest = &from[length..];
    }
    code + rest
}

/// Code without its `#[cfg(test)] mod … { … }`.
fn without_tests(mut code: String) -> String {
    let mut from = 0;
    while let Some(at) = code[from..].find("#[cfg(test)]").map(|at| from + at) {
        from = at + 1;
        let rest = code[at + "#[cfg(test)]".len()..].trim_start();
        let brace = rest.find(['{', ';']);
        let is_module = rest[..brace.unwrap_or(0)].split(' ').any(|word| word == "mod");
        if !is_module || brace.is_none_or(|brace| rest[brace..].starts_with(';')) {
            continue;
        }
        let begin = code.len() - rest.len() + brace.unwrap();
        let mut depth = 0;
        let end = code[begin..].find(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            depth == 0
        });
        code.replace_range(at..=begin + end.expect("braces come in pairs"), "");
    }
    code
}

/// What a file imports.
pub(super) fn imports(code: &str) -> Vec<Import> {
    let mut found = Vec::new();
    for (is_public, tree) in statements(code) {
        let mut leaves = Vec::new();
        unfold(&[], tree, &mut leaves);
        for (path, name) in leaves {
            found.push(Import { path, name, is_public });
        }
    }
    found
}

/// The trees of all `use`, and whether each hands on what it names.
fn statements(code: &str) -> Vec<(bool, &str)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        let is_public = line.starts_with("pub");
        if (line.is_empty() || is_public && !line.contains(' '))
            && let Some((tree, _)) = code[at + "use ".len()..].split_once(';')
        {
            found.push((is_public, tree));
        }
    }
    found
}

fn unfold(before: &[String], tree: &str, leaves: &mut Vec<(Vec<String>, String)>) {
    let tree = tree.trim();
    if let Some((head, inside)) = tree.split_once('{') {
        let mut path = before.to_vec();
        path.extend(head.split("::").map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned));
        let inside = inside.trim().strip_suffix('}').expect("braces come in pairs");
        let mut depth = 0;
        let parts = inside.split(|c| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            c == ',' && depth == 0
        });
        parts.filter(|it| !it.trim().is_empty()).for_each(|part| unfold(&path, part, leaves));
        return;
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias.trim().to_owned())),
        None => (tree, None),
    };
    let mut whole = before.to_vec();
    whole.extend(path.split("::").map(|it| it.trim().to_owned()));
    if whole.last().is_some_and(|it| it == "self") {
        whole.pop();
    }
    let name = alias.or_else(|| whole.last().cloned()).unwrap_or_default();
    leaves.push((whole, name));
}

/// Which file takes something from which, by where it is defined.
pub(super) fn edges(files: &BTreeMap<String, File>) -> BTreeSet<(String, String)> {
    let mut edges = BTreeSet::new();
    for (module, file) in files {
        let mut modules = BTreeMap::new();
        for import in file.uses.iter().filter(|it| !it.is_public) {
            if let Some((to, rest)) = resolve(files, module, &import.path) {
                if rest.is_empty() {
                    modules.insert(import.name.clone(), to.clone());
                }
                edges.insert((module.clone(), to));
            }
        }
        let is_of_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let mut code = file.code.clone();
        for (_, tree) in statements(&file.code) {
            code = code.replacen(tree, "", 1);
        }
        for inside in ["in crate", "in super"] {
            code = code.replace(inside, "in ");
        }
        for word in code.split(|c| !is_of_path(c)).filter(|it| it.contains("::")) {
            let mut path: Vec<String> = word.split("::").map(str::to_owned).collect();
            if let Some(to) = modules.get(&path[0]) {
                let mut whole = vec!["crate".to_owned()];
                whole.extend(to.split("::").map(str::to_owned));
                whole.extend(path.drain(1..));
                path = whole;
            }
            if let Some((to, _)) = resolve(files, module, &path) {
                edges.insert((module.clone(), to));
            }
        }
    }
    edges.retain(|(from, to)| from != to && !to.is_empty());
    edges
}

/// The file that defines what a path names, and what is left of the path there.
fn resolve(
    files: &BTreeMap<String, File>,
    here: &str,
    path: &[String],
) -> Option<(String, Vec<String>)> {
    let mut here: Vec<&str> = here.split("::").collect();
    let mut path: Vec<&str> = path.iter().map(String::as_str).collect();
    match *path.first()? {
        "crate" => {
            here.clear();
            path.remove(0);
        }
        "self" => {
            path.remove(0);
        }
        "super" => {
            while path.first() == Some(&"super") {
                here.pop();
                path.remove(0);
            }
        }
        child if !files.contains_key(&[&here[..], &[child]].concat().join("::")) => return None,
        _ => {}
    }
    let whole = [here, path].concat();
    let length = (1..=whole.len()).rev().find(|it| files.contains_key(&whole[..*it].join("::")))?;
    let (module, rest) = (whole[..length].join("::"), &whole[length..]);
    let handed_on = rest.first().and_then(|name| {
        let import = files[&module].uses.iter().find(|it| it.name == *name)?;
        let onwards = rest[1..].iter().map(|it| (*it).to_owned());
        let path: Vec<String> = import.path.iter().cloned().chain(onwards).collect();
        resolve(files, &module, &path)
    });
    let rest = rest.iter().map(|it| (*it).to_owned()).collect();
    Some(handed_on.unwrap_or((module, rest)))
}
