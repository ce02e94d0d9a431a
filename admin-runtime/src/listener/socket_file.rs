//! The file of a Unix socket: bound without a race, removed by who created it.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, Type};

/// Connections that wait in the kernel to be accepted.
const BACKLOG: i32 = 1024;

/// How often another server may hold the lock of the folder, and for how long each time.
const LOCK_ATTEMPTS: u32 = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// The file of a socket of this server, which is removed with this, unless it is another one by then.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    identity: FileIdentity,
}

/// Device and inode.
#[derive(Debug, PartialEq, Eq)]
struct FileIdentity(u64, u64);

impl FileIdentity {
    fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::symlink_metadata(path)?;
        Ok(Self(metadata.dev(), metadata.ino()))
    }
}

/// What cannot be bound.
pub(super) enum SocketFileError {
    /// A server answers there.
    Served,
    /// Something else is there.
    NotASocket,
    Io(io::Error),
}

impl From<io::Error> for SocketFileError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl SocketFile {
    /// Binds and listens. A file without a server is replaced.
    pub(super) fn bind(path: &Path, mode: u32) -> Result<(UnixListener, Self), SocketFileError> {
        let _lock = FolderLock::new(path);
        make_room(path)?;
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.bind(&SockAddr::unix(path)?)?;
        // Nobody can connect before `listen`, so that the mode is never wider than it is to be.
        let listening = fs::set_permissions(path, Permissions::from_mode(mode))
            .and_then(|()| socket.listen(BACKLOG))
            .and_then(|()| socket.set_nonblocking(true))
            .and_then(|()| {
                Ok(Self {
                    // As the process may change its folder.
                    path: std::path::absolute(path)?,
                    identity: FileIdentity::of(path)?,
                })
            });
        match listening {
            Ok(file) => Ok((socket.into(), file)),
            Err(error) => {
                let _ = fs::remove_file(path);
                Err(error.into())
            }
        }
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _lock = FolderLock::new(&self.path);
        if FileIdentity::of(&self.path).is_ok_and(|identity| identity == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes a socket that nobody serves.
fn make_room(path: &Path) -> Result<(), SocketFileError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if !metadata.file_type().is_socket() {
        return Err(SocketFileError::NotASocket);
    }
    let probe = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    // A server whose queue is full must not block this one.
    probe.set_nonblocking(true)?;
    match probe.connect(&SockAddr::unix(path)?) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(fs::remove_file(path)?),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Err(error.into()),
        Ok(()) | Err(_) => Err(SocketFileError::Served),
    }
}

/// Keeps two servers that start at once from replacing each other's socket. Without it, such as in a
/// folder that cannot be opened, everything else still holds.
struct FolderLock(#[expect(dead_code, reason = "closing it ends the lock")] Option<File>);

impl FolderLock {
    fn new(path: &Path) -> Self {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let Ok(folder) = File::open(folder) else {
            return Self(None);
        };
        for _ in 0..LOCK_ATTEMPTS {
            match folder.try_lock() {
                Ok(()) => return Self(Some(folder)),
                Err(TryLockError::WouldBlock) => sleep(LOCK_PAUSE),
                Err(TryLockError::Error(_)) => break,
            }
        }
        Self(None)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    /// A folder of a test's own, which is removed with this.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = format!("admin-socket-{name}-{}", std::process::id());
            let folder = std::env::temp_dir().join(folder);
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn socket(&self) -> PathBuf {
            self.0.join("admin.sock")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn socket_has_its_mode_until_it_is_removed() {
        let folder = Folder::new("mode");
        for expected in [0o600, 0o660, 0o777] {
            let (listener, file) = bind(&folder.socket(), expected).unwrap();
            assert_eq!(mode(&folder.socket()), expected);
            let _client = UnixStream::connect(folder.socket()).unwrap();
            drop((listener, file));
            assert!(!folder.socket().exists());
        }
    }

    fn bind(path: &Path, mode: u32) -> Result<(UnixListener, SocketFile), &'static str> {
        SocketFile::bind(path, mode).map_err(|error| match error {
            SocketFileError::Served => "served",
            SocketFileError::NotASocket => "not a socket",
            SocketFileError::Io(_) => "an error of the system",
        })
    }

    #[test]
    fn only_a_socket_without_a_server_is_replaced() {
        let folder = Folder::new("stale");
        let path = folder.socket();
        let (listener, file) = bind(&path, 0o600).unwrap();
        assert_eq!(bind(&path, 0o600).unwrap_err(), "served");
        std::mem::forget(file); // as a server that was killed
        drop(listener);
        let (listener, _file) = bind(&path, 0o600).unwrap();
        drop(listener);
        let plain = folder.0.join("plain");
        fs::write(&plain, "data").unwrap();
        assert_eq!(bind(&plain, 0o600).unwrap_err(), "not a socket");
        assert_eq!(fs::read_to_string(&plain).unwrap(), "data");
    }

    #[test]
    fn socket_with_a_full_queue_is_served() {
        let folder = Folder::new("full");
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
        let address = SockAddr::unix(folder.socket()).unwrap();
        socket.bind(&address).unwrap();
        socket.listen(0).unwrap();
        let clients: Vec<_> = std::iter::repeat_with(|| {
            let client = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
            client.set_nonblocking(true).unwrap();
            client.connect(&address).map(|()| client)
        })
        .take_while(Result::is_ok)
        .collect();
        assert!(!clients.is_empty());
        assert_eq!(bind(&folder.socket(), 0o600).unwrap_err(), "served");
    }

    #[test]
    fn file_of_another_server_is_not_removed() {
        let folder = Folder::new("replaced");
        let path = folder.socket();
        let (_listener, file) = bind(&path, 0o600).unwrap();
        fs::rename(&path, folder.0.join("old")).unwrap(); // so that the inode is not reused
        let (_second, _second_file) = bind(&path, 0o600).unwrap();
        drop(file);
        assert!(path.exists());
    }

    #[test]
    fn bind_in_a_missing_folder_fails() {
        let error = bind(Path::new("/nonexistent/admin.sock"), 0o600).unwrap_err();
        assert_eq!(error, "an error of the system");
    }
}
