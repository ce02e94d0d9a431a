//! From registers and a readable stack to code addresses.

use super::memory;
use super::modules::{Module, Modules};
use super::prologue;
use super::registers::{self, Registers};
use crate::threads::report::Cut;
use framehop::{
    CacheNative, Error, ExplicitModuleSectionInfo, FrameAddress, MayAllocateDuringUnwind,
    UnwindRegsNative, Unwinder, UnwinderNative,
};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

/// A code address on a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CodeAddress {
    pub(super) address: u64,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// The very instruction that is next.
    Instruction,
    /// The instruction after a call.
    Return,
    /// The kernel's code that ends a signal handler.
    SignalReturn,
}

impl CodeAddress {
    /// An address within the instruction that is meant: a call may be the last of its function.
    pub(super) fn lookup(self) -> u64 {
        match self.kind {
            Kind::Return => self.address.wrapping_sub(1),
            Kind::Instruction | Kind::SignalReturn => self.address,
        }
    }
}

/// The frames of one stack, innermost first.
#[derive(Debug)]
pub(super) struct Unwound {
    pub(super) frames: Vec<CodeAddress>,
    pub(super) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The thread's first function.
    Outermost,
    Cut(Cut),
    /// A register whose value is not known is needed to go on.
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

type Rules = CacheNative<MayAllocateDuringUnwind>;

#[derive(Default)]
pub(super) struct StackUnwinder {
    framehop: UnwinderNative<Section, MayAllocateDuringUnwind>,
    rules: Rules,
    /// By code address: how far above the stack pointer the function keeps its frame pointer.
    frame_pointers: HashMap<u64, Option<FramePointer>>,
    /// By return address and function: whether the one follows a call of the other.
    calls: HashMap<(u64, u64), bool>,
    signal_returns: HashMap<u64, bool>,
}

#[derive(Clone, Copy)]
struct FramePointer {
    offset: u64,
    function: u64,
}

impl StackUnwinder {
    /// Takes over the modules after they changed.
    pub(super) fn set_modules(&mut self, modules: &Modules) {
        *self = Self::default();
        for module in modules.all() {
            self.framehop.add_module(for_framehop(module));
        }
    }

    /// Forgets the rules of framehop, which keeps a wrong one for an address at which a read
    /// failed once.
    pub(super) fn forget_rules(&mut self) {
        self.rules = Rules::default();
    }

    /// Walks a stack from its registers. `read` gives the eight bytes at an address.
    pub(super) fn unwind(
        &mut self,
        modules: &Modules,
        start: Registers,
        most: usize,
        read: &mut dyn FnMut(u64) -> Result<u64, ()>,
    ) -> Unwound {
        let mask = u64::MAX >> self.framehop.max_known_code_address().leading_zeros();
        let mut native = registers::for_framehop(start, mask);
        let mut at = CodeAddress {
            address: start.pc,
            kind: Kind::Instruction,
        };
        let mut frames = Vec::new();
        let end = loop {
            if frames.len() == most {
                break End::Cut(Cut::Limit);
            }
            if at.kind == Kind::Return && self.is_signal_return(at.address) {
                let found = registers::from_signal_frame(native.sp(), &mut *read);
                frames.push(CodeAddress {
                    address: at.address,
                    kind: Kind::SignalReturn,
                });
                let Some(interrupted) = found else {
                    break End::Cut(Cut::Unreadable);
                };
                native = registers::for_framehop(interrupted, mask);
                at = CodeAddress {
                    address: interrupted.pc,
                    kind: Kind::Instruction,
                };
                continue;
            }
            frames.push(at);
            match self.step(modules, at, &mut native, read) {
                Ok(Some(address)) if registers::is_no_code(address) => break End::UnknownRegister,
                Ok(Some(address)) => {
                    at = CodeAddress {
                        address,
                        kind: Kind::Return,
                    }
                }
                Ok(None) => break End::Outermost,
                Err(Stop::UnknownRegister) => break End::UnknownRegister,
                Err(Stop::Unwinding(Error::CouldNotReadStack(_))) => {
                    self.forget_rules();
                    break End::Cut(Cut::Unreadable);
                }
                Err(Stop::Unwinding(_)) => break End::Cut(Cut::NoUnwindInfo),
            }
        };
        Unwound { frames, end }
    }

    /// One frame outwards; a frame pointer that turns out to be needed is worked out.
    fn step(
        &mut self,
        modules: &Modules,
        at: CodeAddress,
        native: &mut UnwindRegsNative,
        read: &mut dyn FnMut(u64) -> Result<u64, ()>,
    ) -> Result<Option<u64>, Stop> {
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
            self.forget_rules();
            let found = frame_pointer_of(modules, at);
            self.frame_pointers.insert(at.lookup(), found);
        }
        let known = self.frame_pointers.get(&at.lookup()).copied().flatten();
        let FramePointer { offset, function } = known.ok_or(Stop::UnknownRegister)?;
        let frame_pointer = native.sp().wrapping_add(offset);
        let return_address =
            read(frame_pointer.wrapping_add(8)).map_err(|()| Stop::UnknownRegister)?;
        if !self.follows_call(return_address, function) {
            return Err(Stop::UnknownRegister);
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

enum Stop {
    UnknownRegister,
    Unwinding(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Unwinding(error)
    }
}

fn frame_address(at: CodeAddress) -> Option<FrameAddress> {
    match at.kind {
        Kind::Return => FrameAddress::from_return_address(at.address),
        Kind::Instruction | Kind::SignalReturn => {
            Some(FrameAddress::from_instruction_pointer(at.address))
        }
    }
}

fn frame_pointer_of(modules: &Modules, at: CodeAddress) -> Option<FramePointer> {
    const PROLOGUE: u64 = 64;
    let function = modules.around(at.lookup())?.function_start(at.lookup())?;
    let length = at.lookup().checked_sub(function)?.min(PROLOGUE);
    let mut code = [0; PROLOGUE as usize];
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
