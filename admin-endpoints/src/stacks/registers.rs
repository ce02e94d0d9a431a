//! Registers of each architecture: in a signal's context and for framehop.

use std::mem::offset_of;

/// The registers that unwinding starts from. `None` is an unknown value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Registers {
    pub(crate) pc: u64,
    pub(crate) sp: u64,
    pub(crate) fp: Option<u64>,
    pub(crate) lr: Option<u64>,
}

/// The value of an unknown register. It is above every stack, so that a read relative
/// to it is recognised, and framehop does not report a stack that grows backwards.
const UNKNOWN_REGISTER: u64 = 0x6b1d_0000_0000_0000;

/// The value of an unknown link register: no code is in the null page, and the value is not changed by
/// the mask for authenticated pointers.
#[cfg(target_arch = "aarch64")]
const UNKNOWN_LINK_REGISTER: u64 = 0x1000;

/// Whether a return address cannot be code: a placeholder, or in the null page.
pub(super) fn is_not_code(address: u64) -> bool {
    address < 0x1_0000 || is_unknown(address)
}

/// Whether `value` was computed from [`UNKNOWN_REGISTER`].
pub(super) fn is_unknown(value: u64) -> bool {
    value.abs_diff(UNKNOWN_REGISTER) < 1 << 32
}

#[cfg(target_arch = "x86_64")]
mod arch {
    use super::*;
    use framehop::UnwindRegsNative;

    /// Bytes below the stack pointer that a leaf function may use.
    pub(crate) const RED_ZONE_BYTES: u64 = 128;

    /// The code that returns from a signal: `mov $15, %rax; syscall`.
    pub(crate) const SIGNAL_RETURN: [u8; 9] =
        [0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05];

    const GREGS: u64 =
        (offset_of!(libc::ucontext_t, uc_mcontext) + offset_of!(libc::mcontext_t, gregs)) as u64;

    pub(crate) fn from_context(context: &libc::ucontext_t) -> [u64; 4] {
        let register = |index: i32| context.uc_mcontext.gregs[index as usize] as u64;
        [
            register(libc::REG_RIP),
            register(libc::REG_RSP),
            register(libc::REG_RBP),
            0,
        ]
    }

    pub(crate) fn from_saved([pc, sp, fp, _]: [u64; 4]) -> Registers {
        Registers {
            pc,
            sp,
            fp: Some(fp),
            lr: None,
        }
    }

    /// The interrupted registers, when `sp` is the stack pointer inside [`SIGNAL_RETURN`].
    pub(crate) fn from_signal_frame(
        sp: u64,
        mut read: impl FnMut(u64) -> Result<u64, ()>,
    ) -> Option<Registers> {
        let mut register = |index: i32| read(sp + GREGS + 8 * index as u64).ok();
        Some(Registers {
            pc: register(libc::REG_RIP)?,
            sp: register(libc::REG_RSP)?,
            fp: Some(register(libc::REG_RBP)?),
            lr: None,
        })
    }

    pub(crate) fn for_framehop(registers: Registers, _mask: u64) -> UnwindRegsNative {
        UnwindRegsNative::new(
            registers.pc,
            registers.sp,
            registers.fp.unwrap_or(UNKNOWN_REGISTER),
        )
    }

    pub(crate) fn frame_pointer(registers: &UnwindRegsNative) -> u64 {
        registers.bp()
    }

    pub(crate) fn set_frame_pointer(registers: &mut UnwindRegsNative, fp: u64) {
        registers.set_bp(fp);
    }
}

#[cfg(target_arch = "aarch64")]
mod arch {
    use super::*;
    use framehop::UnwindRegsNative;
    use framehop::aarch64::PtrAuthMask;

    pub(crate) const RED_ZONE_BYTES: u64 = 0;

    /// The code that returns from a signal, in the vdso: `mov x8, #139; svc #0`.
    pub(crate) const SIGNAL_RETURN: [u8; 8] = [0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4];

    const FRAME_POINTER: usize = 29;
    const LINK_REGISTER: usize = 30;

    /// The kernel's signal frame is a siginfo and then the context.
    const CONTEXT: u64 =
        size_of::<libc::siginfo_t>() as u64 + offset_of!(libc::ucontext_t, uc_mcontext) as u64;

    pub(crate) fn from_context(context: &libc::ucontext_t) -> [u64; 4] {
        let machine = &context.uc_mcontext;
        [
            machine.pc,
            machine.sp,
            machine.regs[FRAME_POINTER],
            machine.regs[LINK_REGISTER],
        ]
    }

    pub(crate) fn from_saved([pc, sp, fp, lr]: [u64; 4]) -> Registers {
        Registers {
            pc,
            sp,
            fp: Some(fp),
            lr: Some(lr),
        }
    }

    pub(crate) fn from_signal_frame(
        sp: u64,
        mut read: impl FnMut(u64) -> Result<u64, ()>,
    ) -> Option<Registers> {
        let mut at = |offset: usize| read(sp + CONTEXT + offset as u64).ok();
        let regs = offset_of!(libc::mcontext_t, regs);
        Some(Registers {
            pc: at(offset_of!(libc::mcontext_t, pc))?,
            sp: at(offset_of!(libc::mcontext_t, sp))?,
            fp: Some(at(regs + 8 * FRAME_POINTER)?),
            lr: Some(at(regs + 8 * LINK_REGISTER)?),
        })
    }

    pub(crate) fn for_framehop(registers: Registers, mask: u64) -> UnwindRegsNative {
        let (sp, fp) = (registers.sp, registers.fp.unwrap_or(UNKNOWN_REGISTER));
        let mask = PtrAuthMask(mask);
        let mut native =
            UnwindRegsNative::new_with_ptr_auth_mask(mask, UNKNOWN_LINK_REGISTER, sp, fp);
        if let Some(lr) = registers.lr {
            native.set_lr(lr);
        }
        native
    }

    pub(crate) fn frame_pointer(registers: &UnwindRegsNative) -> u64 {
        registers.fp()
    }

    pub(crate) fn set_frame_pointer(registers: &mut UnwindRegsNative, fp: u64) {
        registers.set_fp(fp);
    }
}

pub(crate) use arch::*;
