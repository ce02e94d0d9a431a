//! A part of a whole.

use admin_runtime::Param;

/// A number from 0 to 1.
///
/// ```
/// use cache_engine::Fraction;
///
/// assert_eq!(Fraction::new(0.5).map(|half| half.of(9)), Some(4));
/// assert_eq!(Fraction::new(1.5), None);
/// assert_eq!(Fraction::new(f64::NAN), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Fraction(f64);

impl Fraction {
    /// `None` if the number is not from 0 to 1.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// That part of a whole, rounded down; exact for wholes up to 2^53.
    #[must_use]
    pub fn of(self, whole: u64) -> u64 {
        // The product is within 0..=whole, and the cast saturates.
        (self.0 * whole as f64) as u64
    }
}

impl Param for Fraction {
    const EXPECTED: &'static str = "a number from 0 to 1";
    const JSON_TYPE: &'static str = "number";
    const JSON_SCHEMA: &'static str = r#"{"minimum": 0, "maximum": 1}"#;

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().and_then(Self::new)
    }
}
