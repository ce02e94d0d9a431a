//! Which commands take passwords, looked up by name.

use std::sync::LazyLock;

use super::command_options::{
    DIRECTIVES, JOINED_PASSWORD_COMMANDS, LOGIN_COMMANDS, OPTIONS, SLASH_LOGIN_COMMANDS,
};

/// How a command takes passwords.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CommandKind {
    /// `-p` is joined to the password.
    pub(super) joined_password: bool,
    /// The argument is `user/password@database`.
    pub(super) slash_login: bool,
    /// `-a` is `user:password`.
    pub(super) login: bool,
    /// A bit for each row of [`OPTIONS`].
    pub(super) option_rows: u64,
}

/// All commands, sorted by name.
static COMMANDS: LazyLock<Vec<(&str, CommandKind)>> = LazyLock::new(|| {
    let mut commands: Vec<(&str, CommandKind)> = Vec::new();
    let mut add = |names: &[&'static str], kind: CommandKind| {
        for name in names {
            match commands.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.add(kind),
                None => commands.push((name, kind)),
            }
        }
    };
    let none = CommandKind::default();
    add(
        JOINED_PASSWORD_COMMANDS,
        CommandKind {
            joined_password: true,
            ..none
        },
    );
    add(
        SLASH_LOGIN_COMMANDS,
        CommandKind {
            slash_login: true,
            ..none
        },
    );
    add(
        LOGIN_COMMANDS,
        CommandKind {
            login: true,
            ..none
        },
    );
    for (row, (names, _)) in OPTIONS.iter().enumerate() {
        add(
            names,
            CommandKind {
                option_rows: 1 << row,
                ..none
            },
        );
    }
    commands.sort_unstable_by_key(|(name, _)| *name);
    commands
});

/// By first byte, a bit for the length of each command and directive: most words are neither.
static LENGTHS: LazyLock<[u32; 128]> = LazyLock::new(|| {
    let mut lengths = [0; 128];
    let commands = COMMANDS.iter().map(|(name, _)| *name);
    let directives = DIRECTIVES.iter().map(|(name, _)| *name);
    for name in commands.chain(directives) {
        if let Some(first) = name.bytes().next() {
            lengths[usize::from(first)] |= 1 << name.len();
        }
    }
    lengths
});

/// Whether a command or a directive has the first byte and the length of a word.
fn may_be_known(word: &str) -> bool {
    let first = word.bytes().next().map_or(0, usize::from);
    let lengths = LENGTHS.get(first).copied().unwrap_or(0);
    word.len() < 32 && lengths & (1 << word.len()) != 0
}

impl CommandKind {
    /// That of a command by its name, without its directory.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        if !may_be_known(name) {
            return None;
        }
        let found = COMMANDS.binary_search_by_key(&name, |(known, _)| known);
        found.ok().map(|at| COMMANDS[at].1)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.joined_password |= other.joined_password;
        self.slash_login |= other.slash_login;
        self.login |= other.login;
        self.option_rows |= other.option_rows;
    }
}

/// How many words behind a directive the secret is.
pub(super) fn directive_words(word: &str) -> Option<usize> {
    if !may_be_known(word) {
        return None;
    }
    let found = DIRECTIVES.iter().find(|(name, _)| *name == word);
    found.map(|(_, words)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_found() {
        for (row, (names, _)) in OPTIONS.iter().enumerate() {
            for name in *names {
                let kind = CommandKind::from_name(name).unwrap();
                assert_ne!(kind.option_rows & (1 << row), 0, "{name}");
            }
        }
        for (name, words) in DIRECTIVES {
            assert_eq!(directive_words(name), Some(*words), "{name}");
            assert!(name.len() < 32, "{name}");
        }
        for (name, kind) in COMMANDS.iter() {
            assert_eq!(CommandKind::from_name(name), Some(*kind), "{name}");
        }
        assert!(CommandKind::from_name("mysql").unwrap().joined_password);
        assert!(CommandKind::from_name("sqlplus").unwrap().slash_login);
        assert!(CommandKind::from_name("http").unwrap().login);
        let ldappasswd = CommandKind::from_name("ldappasswd").unwrap();
        assert_eq!(ldappasswd.option_rows.count_ones(), 2, "of two rows");
        for other in ["", "mysq", "mysqlx", "request", "zzz"] {
            assert_eq!(CommandKind::from_name(other), None, "{other}");
        }
    }
}
