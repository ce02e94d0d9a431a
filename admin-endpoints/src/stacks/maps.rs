//! The files whose code is mapped into this process, from `/proc/self/maps`.
//!
//! The crate `procfs` is not used here: it parses every line, and most lines of a process with
//! many threads are stacks.

/// One file with an executable mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MappedFile {
    /// The address that its first byte is mapped at.
    pub(crate) start: u64,
    /// The end of its last executable mapping.
    pub(crate) end: u64,
    /// The start of its first executable mapping.
    #[cfg(feature = "profile")]
    pub(crate) code_start: u64,
    /// Where in the file that mapping begins.
    #[cfg(feature = "profile")]
    pub(crate) code_offset: u64,
    /// Major and minor number of the device, to compare with the file on disk.
    pub(crate) device: (u32, u32),
    pub(crate) inode: u64,
    pub(crate) path: String,
}

impl MappedFile {
    /// The last component of the path.
    pub(crate) fn name(&self) -> &str {
        let path = self.path.trim_end_matches(" (deleted)");
        path.rsplit('/').next().unwrap_or(path)
    }
}

struct MapsLine<'a> {
    start: u64,
    end: u64,
    executable: bool,
    offset: u64,
    device: (u32, u32),
    inode: u64,
    path: &'a str,
}

impl<'a> MapsLine<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        // The path is the rest of the line: it may contain spaces.
        let mut fields = line.splitn(6, ' ');
        let hex = |text: &str| u64::from_str_radix(text, 16).ok();
        let (start, end) = fields.next()?.split_once('-')?;
        let permissions = fields.next()?;
        let offset = hex(fields.next()?)?;
        let (major, minor) = fields.next()?.split_once(':')?;
        Some(Self {
            start: hex(start)?,
            end: hex(end)?,
            executable: permissions.as_bytes().get(2) == Some(&b'x'),
            offset,
            device: (
                u32::from_str_radix(major, 16).ok()?,
                u32::from_str_radix(minor, 16).ok()?,
            ),
            inode: fields.next()?.parse().ok()?,
            path: fields.next()?.trim_start(),
        })
    }
}

/// Parses all of `/proc/self/maps`. The vdso counts as a file.
pub(super) fn mapped_files(maps: &str) -> Vec<MappedFile> {
    let mut files: Vec<MappedFile> = Vec::new();
    let mut first: Option<(u64, (u32, u32), u64)> = None;
    for line in maps
        .lines()
        .filter(|line| line.ends_with("[vdso]") || line.contains('/'))
    {
        let Some(line) = MapsLine::parse(line) else {
            continue;
        };
        if line.path != "[vdso]" && line.inode == 0 {
            continue;
        }
        if line.offset == 0 {
            first = Some((line.start, line.device, line.inode));
        }
        if !line.executable {
            continue;
        }
        let start = match first {
            Some((start, device, inode)) if (device, inode) == (line.device, line.inode) => start,
            _ => line.start.wrapping_sub(line.offset),
        };
        match files.last_mut() {
            Some(last) if last.start == start => last.end = line.end,
            _ => files.push(MappedFile {
                start,
                end: line.end,
                #[cfg(feature = "profile")]
                code_start: line.start,
                #[cfg(feature = "profile")]
                code_offset: line.offset,
                device: line.device,
                inode: line.inode,
                path: line.path.to_owned(),
            }),
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPS: &str = "\
55d0c000-55d0d000 r--p 00000000 fe:01 1234   /opt/my app/server
55d0d000-55d10000 r-xp 00001000 fe:01 1234   /opt/my app/server
55d10000-55d11000 rw-p 00004000 fe:01 1234   /opt/my app/server
7f000000-7f001000 ---p 00000000 00:00 0 
7f001000-7f201000 rw-p 00000000 00:00 0 
7f300000-7f320000 r--p 00000000 fe:01 77     /lib/libc.so.6
7f320000-7f400000 r-xp 00020000 fe:01 77     /lib/libc.so.6 (deleted)
7f500000-7f501000 rwxp 00000000 00:00 0 
7ffd1000-7ffd3000 r-xp 00000000 00:00 0      [vdso]
";

    #[test]
    fn finds_files_with_code() {
        let files = mapped_files(MAPS);
        let seen: Vec<_> = files
            .iter()
            .map(|file| (file.start, file.end, file.path.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (0x55d0_c000, 0x55d1_0000, "/opt/my app/server"),
                (0x7f30_0000, 0x7f40_0000, "/lib/libc.so.6 (deleted)"),
                (0x7ffd_1000, 0x7ffd_3000, "[vdso]"),
            ]
        );
        assert_eq!(files[0].device, (0xfe, 1));
        #[cfg(feature = "profile")]
        assert_eq!(
            (files[1].code_start, files[1].code_offset),
            (0x7f32_0000, 0x2_0000)
        );
    }

    #[test]
    fn skips_malformed_lines() {
        assert_eq!(mapped_files("/ / / / / /\nzz-1 r-xp 0 0:0 1 /x\n\n/"), []);
    }
}
