"""Services of the operating system: folder locks, durable files, cache folder, sockets, signals, versions."""

from .digests import DIGESTS, check_digests, write_digests
from .disk import check_space, explain_full_disk, free_bytes
from .durable import exchange, start_flush, sync, sync_tree, write_file
from .errors import DamagedError, DiskFullError, FolderInUseError, StorageError
from .lock import LOCK, entries, lock_folder
from .unfinished import unfinished_folder

__all__ = [
    "DIGESTS",
    "LOCK",
    "DamagedError",
    "DiskFullError",
    "FolderInUseError",
    "StorageError",
    "check_digests",
    "check_space",
    "entries",
    "exchange",
    "explain_full_disk",
    "free_bytes",
    "lock_folder",
    "start_flush",
    "sync",
    "sync_tree",
    "unfinished_folder",
    "write_digests",
    "write_file",
]
