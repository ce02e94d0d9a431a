//! The words and names that tell a secret, and those that say otherwise.

/// Whole names of well-known variables whose words say otherwise than they are.
pub(super) const ORDINARY_NAMES: &[&str] = &[
    "PWD", "OLDPWD", "INIT_PWD", "GOOGLE_APPLICATION_CREDENTIALS", "SSH_ASKPASS", "VAULT_AUTH",
];

/// Whole names of well-known variables with secrets that their words do not tell.
pub(super) const SECRET_NAMES: &[&str] = &[
    "REDISCLI_AUTH", "NPM_CONFIG__AUTH", "npm_config__auth", "IDENTITY_HEADER", "VAULT_SECRET_ID",
    "VAULT_DEV_ROOT_TOKEN_ID", "BW_SESSION", "NEO4J_AUTH", "FASTLANE_SESSION", "CYPRESS_RECORD_KEY",
];

/// Beginnings of names whose rest is free: Terraform's tokens by host, 1Password's by account.
pub(super) const SECRET_PREFIXES: &[&str] = &[
    "TF_TOKEN_", "OP_SESSION_",
];

/// Last words that say that the value is a secret.
pub(super) const SECRET_WORDS: &[&str] = &[
    "password", "passwords", "passwd", "passwds", "passphrase", "passphrases", "passcode", "pwd",
    "pswd", "psw", "pass", "pw", "passwrd", "secret", "secrets", "token", "apikey", "apikeys",
    "accesskey", "credential", "credentials", "creds", "cred", "dsn", "jwt", "cookie", "pat",
    "pepper", "fernet", "mnemonic", "otp", "totp", "sas", "authorization", "authkey", "privkey",
    "bearer", "passhash", "passkey", "psk", "htpasswd", "pword",
];

/// Ends of joined words that are secrets whatever is before them.
pub(super) const JOINED_TAILS: &[&str] = &[
    "password", "passwords", "passwd", "passphrase", "passwrd", "passcode", "pswd", "pwd",
    "secret", "secrets", "token", "credential", "credentials", "creds",
];

/// Heads of joined words that end in `pass`, `pw`, `pin` or `auth`.
pub(super) const PASSWORD_HEADS: &[&str] = &[
    "db", "database", "sql", "mysql", "my", "pg", "postgres", "mongo", "redis", "ssh", "ssl",
    "tls", "smtp", "mail", "email", "imap", "pop", "ftp", "sftp", "http", "https", "proxy",
    "user", "root", "admin", "login", "key", "keystore", "store", "truststore", "trust", "ldap",
    "bind", "rabbit", "rabbitmq", "rmq", "mq", "amqp", "kafka", "vault", "sudo", "become", "vnc",
    "wifi", "require", "master",
];

/// Words before `key`, or joined to it, that make it a secret.
pub(super) const SECRET_KEY_HEADS: &[&str] = &[
    "api", "app", "application", "access", "account", "acct", "admin", "aes", "age", "appsecret",
    "auth", "authorization", "bootstrap", "bot", "box", "cipher", "client", "consumer", "cookie", "credential",
    "crypt", "crypto", "decrypt", "decryption", "deploy", "des", "ecdsa", "ed", "enc", "encrypt",
    "encryption", "fernet", "function", "genie", "gpg", "pgp", "hmac", "host", "ikey", "ingest",
    "ingestion", "instrumentation", "integration", "jwt", "license", "licence", "master",
    "password", "priv", "private", "push", "recovery", "role", "root", "routing", "rsa", "sdk",
    "salt", "secret", "server", "service", "session", "shared", "sign", "signing", "ssh", "ssl", "storage",
    "subscription", "symm", "tls", "token", "unseal", "write",
];

/// Words before `key` that make it an ordinary one.
pub(super) const ORDINARY_KEY_HEADS: &[&str] = &[
    "public", "pub", "publishable", "primary", "foreign", "sort", "partition", "part", "cache",
    "hot", "hash", "group", "grouping", "lookup", "index", "unique", "object", "bucket", "map",
    "row", "shard", "sharding", "distribution", "cluster", "record", "message", "event", "tenant",
    "label", "annotation", "config", "idempotency", "translation", "compose", "modifier", "meta",
    "registry", "order", "dedup", "correlation", "natural", "surrogate", "composite", "candidate",
    "anon", "site",
];

/// Words before `token` that make it a piece of text, a position or public.
pub(super) const ORDINARY_TOKEN_HEADS: &[&str] = &[
    "next", "page", "continuation", "resume", "pad", "padding", "eos", "bos", "unk", "sep", "cls",
    "mask", "special", "stop", "start", "end", "image", "first", "last", "max", "min", "per",
    "public", "publishable", "new", "input", "output", "prompt", "completion",
];

/// Words before `tokens` that make them credentials: alone they are counted more often than kept.
pub(super) const SECRET_TOKEN_HEADS: &[&str] = &[
    "api", "access", "auth", "bearer", "refresh", "admin", "service", "bot", "secret", "valid",
    "allowed", "accepted",
];

/// Words before `pass` that make it a run over something.
pub(super) const ORDINARY_PASS_HEADS: &[&str] = &[
    "first", "second", "one", "two", "single", "multi", "low", "high", "band", "by", "all", "num",
    "ask", "render", "dry", "last", "extra",
];

/// Words at the end of a name that only say how a value is written or where it is used.
pub(super) const FORMAT_WORDS: &[&str] = &[
    "b", "base", "pem", "data", "value", "val", "raw", "env", "json", "yaml", "str", "text",
    "enc", "encoded", "encrypted", "hex", "plain", "plaintext", "current", "previous", "old",
    "backup", "prod", "production", "staging", "dev", "test", "live", "sandbox", "rw", "ro",
    "readonly", "content", "v",
];

/// Documents with secrets. Their names alone are those of files.
pub(super) const DOCUMENTS: &[&str] = &[
    "kubeconfig", "netrc", "npmrc", "pgpass", "dockerconfig", "keystore",
];

/// Words at the beginning of a name that ask whether a secret exists or is required.
pub(super) const QUESTION_WORDS: &[&str] = &[
    "has", "use", "enable", "disable", "require", "allow", "deny", "no", "skip", "with", "show",
    "hide", "is", "accept", "ask", "prompt",
];

/// Words at the end of a name that say that the value is about a secret.
pub(super) const ABOUT_WORDS: &[&str] = &[
    "id", "ids", "ttl", "limit", "limits", "timeout", "enabled", "enable", "disabled", "disable",
    "dir", "directory", "file", "files", "filename", "path", "paths", "name", "names", "issuer",
    "url", "uri", "urls", "host", "hosts", "port", "arn", "expiry", "expires", "expiration",
    "algorithm", "algorithms", "alg", "type", "length", "len", "size", "count", "min", "max", "in", "seconds",
    "minutes", "days", "age", "domain", "prefix", "suffix", "header", "mode", "method", "policy",
    "provider", "backend", "store", "manager", "version", "scope", "scopes", "audience", "realm",
    "format", "required", "rotation", "interval", "region", "user", "username", "endpoint", "ref",
    "command", "cmd", "field", "addr", "lifetime", "helper", "title", "hasher", "hashers",
    "mount", "engine", "validator", "validators", "validation", "kind", "class", "driver",
    "strategy", "hint", "permissions", "permission", "label", "bucket", "location", "alias",
    "namespace", "source", "state", "status", "rounds", "cost", "iterations", "bits", "level",
    "hours", "num", "number", "total", "rate", "ratio", "service", "server", "check", "strength",
    "cache", "rule", "rules", "template", "regex", "pattern", "date", "time", "schema", "table",
    "column", "grace", "window", "threshold", "retries", "attempts", "history", "character",
    "characters",
];

/// Words that say that a key is public.
pub(super) const PUBLIC_WORDS: &[&str] = &["public", "pub", "publishable"];

/// Words in a name that ends in `key` that make it a secret, whatever is before it.
pub(super) const KEY_USES: &[&str] = &[
    "encryption", "decryption", "encrypt", "decrypt", "signing", "secret", "crypto", "cipher",
];

/// Last words of names whose values name something.
pub(super) const IDENTIFIER_WORDS: &[&str] = &[
    "id", "ids", "uuid", "guid", "sha", "digest", "checksum", "commit", "revision", "fingerprint",
    "fingerprints", "thumbprint", "etag", "hostname", "arn",
];
