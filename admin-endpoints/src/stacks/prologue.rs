//! Derives a function's frame pointer from its first instructions.
//!
//! The stack pointer and the program counter of a blocked thread are known without stopping it; its
//! frame pointer is not. A function that is unwound by its frame pointer sets it in its prologue,
//! at a fixed distance from the stack pointer.

/// The distance of the frame pointer from the stack pointer after the prologue in `code`.
///
/// Recognises `push %rbp; mov %rsp,%rbp`, then pushes, moves between registers and one
/// `sub $N,%rsp`. `None` if the stack pointer may be changed in another way.
#[cfg(any(target_arch = "x86_64", test))]
pub(super) fn frame_pointer_offset_x86_64(code: &[u8]) -> Option<u64> {
    let code = code.strip_prefix(&[0xf3, 0x0f, 0x1e, 0xfa]).unwrap_or(code); // endbr64
    let mut code = code.strip_prefix(&[0x55])?; // push %rbp
    code = code
        .strip_prefix(&[0x48, 0x89, 0xe5]) // mov %rsp,%rbp
        .or_else(|| code.strip_prefix(&[0x48, 0x8b, 0xec]))?;
    let mut offset = 0;
    loop {
        code = match *code {
            [0x50..=0x57, ref rest @ ..] | [0x41, 0x50..=0x57, ref rest @ ..] => {
                offset += 8; // push
                rest
            }
            [0x48, 0x83, 0xec, bytes, ..] => return Some(offset + u64::from(bytes)), // sub $8,%rsp
            [0x48, 0x81, 0xec, a, b, c, d, ..] => {
                return Some(offset + u64::from(u32::from_le_bytes([a, b, c, d])));
            }
            [0x48, 0x83 | 0x81, 0xe4, ..] => return None, // and $-N,%rsp realigns
            _ => return Some(offset),
        };
    }
}

/// As for x86-64: `stp x29, x30, [sp, #-N]!; mov x29, sp`, or `sub sp, sp, #N` with
/// `stp x29, x30, [sp, #k]` and `add x29, sp, #k`; then further `sub sp, sp, #M`.
#[cfg(any(target_arch = "aarch64", test))]
pub(super) fn frame_pointer_offset_aarch64(code: &[u8]) -> Option<u64> {
    let mut offset: Option<u64> = None;
    for word in code.chunks_exact(4).take(16) {
        let instruction = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        let immediate = u64::from(instruction >> 10 & 0xfff) << (12 * (instruction >> 22 & 1));
        let is_add_sub = |opcode: u32| instruction & 0xff80_03ff == opcode;
        if is_add_sub(0x9100_03fd) {
            offset = Some(immediate); // add x29, sp, #k, of which mov x29, sp is k = 0
        } else if is_add_sub(0xd100_03ff) {
            offset = offset.map(|offset| offset + immediate); // sub sp, sp, #M
        } else if is_branch(instruction) {
            break;
        }
    }
    offset
}

#[cfg(any(target_arch = "aarch64", test))]
fn is_branch(instruction: u32) -> bool {
    matches!(instruction >> 26, 0b000101 | 0b100101) // b, bl
        || instruction >> 24 == 0x54 // b.cond
        || matches!(instruction >> 25 & 0x3f, 0b011010 | 0b011011) // cbz, tbz
        || instruction >> 25 == 0b1101011 // br, blr, ret
}

/// Whether the instruction before `return_address` calls `function`, or calls indirectly.
///
/// `before` are the bytes up to the return address.
#[cfg(any(target_arch = "x86_64", test))]
pub(super) fn follows_call_x86_64(before: [u8; 8], return_address: u64, function: u64) -> bool {
    if before[3] == 0xe8 {
        let relative = i32::from_le_bytes([before[4], before[5], before[6], before[7]]);
        if return_address.wrapping_add_signed(i64::from(relative)) == function {
            return true;
        }
    }
    (2..=7).any(|length| is_indirect_call(&before[8 - length..]))
}

/// Whether `code` is exactly one `call *operand` (opcode FF /2), with or without a REX prefix.
#[cfg(any(target_arch = "x86_64", test))]
fn is_indirect_call(code: &[u8]) -> bool {
    let code = match *code {
        [0x40..=0x4f, ref rest @ ..] => rest,
        _ => code,
    };
    let [0xff, operand, rest @ ..] = code else {
        return false;
    };
    let (mode, register, base) = (operand >> 6, operand >> 3 & 7, operand & 7);
    let displacement = match (mode, base) {
        (0, 5) | (2, _) => 4,
        (1, _) => 1,
        (0, 4) if rest.first().is_some_and(|index| index & 7 == 5) => 4,
        _ => 0,
    };
    let index = usize::from(mode != 3 && base == 4);
    register == 2 && rest.len() == index + displacement
}

/// As for x86-64: `bl function` or `blr register`.
#[cfg(any(target_arch = "aarch64", test))]
pub(super) fn follows_call_aarch64(before: [u8; 8], return_address: u64, function: u64) -> bool {
    let call = u32::from_le_bytes([before[4], before[5], before[6], before[7]]);
    if call >> 26 == 0b100101 {
        let words = i64::from((call << 6) as i32 >> 6);
        return return_address
            .wrapping_sub(4)
            .wrapping_add_signed(4 * words)
            == function;
    }
    call & 0xffff_fc1f == 0xd63f_0000
}

#[cfg(target_arch = "aarch64")]
pub(super) use self::{
    follows_call_aarch64 as follows_call, frame_pointer_offset_aarch64 as frame_pointer_offset,
};
#[cfg(target_arch = "x86_64")]
pub(super) use self::{
    follows_call_x86_64 as follows_call, frame_pointer_offset_x86_64 as frame_pointer_offset,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_pushes_and_the_frame_size() {
        // push rbp; mov rbp,rsp; push r15; push r14; push rbx; sub rsp,0x18; mov ...
        let code = [
            0x55, 0x48, 0x89, 0xe5, 0x41, 0x57, 0x41, 0x56, 0x53, 0x48, 0x83, 0xec, 0x18, 0x48,
        ];
        assert_eq!(frame_pointer_offset_x86_64(&code), Some(3 * 8 + 0x18));
        let large = [
            0x55, 0x48, 0x89, 0xe5, 0x48, 0x81, 0xec, 0x00, 0x10, 0x00, 0x00,
        ];
        assert_eq!(frame_pointer_offset_x86_64(&large), Some(0x1000));
        let none = [0x55, 0x48, 0x89, 0xe5, 0x89, 0xf8];
        assert_eq!(frame_pointer_offset_x86_64(&none), Some(0));
    }

    #[test]
    fn rejects_prologues_without_a_frame_pointer() {
        assert_eq!(
            frame_pointer_offset_x86_64(&[0x53, 0x48, 0x83, 0xec, 0x10]),
            None
        );
        let realigned = [0x55, 0x48, 0x89, 0xe5, 0x53, 0x48, 0x83, 0xe4, 0xe0];
        assert_eq!(frame_pointer_offset_x86_64(&realigned), None);
    }

    #[test]
    fn recognises_both_aarch64_prologues() {
        let words = |words: &[u32]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_le_bytes()).collect()
        };
        // stp x29,x30,[sp,#-32]!; mov x29,sp; sub sp,sp,#16; bl .
        let pre_indexed = words(&[0xa9be_7bfd, 0x9100_03fd, 0xd100_43ff, 0x9400_0000]);
        assert_eq!(frame_pointer_offset_aarch64(&pre_indexed), Some(16));
        // sub sp,sp,#64; stp x29,x30,[sp,#48]; add x29,sp,#48
        let allocated = words(&[0xd101_03ff, 0xa903_7bfd, 0x9100_c3fd]);
        assert_eq!(frame_pointer_offset_aarch64(&allocated), Some(48));
        // A branch ends the prologue.
        assert_eq!(
            frame_pointer_offset_aarch64(&words(&[0x9400_0000, 0x9100_03fd])),
            None
        );
    }

    #[test]
    fn recognises_direct_and_indirect_calls() {
        let mut direct = [0, 0, 0, 0xe8, 0, 0, 0, 0];
        direct[4..].copy_from_slice(&(-0x20_i32).to_le_bytes());
        assert!(follows_call_x86_64(direct, 0x1020, 0x1000));
        assert!(!follows_call_x86_64(direct, 0x1020, 0x1001));
        for call in [
            &[0xff, 0xd0][..],               // call *%rax
            &[0x41, 0xff, 0xd7],             // call *%r15
            &[0xff, 0x15, 1, 2, 3, 4],       // call *x(%rip)
            &[0xff, 0x53, 0x18],             // call *0x18(%rbx)
            &[0x41, 0xff, 0x54, 0x24, 0x18], // call *0x18(%r12)
            &[0xff, 0x14, 0x25, 1, 2, 3, 4], // call *absolute
        ] {
            let mut before = [0x90; 8];
            before[8 - call.len()..].copy_from_slice(call);
            assert!(follows_call_x86_64(before, 0, 1), "{call:x?}");
        }
        assert!(!follows_call_x86_64([0x90; 8], 0, 1));
        assert!(!follows_call_x86_64(
            [0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xe0],
            0,
            1
        ));
        let bl = |word: u32| {
            let mut before = [0; 8];
            before[4..].copy_from_slice(&word.to_le_bytes());
            before
        };
        assert!(follows_call_aarch64(bl(0x97ff_fffc), 0x1014, 0x1000)); // bl -16
        assert!(!follows_call_aarch64(bl(0x97ff_fffc), 0x1018, 0x1000));
        assert!(follows_call_aarch64(bl(0xd63f_0260), 0, 1)); // blr x19
    }
}
