//! One script of several ES modules, each in a function of its own.

use std::fmt::Write as _;

use super::modules::WebModule;

/// What a module may begin a line with beside `export { .. };`.
const DECLARATIONS: [&str; 4] = ["const ", "function ", "async function ", "class "];

/// The modules as one script: each becomes a function that returns what it exports.
///
/// Imports are of one line, `import { a, b } from './file.js';`, and exports are declarations or one list.
pub(super) fn join(modules: &[WebModule]) -> String {
    let mut script = String::from("'use strict';\n");
    for module in modules {
        let mut exports = Vec::new();
        let _ = writeln!(script, "const {} = (() => {{", variable(module.path));
        for line in module.text.lines() {
            script.push_str(&statement(line, module.path, &mut exports));
            script.push('\n');
        }
        let _ = writeln!(script, "return {{ {} }};\n}})();", exports.join(", "));
    }
    script
}

fn statement(line: &str, path: &str, exports: &mut Vec<String>) -> String {
    if let Some((names, file)) = import(line) {
        let file = resolve(path, file);
        return format!("const {{ {names} }} = {};", variable(&file));
    }
    if let Some(declared) = line.strip_prefix("export ") {
        let kind = DECLARATIONS.iter().find(|kind| declared.starts_with(*kind));
        if let Some(name) = kind.and_then(|kind| declared.strip_prefix(kind)) {
            let is_end = |character: char| !(character.is_alphanumeric() || character == '_');
            exports.extend(name.split(is_end).next().map(str::to_owned));
            return declared.to_owned();
        }
    }
    // The list at the end of a vendored file: `export{a as b,c};`
    if let Some((before, list)) = line.rsplit_once("export{") {
        let list = list.trim_end().trim_end_matches([';', '}']);
        exports.extend(list.split(',').map(|item| match item.split_once(" as ") {
            Some((inner, outer)) => format!("{outer}: {inner}"),
            None => item.to_owned(),
        }));
        return before.to_owned();
    }
    line.to_owned()
}

/// The names and the file of an import.
fn import(line: &str) -> Option<(&str, &str)> {
    let (names, file) = line.strip_prefix("import { ")?.split_once(" } from '")?;
    Some((names, file.strip_suffix("';")?))
}

/// `./a.js` and `../a.js`, as a file of the folder of `path` or the folder above, names it.
fn resolve(path: &str, file: &str) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    match file.strip_prefix("./") {
        Some(file) if folder.is_empty() => file.to_owned(),
        Some(file) => format!("{folder}/{file}"),
        None => file.trim_start_matches("../").to_owned(),
    }
}

/// The variable that has the exports of a file.
fn variable(path: &str) -> String {
    let name: String = path
        .trim_end_matches(".js")
        .chars()
        .map(|character| {
            if character.is_alphanumeric() {
                character
            } else {
                '_'
            }
        })
        .collect();
    format!("module_{name}")
}

#[cfg(test)]
mod tests {
    use super::super::modules::MODULES;
    use super::*;

    #[test]
    fn modules_become_functions() {
        let modules = [
            WebModule {
                path: "vendor/a.js",
                text: "var x=1;export{x as one,y};",
            },
            WebModule {
                path: "panels/b.js",
                text: "import { one, y } from '../vendor/a.js';\nexport function two() {\n  return one + y;\n}\nexport const three = 3;",
            },
        ];
        let expected = "'use strict';\n\
            const module_vendor_a = (() => {\nvar x=1;\nreturn { one: x, y };\n})();\n\
            const module_panels_b = (() => {\nconst { one, y } = module_vendor_a;\n\
            function two() {\n  return one + y;\n}\nconst three = 3;\nreturn { two, three };\n})();\n";
        assert_eq!(join(&modules), expected);
    }

    #[test]
    fn every_import_is_exported_by_an_earlier_module() {
        let mut exported = std::collections::BTreeSet::new();
        for module in MODULES {
            let mut exports = Vec::new();
            for line in module.text.lines() {
                assert!(
                    !line.starts_with("import ") || import(line).is_some(),
                    "{}: {line}",
                    module.path
                );
                if let Some((names, file)) = import(line) {
                    let file = resolve(module.path, file);
                    for name in names.split(", ") {
                        let import = (file.clone(), name.to_owned());
                        assert!(exported.contains(&import), "{}: {line}", module.path);
                    }
                }
                let joined = statement(line, module.path, &mut exports);
                assert!(!joined.starts_with("export"), "{}: {line}", module.path);
            }
            exported.extend(exports.into_iter().map(|name| {
                let outer = name.split(':').next().unwrap_or_default().to_owned();
                (module.path.to_owned(), outer)
            }));
        }
    }

    #[test]
    fn no_module_makes_markup_or_code_of_text() {
        let own = MODULES
            .iter()
            .filter(|module| !module.path.starts_with("vendor/"));
        for module in own {
            for forbidden in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "new Function",
                "</script",
                "http:",
                "https:",
            ] {
                let is_used = module.text.contains(forbidden);
                assert!(!is_used, "{} has {forbidden}", module.path);
            }
        }
    }
}
