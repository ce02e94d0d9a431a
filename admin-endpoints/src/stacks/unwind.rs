//! Unwinds a stack, given registers and a way to read it, to code addresses.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use framehop::{
    CacheNative, Error, ExplicitModuleSectionInfo, FrameAddress, MayAllocateDuringUnwind,
    UnwindRegsNative, Unwinder, UnwinderNative,
};

use super::modules::{Module, Modules};
use super::prologue;
use super::registers::{self, Registers};
use crate::frames::Truncation;
use crate::memory;

/// A code address on a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CodeAddress {
    pub(crate) address: u64,
    pub(crate) kind: AddressKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AddressKind {
    /// The next instruction.
    Instruction,
    /// The instruction after a call.
    Return,
    /// The code that returns from a signal handler.
    SignalReturn,
}

impl CodeAddress {
    /// An address within the instruction itself: a call can be the last instruction of its function.
    pub(crate) fn lookup(self) -> u64 {
        match self.kind {
            AddressKind::Return => self.address.wrapping_sub(1),
            AddressKind::Instruction | AddressKind::SignalReturn => self.address,
        }
    }
}

/// The frames of one stack, innermost first.
#[derive(Debug)]
pub(crate) struct UnwoundStack {
    pub(crate) frames: Vec<CodeAddress>,
    pub(crate) end: StackEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StackEnd {
    /// The thread's first function.
    Outermost,
    Truncated(Truncation),
    /// The next frame depends on a register whose value is not known.
    UnknownRegister,
}

/// A section's bytes, shared between the module list and framehop.
#[derive(Clone, Default)]
struct Section(Arc<[u8]>);

impl Deref for Section {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

type UnwindRules = CacheNative<MayAllocateDuringUnwind>;

#[derive(Default)]
pub(crate) struct StackUnwinder {
    framehop: UnwinderNative<Section, MayAllocateDuringUnwind>,
    rules: UnwindRules,
    /// By code address: the function's frame pointer, relative to its stack pointer.
    frame_pointers: HashMap<u64, Option<FramePointer>>,
    /// By return address and function: whether the instruction before the address calls the function.
    calls: HashMap<(u64, u64), bool>,
    signal_returns: HashMap<u64, bool>,
}

#[derive(Clone, Copy)]
struct FramePointer {
    offset: u64,
    function: u64,
}

impl StackUnwinder {
    /// Replaces all modules.
    pub(crate) fn set_modules(&mut self, modules: &Modules) {
        *self = Self::default();
        for module in modules.all() {
            self.framehop.add_module(for_framehop(module));
        }
    }

    /// Clears framehop's cache, which keeps a wrong rule for an address where a read failed once.
    pub(crate) fn clear_rules(&mut self) {
        self.rules = UnwindRules::default();
    }

    /// Unwinds from `start`. `read` returns the eight bytes at an address.
    pub(crate) fn unwind(
        &mut self,
        modules: &Modules,
        start: Registers,
        max_frames: usize,
        read: &mut dyn FnMut(u64) -> Result<u64, ()>,
    ) -> UnwoundStack {
        let unused = self.framehop.max_known_code_address().leading_zeros();
        // Without modules there is no code whose addresses could be masked.
        let mask = u64::MAX.checked_shr(unused).unwrap_or(u64::MAX);
        let mut native = registers::for_framehop(start, mask);
        let mut at = CodeAddress {
            address: start.pc,
            kind: AddressKind::Instruction,
        };
        let mut frames = Vec::new();
        let end = loop {
            if frames.len() == max_frames {
                break StackEnd::Truncated(Truncation::FrameLimit);
            }
            if at.kind == AddressKind::Return && self.is_signal_return(at.address) {
                let found = registers::from_signal_frame(native.sp(), &mut *read);
                frames.push(CodeAddress {
                    address: at.address,
                    kind: AddressKind::SignalReturn,
                });
                let Some(interrupted) = found else {
                    break StackEnd::Truncated(Truncation::UnreadableMemory);
                };
                native = registers::for_framehop(interrupted, mask);
                at = CodeAddress {
                    address: interrupted.pc,
                    kind: AddressKind::Instruction,
                };
                continue;
            }
            frames.push(at);
            if modules.containing(at.lookup()).is_none() {
                // What the frame pointer leads to may be the caller of the caller.
                break StackEnd::Truncated(Truncation::NoUnwindInfo);
            }
            match self.step(modules, at, &mut native, read) {
                Ok(Some(address)) if registers::is_not_code(address) => {
                    break StackEnd::UnknownRegister;
                }
                Ok(Some(address)) => {
                    at = CodeAddress {
                        address,
                        kind: AddressKind::Return,
                    }
                }
                Ok(None) => break StackEnd::Outermost,
                Err(StepError::UnknownRegister) => break StackEnd::UnknownRegister,
                Err(StepError::Unwinding(Error::CouldNotReadStack(_))) => {
                    self.clear_rules();
                    break StackEnd::Truncated(Truncation::UnreadableMemory);
                }
                Err(StepError::Unwinding(_)) => {
                    break StackEnd::Truncated(Truncation::NoUnwindInfo);
                }
            }
        };
        UnwoundStack { frames, end }
    }

    /// Unwinds one frame. If the frame pointer is needed and unknown, derives it from the prologue.
    fn step(
        &mut self,
        modules: &Modules,
        at: CodeAddress,
        native: &mut UnwindRegsNative,
        read: &mut dyn FnMut(u64) -> Result<u64, ()>,
    ) -> Result<Option<u64>, StepError> {
        let Some(address) = frame_address(at) else {
            return Ok(None);
        };
        if !registers::is_unknown(registers::frame_pointer(native)) {
            return Ok(self.framehop.unwind_frame(
                address,
                native,
                &mut self.rules,
                &mut |word| read(word),
            )?);
        }
        if !self.frame_pointers.contains_key(&at.lookup()) {
            let before = *native;
            let mut reads_of_unknown = 0;
            let mut watched = |address| {
                reads_of_unknown += u32::from(registers::is_unknown(address));
                read(address)
            };
            let result = self
                .framehop
                .unwind_frame(address, native, &mut self.rules, &mut watched);
            if reads_of_unknown == 0 {
                return Ok(result?);
            }
            *native = before;
            self.clear_rules();
            let found = derive_frame_pointer(modules, at);
            self.frame_pointers.insert(at.lookup(), found);
        }
        let known = self.frame_pointers.get(&at.lookup()).copied().flatten();
        let FramePointer { offset, function } = known.ok_or(StepError::UnknownRegister)?;
        let frame_pointer = native.sp().wrapping_add(offset);
        let return_address =
            read(frame_pointer.wrapping_add(8)).map_err(|()| StepError::UnknownRegister)?;
        if !self.follows_call(return_address, function) {
            return Err(StepError::UnknownRegister);
        }
        registers::set_frame_pointer(native, frame_pointer);
        Ok(self
            .framehop
            .unwind_frame(address, native, &mut self.rules, &mut |word| read(word))?)
    }

    fn follows_call(&mut self, return_address: u64, function: u64) -> bool {
        *self
            .calls
            .entry((return_address, function))
            .or_insert_with(|| {
                memory::read_array(return_address.wrapping_sub(8))
                    .is_some_and(|before| prologue::follows_call(before, return_address, function))
            })
    }

    fn is_signal_return(&mut self, address: u64) -> bool {
        *self.signal_returns.entry(address).or_insert_with(|| {
            memory::read_array(address).is_some_and(|code| code == registers::SIGNAL_RETURN)
        })
    }
}

enum StepError {
    UnknownRegister,
    Unwinding(Error),
}

impl From<Error> for StepError {
    fn from(error: Error) -> Self {
        Self::Unwinding(error)
    }
}

fn frame_address(at: CodeAddress) -> Option<FrameAddress> {
    match at.kind {
        AddressKind::Return => FrameAddress::from_return_address(at.address),
        AddressKind::Instruction | AddressKind::SignalReturn => {
            Some(FrameAddress::from_instruction_pointer(at.address))
        }
    }
}

fn derive_frame_pointer(modules: &Modules, at: CodeAddress) -> Option<FramePointer> {
    const MAX_PROLOGUE_BYTES: u64 = 64;
    let function = modules
        .containing(at.lookup())?
        .function_start(at.lookup())?;
    let length = at.lookup().checked_sub(function)?.min(MAX_PROLOGUE_BYTES);
    let mut code = [0; MAX_PROLOGUE_BYTES as usize];
    let code = &mut code[..length as usize];
    if memory::read(function, code) != code.len() {
        return None;
    }
    let offset = prologue::frame_pointer_offset(code)?;
    Some(FramePointer { offset, function })
}

fn for_framehop(module: &Module) -> framehop::Module<Section> {
    let range = |address: u64, bytes: &Arc<[u8]>| address..address + bytes.len() as u64;
    let tables = module.unwind.as_ref();
    let sections = ExplicitModuleSectionInfo {
        base_svma: 0,
        eh_frame_hdr_svma: tables.map(|t| range(t.eh_frame_hdr_address, &t.eh_frame_hdr)),
        eh_frame_hdr: tables.map(|t| Section(Arc::clone(&t.eh_frame_hdr))),
        eh_frame_svma: tables.map(|t| range(t.eh_frame_address, &t.eh_frame)),
        eh_frame: tables.map(|t| Section(Arc::clone(&t.eh_frame))),
        ..Default::default()
    };
    let range = module.file.start..module.file.end;
    framehop::Module::new(module.file.path.clone(), range, module.bias, sections)
}
