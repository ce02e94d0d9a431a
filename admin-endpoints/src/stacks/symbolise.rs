//! Turns code addresses of one module into frames.

use std::io;
use std::sync::Arc;

use super::dwarf::{IncompleteLookup, SourceFrames};
use super::modules::Module;
use super::symbol_file::SymbolFile;
use super::unwind::{AddressKind, CodeAddress};
use crate::frames::{Frame, SIGNAL_FRAME_NAME};
use crate::source_path::shortened;

/// The frames at one address: inlined functions first, the function itself last.
pub(crate) type SymbolisedFrames = Arc<[Arc<Frame>]>;

/// The frames of some addresses of one module.
pub(crate) struct ModuleSymbols {
    /// In the order of the addresses.
    pub(crate) frames: Vec<SymbolisedFrames>,
    /// Why some functions have no lines.
    pub(crate) outcome: Result<(), IncompleteLookup>,
}

/// Looks up addresses, which must be in ascending order of [`CodeAddress::lookup`]. Directories in
/// `build_roots` are removed from source paths. `may_continue` is asked before each unit of debug
/// information, with the memory that the unit needs.
///
/// # Errors
///
/// When the module's file cannot be read. [`io::ErrorKind::NotFound`] is code without a file, such
/// as the vdso.
pub(crate) fn symbolise(
    module: &Arc<Module>,
    addresses: &[CodeAddress],
    build_roots: &[String],
    may_continue: impl FnMut(u64) -> Result<(), IncompleteLookup>,
) -> io::Result<ModuleSymbols> {
    let offsets: Vec<u64> = addresses
        .iter()
        .map(|address| address.lookup().wrapping_sub(module.bias))
        .collect();
    let file = SymbolFile::open(module)?;
    let names = file.function_names(&offsets);
    let (sources, outcome) = match file.debug_info() {
        Some(debug_info) => debug_info.find_frames(&offsets, may_continue),
        None => (vec![SourceFrames::new(); offsets.len()], Ok(())),
    };
    let frames = addresses
        .iter()
        .zip(names)
        .zip(sources)
        .map(|((address, name), source)| build_frames(*address, module, name, source, build_roots))
        .collect();
    Ok(ModuleSymbols { frames, outcome })
}

/// A frame with what is known without symbols.
pub(crate) fn unsymbolised(address: CodeAddress, module: Option<&Arc<Module>>) -> Frame {
    Frame {
        module: module.map(|module| module.name().into()),
        offset: address
            .lookup()
            .wrapping_sub(module.map_or(0, |module| module.bias)),
        build_id: module.and_then(|module| module.build_id.clone()),
        ..Frame::default()
    }
}

fn build_frames(
    address: CodeAddress,
    module: &Arc<Module>,
    symbol: Option<&str>,
    source: SourceFrames,
    build_roots: &[String],
) -> SymbolisedFrames {
    let unsymbolised = unsymbolised(address, Some(module));
    if address.kind == AddressKind::SignalReturn {
        return Arc::new([Arc::new(Frame {
            function: Some(SIGNAL_FRAME_NAME.to_owned()),
            build_id: None,
            ..unsymbolised
        })]);
    }
    let mut frames: Vec<Frame> = source
        .into_iter()
        .map(|source| Frame {
            function: source
                .function
                .map(|name| demangled(without_type_arguments(&name))),
            file: source
                .file
                .map(|file| shortened(&file, build_roots).to_owned()),
            line: source.line,
            inlined: true,
            ..unsymbolised.clone()
        })
        .collect();
    if frames.is_empty() {
        frames.push(unsymbolised);
    }
    // Line tables have only the last part of the function's name; the symbol has the path.
    if let Some(outermost) = frames.last_mut() {
        outermost.inlined = false;
        if let Some(symbol) = symbol {
            outermost.function = Some(demangled(symbol));
        }
    }
    for frame in &mut frames {
        if frame.function.is_some() {
            frame.build_id = None;
        }
    }
    frames.into_iter().map(Arc::new).collect()
}

/// Debug information spells out the type arguments of an inlined function, at any length.
fn without_type_arguments(name: &str) -> &str {
    match name.find('<') {
        Some(at) if at > 0 && name.ends_with('>') => &name[..at],
        _ => name,
    }
}

fn demangled(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_type_arguments_of_inlined_functions() {
        assert_eq!(
            without_type_arguments("with_mut<a::B<c::D>, ()>"),
            "with_mut"
        );
        assert_eq!(without_type_arguments("{closure#0}<T>"), "{closure#0}");
        assert_eq!(without_type_arguments("<T as U>::f<V>"), "<T as U>::f<V>");
        assert_eq!(
            without_type_arguments("_ZN3std6thread5sleep17h0123456789abcdefE"),
            "_ZN3std6thread5sleep17h0123456789abcdefE"
        );
    }
}
