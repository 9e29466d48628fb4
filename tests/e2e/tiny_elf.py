"""ELF files of a few hundred bytes with exactly the dynamic entries that a test wants: no linker makes libraries with
both paths, or in circles. x86-64, as the gABI lays it down; ld.so loads them."""
import struct

NEEDED, HASH, STRTAB, SYMTAB, STRSZ, SYMENT, SONAME, RPATH, RUNPATH = 1, 4, 5, 6, 10, 11, 14, 15, 29
LOAD, DYNAMIC, INTERP, STACK = 1, 2, 3, 0x6474E551
READ_WRITE, READ_WRITE_EXECUTE = 6, 7
LOADER = b"/lib64/ld-linux-x86-64.so.2\0"
# void* open_from_here(void* (*dlopen)(const char*, int), const char* name, int mode): a call, so that dlopen sees who asks.
OPEN_FROM_HERE = bytes.fromhex("4883ec08 4889f8 4889f7 89d6 ffd0 4883c408 c3")


def library(soname=None, needed=(), rpath=None, runpath=None, symbol="marker", executable_stack=False, program=False,
            mentions=(), takes=(), code=b""):
    """Names are str, or bytes that need be no UTF-8. `mentions`: names among the bytes, as code has that opens them.
    `symbol` is defined, as `code` where there is some; those of `takes` are not."""
    strings = bytearray(b"\0")

    def string(text):
        at = len(strings)
        strings.extend((text if isinstance(text, bytes) else text.encode()) + b"\0")
        return at

    name, taken = string(symbol), [string(each) for each in takes]
    dynamic = [(NEEDED, string(each)) for each in needed]
    dynamic += [(tag, string(value)) for tag, value in ((SONAME, soname), (RPATH, rpath), (RUNPATH, runpath))
                if value is not None]
    segments = 4 if program else 3
    symbols = 64 + segments * 56
    count = 2 + len(taken)
    hashes = symbols + count * 24
    entries = hashes + (4 + count + count % 2) * 4
    table = entries + (len(dynamic) + 6) * 16
    interpreter = table + len(strings)
    behind = (LOADER if program else b"") + b"".join(each.encode() + b"\0" for each in mentions)
    function = interpreter + len(behind) if code else entries
    behind += code
    size = interpreter + len(behind)
    dynamic += [(HASH, hashes), (STRTAB, table), (SYMTAB, symbols), (STRSZ, len(strings)), (SYMENT, 24), (0, 0)]

    def segment(kind, flags, offset, length, align):
        return struct.pack("<IIQQQQQQ", kind, flags, offset, offset, offset, length, length, align)

    head = b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, segments, 64, 0, 0)
    head += segment(INTERP, 4, interpreter, len(LOADER), 1) if program else b""
    head += segment(LOAD, READ_WRITE_EXECUTE, 0, size, 4096)
    head += segment(DYNAMIC, READ_WRITE, entries, (len(dynamic)) * 16, 8)
    head += segment(STACK, READ_WRITE_EXECUTE if executable_stack else READ_WRITE, 0, 0, 16)
    body = bytes(24) + struct.pack("<IBBHQQ", name, 0x12, 0, 1, function, 0)  # STB_GLOBAL, STT_FUNC
    body += b"".join(struct.pack("<IBBHQQ", each, 0x12, 0, 0, 0, 0) for each in taken)
    body += struct.pack("<4I", 1, count, 1, 0) + bytes((count + count % 2) * 4)  # one bucket
    body += b"".join(struct.pack("<QQ", *entry) for entry in dynamic)
    return bytes(head + body + strings + behind)


def module(name, **how):
    """An extension module: it defines PyInit_NAME, and has no SONAME."""
    return library(symbol="PyInit_" + name, **how)
