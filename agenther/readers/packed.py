"""The bytes of a log as they were before it was packed (.gz, .zst), within bounds."""

import gzip
import io
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from agenther.errors import ReadError
from agenther.records import Reason

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError, ZstdFile
else:
    from backports.zstd import ZstdError, ZstdFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PACKERS: dict[bytes, Callable[[Path], gzip.GzipFile | ZstdFile]] = {b"\x1f\x8b": gzip.open, b"\x28\xb5": ZstdFile}
"""By the first two bytes of a file, whatever it is called."""
SUFFIXES = (".gz", ".zst")
MAX_BYTES = 16 * 1024**3
"""More than this comes out of no packed log,"""
FREE_BYTES, MAX_RATIO = 64 * 1024**2, 400
"""nor, beyond the first 64 MB, more than this many bytes for each byte packed. Logs give 5 to 50."""


class _Unpacked(io.RawIOBase):
    """What comes out. Raises ReadError where that is too much, or damaged, after all that came before."""

    def __init__(self, path: Path, packer: Callable[[Path], gzip.GzipFile | ZstdFile]) -> None:
        self.most = min(MAX_BYTES, max(FREE_BYTES, path.stat().st_size * MAX_RATIO))
        self.file = packer(path)
        self.count = 0
        self.fault: ReadError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if self.fault:
            raise self.fault
        view = memoryview(buffer)
        try:
            found = self.file.read1(len(view))
        except (OSError, EOFError, ValueError, zlib.error, ZstdError) as error:
            self.fault = ReadError(Reason.UNREADABLE, f"cannot be unpacked: {error}")
            return 0
        self.count += len(found)
        if self.count > self.most:
            raise ReadError(Reason.TOO_LARGE, f"unpacks to more than {self.most:,} bytes")
        view[: len(found)] = found
        return len(found)

    def close(self) -> None:
        self.file.close()
        super().close()


def plain(path: Path) -> Path:
    """The path as it would be without the suffix of a packer."""
    return path.with_suffix("") if path.suffix.lower() in SUFFIXES else path


def opened(path: Path) -> BinaryIO:
    """The file, unpacked. Raises ReadError, and so does reading, where what comes out is damaged or too much."""
    with path.open("rb") as file:
        packer = PACKERS.get(file.read(2))
    if packer is None:
        return path.open("rb")
    unpacked = io.BufferedReader(_Unpacked(path, packer), 1 << 16)
    if unpacked.peek(2)[:2] in PACKERS:
        raise ReadError(Reason.TOO_LARGE, "packed twice; unpack it once")
    return cast("BinaryIO", unpacked)


def check(path: Path) -> None:
    """Unpacks a packed file once, keeping nothing. Raises ReadError when it gives too much."""
    with opened(path) as file:
        raw = file.raw if isinstance(file, io.BufferedReader) else None
        while isinstance(raw, _Unpacked) and raw.fault is None and file.read(1 << 20):
            pass
