//! The forms of well-known tokens.

/// Beginnings that only tokens have.
pub(super) const PREFIXES: &[&str] = &[
    // Source code, packages and builds.
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glrt-", "gldt-", "glcbt-",
    "glptt-", "glft-", "glsoat-", "glagent-", "gloas-", "glimt-", "glffct-", "dckr_pat_",
    "dckr_oat_", "CCIPAT_", "ATATT3", "ATCTT3", "PMAK-", "PMAT-", "figd_",
    // Clouds.
    "AIza", "ya29.", "GOCSPX-", "dop_v1_", "doo_v1_", "dor_v1_", "HRKU-", "pscale_pw_",
    "pscale_tkn_", "pscale_oauth_", "sb_secret_", "fm2_", "tskey-", "sha256~",
    // Secrets of infrastructure.
    "hvs.", "hvb.", "hvr.", "dp.pt.", "dp.st.", "dp.ct.", "ops_eyJ", "AGE-SECRET-KEY-",
    // Messages and money.
    "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe.", "xapp-", "SG.", "sk_live_", "sk_test_",
    "rk_live_", "rk_test_", "whsec_", "sq0atp-", "sq0csp-", "shpat_", "shpss_", "shpca_",
    "shppa_",
    // Observability, models and other services.
    "sntrys_", "sntryu_", "glsa_", "NRAK-", "sk-ant-", "sk-proj-", "nvapi-", "lin_api_", "hcaik_",
    "CFPAT-", "napi_", "ddapp_", "ddpat_", "AKCp", "EZAK", "EZTK", "pcsk_",
    "ory_pat_", "ory_at_", "ory_rt_", "ory_st_", "syt_", "rpa_", "xkeysib-", "xsmtpsib-", "dt0c01.",
    "dt0s01.", "SWMTKN-", "pnu_", "ZENKEY_",
];

/// Beginnings that ordinary words may have too, and how much must follow.
pub(super) const WORD_PREFIXES: &[(&str, usize)] = &[
    ("npm_", 4), ("pypi-", 4), ("rubygems_", 4), ("cio", 30), ("oy2", 40), ("squ_", 8),
    ("sqp_", 8), ("sqa_", 8), ("bkua_", 8), ("ATBB", 20), ("1//0", 16), ("nfp_", 8), ("npg_", 8),
    ("sbp_", 8), ("fm1_", 8), ("fo1_", 8), ("rnd_", 16), ("tfp_", 16), ("LTAI", 12), ("pul-", 16),
    ("dapi", 32), ("tvs.", 16), ("EAAA", 32), ("EAAC", 32), ("re_", 24), ("glc_", 8), ("phx_", 8),
    ("hf_", 4), ("sk-", 4), ("gsk_", 4), ("xai-", 4), ("secret_", 24), ("ntn_", 8), ("pplx-", 8),
    ("r8_", 4), ("lsv2_", 8), ("shippo_", 8), ("tvly-", 8), ("jina_", 8), ("key-", 8),
    ("sl.", 32), ("fw_", 16), ("live_", 24), ("test_", 24), ("cmVmdGtuOj", 16), ("sk_", 32), ("pa-", 36),
    ("claim-", 20), ("uk1_", 16), ("tk_", 24), ("sdk-", 32), ("mob-", 32), ("pat-", 32),
    ("pat.", 32), 
];

/// Infixes of tokens of services that name themselves first: `acme_sk_...`, `acme-pat-...`.
pub(super) const SECRET_INFIXES: &[&str] = &[
    "_sk_", "_secret_", "_pat_", "_token_", "_tok_", "_live_", "_pw_", "-pat-", "-sk-", "-token-",
    "_apikey_", "_key_",
];
