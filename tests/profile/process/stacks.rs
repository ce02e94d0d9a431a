//! Stacks that continue elsewhere, and code without unwind information.

use std::thread::Builder;

use admin_tests::{Case, cases};

use super::{assert_alive, burn_in_known_function, lines, notes, started};

pub(crate) fn cases() -> Vec<Case> {
    cases![alternate_stack, generated_code, forbidden_memory_reads]
}

fn mapped(length: usize, protection: libc::c_int) -> *mut libc::c_void {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping at an address that the kernel chooses.
    let memory = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags, -1, 0) };
    assert_ne!(memory, libc::MAP_FAILED);
    memory
}

fn alternate_stack() {
    extern "C" fn burn(_signal: libc::c_int) {
        burn_in_known_function();
    }

    let body = || {
        const BYTES: usize = 128 * 1024;
        let stack = libc::stack_t {
            ss_sp: mapped(BYTES, libc::PROT_READ | libc::PROT_WRITE),
            ss_flags: 0,
            ss_size: BYTES,
        };
        // SAFETY: the stack is mapped for as long as the process lives, all-zero bytes are a valid
        // sigaction, and the handler is async-signal-safe.
        unsafe {
            libc::sigaltstack(&stack, std::ptr::null_mut());
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = burn as *const () as libc::sighandler_t;
            action.sa_flags = libc::SA_ONSTACK;
            libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut());
            libc::raise(libc::SIGUSR1);
        }
    };
    Builder::new().name("busy".to_owned()).spawn(body).unwrap();
    let server = started();
    let found = notes(server.local_addr(), "&name=busy");
    assert!(found.contains("continue on another stack"), "{found}");
    assert!(!found.contains("larger than the copy"), "{found}");
}

/// What called code that nothing is known of is not guessed.
fn generated_code() {
    #[inline(never)]
    fn call(code: extern "C" fn(u64)) {
        loop {
            code(std::hint::black_box(10_000_000));
        }
    }

    let body = || {
        /// `dec rdi; jnz -5; ret`, or `subs x0, x0, #1; b.ne -4; ret`.
        #[cfg(target_arch = "x86_64")]
        const CODE: &[u8] = &[0x48, 0xff, 0xcf, 0x75, 0xfb, 0xc3];
        #[cfg(target_arch = "aarch64")]
        const CODE: &[u8] = &[0, 4, 0, 0xf1, 0xe1, 0xff, 0xff, 0x54, 0xc0, 3, 0x5f, 0xd6];
        let access = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
        let memory = mapped(4096, access);
        // SAFETY: the memory is larger than the code, and the code is a function of this type.
        let code = unsafe {
            std::ptr::copy_nonoverlapping(CODE.as_ptr(), memory.cast(), CODE.len());
            std::mem::transmute::<*mut libc::c_void, extern "C" fn(u64)>(memory)
        };
        call(code);
    };
    Builder::new().name("busy".to_owned()).spawn(body).unwrap();
    let server = started();
    let at = server.local_addr();
    let target = "/debug/pprof/profile?seconds=1&name=busy&format=collapsed";
    let found = lines(at, target);
    let (stack, _) = found.iter().max_by_key(|(_, count)| *count).unwrap();
    assert!(stack.starts_with("busy;0x"), "{found:?}");
    assert_eq!(stack.split(';').count(), 2, "{found:?}");
    let found = notes(at, "&name=busy");
    assert!(found.contains("code without unwind information"), "{found}");
}

/// From now on, in all threads, as some container runtimes and service managers do it.
fn forbid_process_vm_readv() {
    let statement = |code: u32, k: u32| libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    };
    let number_is = |number: libc::c_long| libc::sock_filter {
        jt: 0,
        jf: 1,
        ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, number as u32)
    };
    let mut filter = [
        // The number of the system call is the first field.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        number_is(libc::SYS_process_vm_readv),
        statement(
            libc::BPF_RET | libc::BPF_K,
            libc::SECCOMP_RET_ERRNO | libc::EPERM as u32,
        ),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the kernel copies the program, which outlives the calls.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let set = libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            libc::SECCOMP_FILTER_FLAG_TSYNC,
            &raw const program,
        );
        assert_eq!(set, 0);
    }
}

fn forbidden_memory_reads() {
    let sleeping = || std::thread::sleep(std::time::Duration::from_secs(300));
    Builder::new()
        .name("sleeping".to_owned())
        .spawn(sleeping)
        .unwrap();
    let server = started();
    let at = server.local_addr();
    forbid_process_vm_readv();
    for _ in 0..4 {
        let found = lines(at, "/debug/fgprof?seconds=1&name=sleeping&format=collapsed");
        assert!(found[0].0.contains("forbidden_memory_reads"), "{found:?}");
        assert_alive(at);
    }
    let descriptors = std::fs::read_dir("/proc/self/fd").unwrap();
    let links = descriptors.filter_map(|descriptor| descriptor.unwrap().path().read_link().ok());
    let of_memory = links.filter(|link| link.ends_with("mem"));
    assert_eq!(of_memory.count(), 1);
}
