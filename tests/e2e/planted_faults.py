"""Wheels with one fault planted in each, and the rules that `verify --index-rules` must name: those, and no others."""
import struct
import zipfile

from bad_wheels import BAD_ARCHIVES, BAD_LIBRARIES, BAD_WHEELS, Headers, edited, from_wheel, library, record_row, small
from tiny_elf import library as tiny
from wheel_maker import record_hash, zip_entry

METADATA, WHEEL, RECORD = (f"small-1.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD"))
NO_ARCHIVE = {"text instead of an archive", "an empty file", "cut in the middle", "cut in the end record"}  # exit 3

ARCHIVES = {
    "bytes in front": {"zip-prefix"},
    "bytes behind": {"zip-trailing-data"},
    "a second archive behind": {"zip-gap"},
    "a wrong CRC in both headers": {"member-crc"},
    "a CRC that differs between the headers": {"zip-crc-differs"},
    "a size that differs between the headers": {"zip-size-differs"},
    "a size too small in both headers": {"record-size", "member-data"},
    "a size too large in both headers": {"record-size", "member-data"},
    "a size of 3 GB": {"zip-ratio"},
    "a packed size past the end": {"zip-gap"},
    "a local header elsewhere": {"zip-hidden-member", "zip-no-local-header"},
    "an encrypted member": {"zip-encrypted"},
    "a bzip2 member": {"zip-method"},
    "an LZMA member": {"zip-method"},
    "an unknown method": {"zip-method"},
    "other bytes in the deflate stream": {"member-data"},
    "a name that stands there twice": {"zip-duplicate-name"},
    "a file that is a folder too": {"zip-structure", "record-unlisted"},
    "a symbolic link": {"zip-structure", "record-unlisted"},
    "a name that climbs out": {"zip-name-escapes"},
    "a name that climbs out from inside": {"zip-name-escapes"},
    "an absolute name": {"zip-name-escapes"},
    "a drive letter": {"zip-structure"},
    "a backslash": {"zip-structure", "record-missing-member", "record-unlisted"},
    "a NUL in a name": {"zip-name-control"},
    "a line end in a name": {"zip-name-control"},
    "a terminal sequence in a name": {"zip-name-control"},
    "a name of dots": {"zip-structure"},
    "an empty folder name": {"zip-structure"},
    "an end record that counts too few": {"zip-directory-count"},
    "an end record that counts too many": {"zip-directory-count"},
}

WHEELS = {
    "no .dist-info": {"dist-info-missing"},
    "two .dist-info": {"dist-info-count"},
    "a .dist-info of another name": {"dist-info-name"},
    "no RECORD": {"record-missing", "dist-info-file"},
    "no METADATA": {"metadata-missing", "record-missing-member", "dist-info-file"},
    "no WHEEL": {"wheel-missing", "record-missing-member", "dist-info-file"},
    "a wheel version of the future": {"wheel-version"},
    "a version in METADATA that is another": {"metadata-version"},
    "a name in METADATA that is another": {"metadata-name"},
    "a library that was tampered with": {"record-hash"},
    "a text that was tampered with": {"record-hash"},
    "a wrong size in RECORD": {"record-size"},
    "a file that RECORD lacks": {"record-unlisted"},
    "a row for a file that is not there": {"record-missing-member", "record-unlisted"},
    "a RECORD that is no table": {"record-csv", "record-unlisted"},
    "a file name with too few parts": {"filename"},
    "a file name with too many parts": {"filename"},
    "a file name that is no wheel's": {"filename"},
    "a version that is none": {"filename"},
    "a wheel for Windows": {"platform"},
    "a wheel for macOS": {"platform"},
}


def text_of(name, old, new):
    """A maker of a wheel with one place of METADATA or WHEEL written otherwise."""
    def change(wheel):
        text = wheel.metadata() if name == METADATA else wheel.wheel_file()
        assert old in text
        wheel.add(name, text.replace(old, new, 1))
    return from_wheel(change)


def row_of_data(*more):
    """A maker of a wheel whose RECORD has this row for data.txt."""
    return from_wheel(record_row("small/data.txt", ["small/data.txt", *more]))


def record_text(change):
    def make(folder):
        wheel = small()
        files = {name: content for name, content in wheel.all_files().items() if name != RECORD}
        return wheel.add(RECORD, change(wheel.record(files).decode())).write(folder)
    return make


def with_second_name(folder):
    """Each member has an extra field that gives it another name (APPNOTE 4.6.9)."""
    wheel, path = small(), folder / small().file_name()
    with zipfile.ZipFile(path, "w") as archive:
        for name, (data, executable) in wheel.all_files().items():
            entry = zip_entry(name, executable)
            entry.extra = struct.pack("<HH4s", 0x7075, 4, b"name")
            archive.writestr(entry, data)
    return path


def needing(*needed, path=None, **libraries):
    """A maker of a wheel with a library that needs others; `libraries` are added by file name (`_` for `.`)."""
    def change(wheel):
        wheel.add("small/lib/libuser.so", tiny("libuser.so", needed, runpath=path))
        for name, folder in libraries.items():
            wheel.add(f"{folder}/{name.replace('_', '.')}", tiny(name.replace("_", ".")))
    return from_wheel(change)


def in_data_too(wheel):
    wheel.add("small-1.0.data/platlib/small/data.txt", "another text")


def member_field(local, central, form, change, member="small/data.txt"):
    def edit(data):
        headers = Headers(data, member)
        for start, field in ((headers.local, local), (headers.central, central)):
            if field is not None:
                struct.pack_into(form, data, start + field, change(struct.unpack_from(form, data, start + field)[0]))
        return data
    return edited(edit)


def renamed_in_one_header(data):
    at = Headers(data, "small/data.txt").local + 30
    data[at:at + 14] = b"small/DATA.txt"
    return data


MORE = {
    "a RECORD row without a hash": (row_of_data("", 940), {"record-no-hash"}),
    "a RECORD row with an MD5": (row_of_data("md5=XrY7u+Ae7tCTyyK7j1rNww", 940), {"record-hash-kind"}),
    "a RECORD row that stands twice": (record_text(lambda text: text.splitlines(True)[0] + text), {"record-duplicate"}),
    "a RECORD row of four fields": (record_text(lambda text: text.replace("small/data.txt,", "small/data.txt,,")), {"record-fields", "record-unlisted"}),
    "a RECORD row for a folder": (record_text(lambda text: "small/,,\n" + text), {"record-folder", "record-missing-member"}),
    "a size in RECORD that is no number": (record_text(lambda text: text.replace(",940", ",many")), {"record-number"}),
    "a RECORD that hashes itself": (record_text(lambda text: text.replace("RECORD,,", "RECORD," + record_hash(b"") + ",")), {"record-self-hash"}),
    "no Wheel-Version": (text_of(WHEEL, "Wheel-Version: 1.0\n", ""), {"wheel-field", "wheel-version"}),
    "two Wheel-Versions": (text_of(WHEEL, "Wheel-Version: 1.0\n", "Wheel-Version: 1.0\nWheel-Version: 1.9\n"), {"wheel-field"}),
    "no Tag": (text_of(WHEEL, "Tag: py3-none-manylinux_2_17_x86_64\n", ""), {"wheel-no-tag"}),
    "a WHEEL line that is no field": (text_of(WHEEL, "Generator: ", "Generator "), {"wheel-syntax", "wheel-version"}),
    "no Root-Is-Purelib": (text_of(WHEEL, "Root-Is-Purelib: false\n", ""), {"wheel-purelib"}),
    "no Name": (text_of(METADATA, "Name: small\n", ""), {"metadata-field", "metadata"}),
    "two Versions": (text_of(METADATA, "Version: 1.0\n", "Version: 1.0\nVersion: 1.0\n"), {"metadata-field"}),
    "a Metadata-Version of the future": (text_of(METADATA, "Metadata-Version: 2.1", "Metadata-Version: 3.0"), {"metadata-format", "metadata-license-file"}),
    "a requirement without a name": (text_of(METADATA, "Summary:", "Requires-Dist: >=1.0\nSummary:"), {"metadata-requires"}),
    "a second name in an extra field": (with_second_name, {"zip-structure"}),
    "a name that differs between the headers": (edited(renamed_in_one_header), {"zip-name-differs"}),
    "a method that differs between the headers": (member_field(8, None, "<H", lambda method: 0), {"zip-method-differs"}),
    "a bad entry point": (from_wheel(lambda wheel: wheel.add("small-1.0.dist-info/entry_points.txt", "[console_scripts]\nrun = small:\n[console_scripts\n")), {"entry-points"}),
    "a member of .data that nobody installs": (from_wheel(lambda wheel: wheel.add("small-1.0.data/other/x.txt", "x")), {"data-scheme"}),
    "a .data of another version": (from_wheel(lambda wheel: wheel.add("small-2.0.data/scripts/x", "x")), {"data-name"}),
    "two members installed to one place": (from_wheel(in_data_too), {"same-place"}),
    "a tag that PyPI does not take": (from_wheel(lambda wheel: None, tag="py3-none-linux_x86_64"), {"platform-tag"}),
    "a local version, without one in the name": (text_of(METADATA, "Version: 1.0", "Version: 1.0+local"), {"metadata-version"}),
    "a need that no path leads to": (needing("libaway.so", libaway_so="small/away"), {"library-missing"}),
    "a RUNPATH that misses by one folder": (needing("libaway.so", path="$ORIGIN/away", libaway_so="small/away"), {"library-missing"}),
    "a library of zeros behind its header": (library(lambda data: data[:64] + bytes(len(data) - 64)), {"elf-unreadable"}),
}

FAULTS = {
    **{fault: (BAD_ARCHIVES[fault][0], rules) for fault, rules in ARCHIVES.items()},
    **{fault: (BAD_WHEELS[fault][0], rules) for fault, rules in WHEELS.items()},
    **{f"a library {fault}": (make, {"elf-unreadable"}) for fault, make in BAD_LIBRARIES.items()},
    **MORE,
}
