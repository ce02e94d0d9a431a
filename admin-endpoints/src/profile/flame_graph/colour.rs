//! The colour of a function: functions of one crate have similar colours.

/// A light colour, so that black text can be read on it.
pub(super) fn colour(name: &str) -> String {
    let crate_name = name.trim_start_matches(['<', '&']);
    let end = crate_name.find("::").unwrap_or(crate_name.len());
    let hue = hash(&crate_name[..end]) % 360;
    let lightness = 68 + hash(name) % 12;
    format!("hsl({hue},62%,{lightness}%)")
}

/// FNV-1a, which is the same in each run.
fn hash(text: &str) -> u64 {
    let mixed = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mixed >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_a_crate_share_the_hue() {
        let hue = |name| colour(name).split(',').next().map(str::to_owned);
        assert_eq!(hue("tokio::a::b"), hue("<tokio::c as d::E>::f"));
        assert_ne!(hue("tokio::a"), hue("hyper::a"));
    }
}
