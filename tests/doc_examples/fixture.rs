//! Items with and without examples, as the rule must see them. A `use` marks no line: what it
//! re-exports is reported where it is written.

/// ```
/// assert!(fixture::shown());
/// ```
pub fn shown() -> bool {
    true
}

/// No example.
pub fn bare() {} // lacks

/// ```ignore
/// fixture::ignored();
/// ```
pub fn ignored() {} // lacks

/// ```text
/// not code
/// ```
pub const TEXT: u8 = 1; // lacks

/// ```
/// let shown = fixture::Shown;
/// shown.called();
/// // .only_mentioned()
/// ```
pub struct Shown;

impl Shown {
    /// Called in the example of its type.
    pub fn called(&self) {}

    /// Mentioned in a comment.
    pub fn only_mentioned(&self) {} // lacks

    /// ```
    /// fixture::Shown.own_example();
    /// ```
    pub fn own_example(&self) {}

    /// Called by an example of another item at most.
    pub fn call(&self) {} // lacks

    #[doc(hidden)]
    pub fn hidden(&self) {}

    fn private(&self) {}
}

impl Default for Shown {
    /// A trait's, documented there.
    fn default() -> Self {
        Self.private();
        Self
    }
}

/// ```
/// struct Three;
/// impl fixture::Named for Three {
///     fn required(&self) {}
/// }
/// ```
pub trait Named {
    /// Implemented in the example of its trait.
    fn required(&self);

    /// In no example.
    fn provided(&self) {} // lacks
}

pub enum Kind { // lacks
    A,
}

pub type Alias = u8; // lacks

#[macro_export]
macro_rules! plain { // lacks
    () => {};
}

#[doc(hidden)]
pub struct Hidden;

struct Private;

mod inner {
    pub struct ReExported; // lacks

    /// ```
    /// fixture::Renamed;
    /// ```
    pub struct Original;

    pub struct SaidAtTheUse;

    pub struct Unreachable;

    pub mod all {
        pub struct OfGlob; // lacks
    }
}

pub use inner::Original as Renamed;
pub use inner::ReExported;
pub use inner::all::*;
/// ```
/// fixture::SaidAtTheUse;
/// ```
pub use inner::SaidAtTheUse;

pub mod module {
    pub static VALUE: u8 = 1; // lacks
}
