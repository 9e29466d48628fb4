"""Wheels with one thing wrong each, made of a small good one with Python's standard library."""
import struct
import warnings
import zipfile

from support import STAGED
from wheel_maker import Wheel, record_hash, zip_entry

LIBRARY = "small/lib/libgputoy_core.so"
LIBRARY_BYTES = (STAGED / "gputoy/lib/libgputoy_core.so").read_bytes
END_RECORD, CENTRAL, LOCAL = b"PK\5\6", b"PK\1\2", b"PK\3\4"


def small(name="small", version="1.0", tag="py3-none-manylinux_2_17_x86_64"):
    wheel = Wheel(name, version, tag)
    wheel.add("small/__init__.py", '"""A small package."""\n')
    wheel.add(LIBRARY, LIBRARY_BYTES())
    return wheel.add("small/data.txt", "some text that deflates, deflates and deflates\n" * 20)


def bytes_of(wheel, folder):
    path = wheel.write(folder)
    data = bytearray(path.read_bytes())
    return path, data


class Headers:
    """Where one member's local and central header lie in an archive's bytes."""

    def __init__(self, data, name):
        name = name.encode()
        self.local = next(at for at in find_all(data, LOCAL) if data[at + 30:at + 30 + len(name)] == name)
        self.central = next(at for at in find_all(data, CENTRAL) if data[at + 46:at + 46 + len(name)] == name)
        lengths = struct.unpack_from("<HH", data, self.local + 26)
        self.data = self.local + 30 + sum(lengths)


def find_all(data, mark):
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 1)


def changed(local_field=None, central_field=None, form="<I", change=lambda value: value + 1, member=LIBRARY):
    """A maker that changes one number of a member's headers; the offsets are those of APPNOTE.TXT 4.3."""
    def make(folder):
        path, data = bytes_of(small(), folder)
        headers = Headers(data, member)
        for start, field in ((headers.local, local_field), (headers.central, central_field)):
            if field is not None:
                struct.pack_into(form, data, start + field, change(struct.unpack_from(form, data, start + field)[0]))
        path.write_bytes(data)
        return path
    return make


def edited(edit):
    """A maker that edits the whole archive's bytes."""
    def make(folder):
        path, data = bytes_of(small(), folder)
        path.write_bytes(edit(data))
        return path
    return make


def with_name(name, data=b"text"):
    """A maker of a wheel with one more member of this name, listed in RECORD like any other."""
    def make(folder):
        wheel = small()
        # zipfile would mend some names: it is given one of the same length, replaced behind its back.
        stand_in = "x" * len(name.encode())
        wheel.add(stand_in, data)
        wheel.record_rows[stand_in] = [name, record_hash(data), len(data)]
        path, archive = bytes_of(wheel, folder)
        path.write_bytes(bytes(archive).replace(stand_in.encode(), name.encode()))
        return path
    return make


def with_members(*members):
    """A maker that appends (name, data, how) to a finished wheel."""
    def make(folder):
        path = small().write(folder)
        with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
            warnings.simplefilter("ignore")  # of duplicate names
            for name, data, method in members:
                archive.writestr(zip_entry(name, method=method), data)
        return path
    return make


def with_method(method):
    def make(folder):
        wheel, path = small(), folder / small().file_name()
        with zipfile.ZipFile(path, "w") as archive:
            for name, (data, executable) in wheel.all_files().items():
                archive.writestr(zip_entry(name, executable, method if name == LIBRARY else zipfile.ZIP_DEFLATED), data)
        return path
    return make


def from_wheel(change, **how):
    """A maker of a wheel that was changed before it was written: its archive is in order."""
    def make(folder):
        wheel = small(**how)
        change(wheel)
        return wheel.write(folder)
    return make


def without(suffix):
    def make(folder):
        wheel, path = small(), folder / small().file_name()
        with zipfile.ZipFile(path, "w") as archive:
            for name, (data, executable) in wheel.all_files().items():
                if not name.endswith(suffix):
                    archive.writestr(zip_entry(name, executable), data)
        return path
    return make


def named(file_name):
    def make(folder):
        path = small().write(folder)
        return path.rename(folder / file_name)
    return make


def library(change):
    """A maker of a wheel whose library was damaged before it was packed: hashes and sizes are right."""
    def make(folder):
        data = bytearray(LIBRARY_BYTES())
        return small().add(LIBRARY, bytes(change(data) or data)).write(folder)
    return make


def put(form, offset, value):
    return lambda data: struct.pack_into(form, data, offset, value)


def symbolic_link(folder):
    path = small().write(folder)
    entry = zip_entry("small/link.so")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    return path


def record_row(path, row):
    return lambda wheel: wheel.record_rows.__setitem__(path, row)


RECORD = "small-1.0.dist-info/RECORD"
# What is wrong: maker, and words that the message must hold.
BAD_ARCHIVES = {
    "text instead of an archive": (edited(lambda data: b"this is no archive\n" * 50), []),
    "an empty file": (edited(lambda data: b""), []),
    "cut in the middle": (edited(lambda data: data[:len(data) // 2]), []),
    "cut in the end record": (edited(lambda data: data[:-7]), []),
    "bytes in front": (edited(lambda data: b"#!/bin/sh\n" + data), []),
    "bytes behind": (edited(lambda data: data + b"trailing"), []),
    "a second archive behind": (edited(lambda data: data + data), []),
    "a wrong CRC in both headers": (changed(14, 16), [LIBRARY]),
    "a CRC that differs between the headers": (changed(14), [LIBRARY]),
    "a size that differs between the headers": (changed(22), [LIBRARY]),
    "a size too small in both headers": (changed(22, 24, change=lambda size: size - 100), [LIBRARY]),
    "a size too large in both headers": (changed(22, 24, change=lambda size: size + 100), [LIBRARY]),
    "a size of 3 GB": (changed(22, 24, change=lambda size: 3_000_000_000), [LIBRARY]),
    "a packed size past the end": (changed(18, 20, change=lambda size: size + 10**8), [LIBRARY]),
    "a local header elsewhere": (changed(None, 42, change=lambda offset: offset + 3), []),
    "an encrypted member": (changed(6, 8, "<H", lambda flags: flags | 1), [LIBRARY]),
    "a bzip2 member": (with_method(zipfile.ZIP_BZIP2), [LIBRARY]),
    "an LZMA member": (with_method(zipfile.ZIP_LZMA), [LIBRARY]),
    "an unknown method": (changed(8, 10, "<H", lambda method: 77), [LIBRARY]),
    "other bytes in the deflate stream": (edited(lambda data: damaged(data)), [LIBRARY]),
    "a name that stands there twice": (with_members(("small/data.txt", b"other", zipfile.ZIP_STORED)), ["small/data.txt"]),
    "a file that is a folder too": (with_members(("small/data.txt/more", b"x", zipfile.ZIP_STORED)), ["small/data.txt"]),
    "a symbolic link": (symbolic_link, ["small/link.so"]),
    "a name that climbs out": (with_name("../../escaped.py"), ["escaped.py"]),
    "a name that climbs out from inside": (with_name("small/../../escaped.py"), ["escaped.py"]),
    "an absolute name": (with_name("/tmp/escaped.py"), ["escaped.py"]),
    "a drive letter": (with_name("C:/escaped.py"), ["escaped.py"]),
    "a backslash": (with_name("small\\escaped.py"), ["escaped.py"]),
    "a NUL in a name": (with_name("small/esc\0aped.py"), []),
    "a line end in a name": (with_name("small/esc\naped.py"), []),
    "a terminal sequence in a name": (with_name("small/\x1b[2Jescaped.py"), []),
    "a name of dots": (with_name("small/./x.py"), []),
    "an empty folder name": (with_name("small//x.py"), []),
    "an end record that counts too few": (edited(lambda data: count_off(data, -1)), []),
    "an end record that counts too many": (edited(lambda data: count_off(data, 1)), []),
}


def damaged(data):
    at = Headers(data, LIBRARY).data + 40
    data[at:at + 8] = bytes(byte ^ 0x55 for byte in data[at:at + 8])
    return data


def count_off(data, difference):
    end = data.rfind(END_RECORD)
    for field in (8, 10):
        struct.pack_into("<H", data, end + field, struct.unpack_from("<H", data, end + field)[0] + difference)
    return data


BAD_WHEELS = {
    "no .dist-info": (without(("METADATA", "WHEEL", "RECORD", "LICENSE")), []),
    "two .dist-info": (from_wheel(lambda wheel: wheel.add("other-1.0.dist-info/METADATA", "Name: other\n")), ["other-1.0.dist-info"]),
    "a .dist-info of another name": (from_wheel(lambda wheel: setattr(wheel, "dist_info", "other-1.0.dist-info")), ["other-1.0.dist-info"]),
    "no RECORD": (without("RECORD"), ["RECORD"]),
    "no METADATA": (without("METADATA"), ["METADATA"]),
    "no WHEEL": (without("WHEEL"), ["WHEEL"]),
    "a wheel version of the future": (from_wheel(lambda wheel: wheel.add("small-1.0.dist-info/WHEEL", "Wheel-Version: 2.0\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n")), ["2.0"]),
    "a version in METADATA that is another": (from_wheel(lambda wheel: wheel.add("small-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: small\nVersion: 1.1\n\n")), ["1.1"]),
    "a name in METADATA that is another": (from_wheel(lambda wheel: wheel.add("small-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: big\nVersion: 1.0\n\n")), ["big"]),
    "a library that was tampered with": (from_wheel(record_row(LIBRARY, [LIBRARY, record_hash(b"other"), len(LIBRARY_BYTES())])), [LIBRARY]),
    "a text that was tampered with": (from_wheel(record_row("small/data.txt", ["small/data.txt", record_hash(b"other"), 940])), ["small/data.txt"]),
    "a wrong size in RECORD": (from_wheel(record_row(LIBRARY, [LIBRARY, record_hash(LIBRARY_BYTES()), 1])), [LIBRARY]),
    "a file that RECORD lacks": (with_members(("small/more.txt", b"x", zipfile.ZIP_STORED)), ["small/more.txt"]),
    "a row for a file that is not there": (from_wheel(record_row("small/data.txt", ["small/absent.txt", record_hash(b""), 0])), ["small/absent.txt"]),
    "a RECORD that is no table": (from_wheel(lambda wheel: wheel.add(RECORD, '"small/__init__.py\n')), ["RECORD"]),
    "a file name with too few parts": (named("small-1.0.whl"), ["small-1.0.whl"]),
    "a file name with too many parts": (named("small-1.0-1-2-py3-none-linux_x86_64.whl"), []),
    "a file name that is no wheel's": (named("small-1.0-py3-none-linux_x86_64.zip"), ["small-1.0-py3-none-linux_x86_64.zip"]),
    "a version that is none": (named("small-one-py3-none-linux_x86_64.whl"), []),
    "a wheel for Windows": (from_wheel(lambda wheel: None, tag="cp311-cp311-win_amd64"), ["win_amd64"]),
    "a wheel for macOS": (from_wheel(lambda wheel: None, tag="cp311-cp311-macosx_11_0_arm64"), ["macosx_11_0_arm64"]),
}

BAD_LIBRARIES = {
    "cut behind the header": library(lambda data: data[:64]),
    "cut in the header": library(lambda data: data[:20]),
    "cut in the middle": library(lambda data: data[:len(data) // 3]),
    "of an unknown class": library(put("<B", 4, 9)),
    "of an unknown byte order": library(put("<B", 5, 9)),
    "with program headers past the end": library(put("<Q", 32, 1 << 40)),
    "with program headers that wrap around": library(put("<Q", 32, (1 << 64) - 8)),
    "with program headers of no size": library(put("<H", 54, 0)),
    "with sixty thousand program headers": library(put("<H", 56, 0xFFF0)),
    "with a segment past the end": library(lambda data: wild_segment(data, 1, 32, 1 << 50)),
    "with a dynamic table past the end": library(lambda data: wild_segment(data, 2, 16, 1 << 50)),
    "with a dynamic table of wild size": library(lambda data: wild_segment(data, 2, 32, 1 << 50)),
    "with a string table nowhere": library(lambda data: wild_dynamic(data, 5, 1 << 50)),
    "with a string table of wild size": library(lambda data: wild_dynamic(data, 10, 1 << 50)),
    "with a SONAME outside its strings": library(lambda data: wild_dynamic(data, 14, 1 << 30)),
}


def wild_segment(data, kind, field, value):
    """Overwrites a field of the first program header of a kind (1 PT_LOAD, 2 PT_DYNAMIC)."""
    start, = struct.unpack_from("<Q", data, 32)
    at = next(at for at in range(start, len(data), 56) if struct.unpack_from("<I", data, at)[0] == kind)
    struct.pack_into("<Q", data, at + field, value)


def wild_dynamic(data, tag, value):
    start, = struct.unpack_from("<Q", data, 32)
    dynamic = next(at for at in range(start, len(data), 56) if struct.unpack_from("<I", data, at)[0] == 2)
    offset, = struct.unpack_from("<Q", data, dynamic + 8)
    at = next(at for at in range(offset, len(data), 16) if struct.unpack_from("<Q", data, at)[0] == tag)
    struct.pack_into("<Q", data, at + 8, value)
