//! Options of well-known commands whose values are passwords.

/// Commands whose `-p` is joined to the password.
pub(super) const JOINED_PASSWORD_COMMANDS: &[&str] = &[
    "mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump", "mariadb-admin", "mysqlimport",
    "mysqlcheck", "mysqlshow", "mysqlsh", "sshpass", "7z", "7za", "7zz", "rar", "unrar",
];

/// Commands, subcommands among them, and their options before a password.
pub(super) const OPTIONS: &[(&[&str], &[&str])] = &[
    (
        &[
            "login", "sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "mongoexport",
            "mongoimport", "mongostat", "rabbitmqadmin", "cqlsh", "twine", "check_mysql", "check_pgsql", "ncftpput", "ncftpget",
        ],
        &["-p"],
    ),
    (
        &[
            "sqlcmd", "bcp", "isql", "tsql", "freebcp", "zip", "unzip", "mosquitto_pub",
            "mosquitto_sub", "mosquitto_rr", "ipmitool",
        ],
        &["-P"],
    ),
    (
        &[
            "ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldapcompare",
            "ldapmodrdn", "ldappasswd", "kapacitor",
        ],
        &["-w"],
    ),
    (&["ldappasswd"], &["-s", "-a"]),
    (&["enc"], &["-k", "-K", "-pass"]),
    (&["openssl"], &["-passin", "-passout", "-pass"]),
    (&["redis-cli", "valkey-cli", "keydb-cli"], &["-a"]),
    (&["snmpget", "snmpwalk", "snmpset", "snmpbulkwalk", "snmptrap"], &["-A", "-X", "-c"]),
    (&["influx"], &["-t"]),
    (&["consul", "nomad", "serf"], &["-encrypt"]),
    (&["expect", "send"], &["send"]),
];

/// Commands whose `-a` is `user:password`.
pub(super) const LOGIN_COMMANDS: &[&str] = &["http", "https", "xh", "xhs", "check_http"];

/// Commands whose argument is `user/password@database`.
pub(super) const SLASH_LOGIN_COMMANDS: &[&str] = &[
    "sqlplus", "sqlldr", "expdp", "impdp", "exp", "imp", "rman", "sql", "tnsping",
];

/// Names of options that are secret beside those whose words say so.
pub(super) const SECRET_OPTIONS: &[&str] = &["setcookie", "askpass", "passwd"];

/// Words of configuration files and subcommands, and how many words behind them the secret is.
pub(super) const DIRECTIVES: &[(&str, usize)] = &[
    ("requirepass", 1), ("masterauth", 1), ("auth-pass", 2), ("add-authtoken", 1),
    ("authtoken", 1), ("primaryauth", 1), ("community", 1), ("rocommunity", 1),
    ("rwcommunity", 1), ("aws_secret_access_key", 1), ("aws_session_token", 1),
];

/// Commands that read a password from a pipe.
pub(super) const PIPED_PASSWORD_READERS: &[&str] = &[
    "sudo -S", "sudo --stdin", "chpasswd", "sudo chpasswd", "passwd --stdin", "docker login",
    "podman login", "helm registry login", "gh auth login", "smbpasswd", "cryptsetup",
];
