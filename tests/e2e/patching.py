"""What the tests of `spokeshave patch` share: patching, and holding the new wheel against the old one with zipfile, csv
and hashlib."""
import base64
import csv
import email
import hashlib
import pathlib
import re
import struct
import subprocess
import zipfile

from support import DONE, PROGRAM, EndToEnd, clean_environment

LOCAL_HEADER = struct.Struct("<4s5H3I2H")  # APPNOTE.TXT 4.3.7


class Member:
    """One member: its bytes as they are packed, and what its headers say."""

    def __init__(self, raw, entry):
        self.entry, self.name = entry, entry.filename
        at = entry.header_offset
        *_, name_length, extra_length = LOCAL_HEADER.unpack_from(raw, at)
        start = at + LOCAL_HEADER.size + name_length + extra_length
        self.packed = raw[start:start + entry.compress_size]
        self.mode = (entry.external_attr >> 16) & 0o7777
        self.kept = (self.packed, entry.CRC, entry.file_size, entry.compress_type, entry.date_time, entry.external_attr)


class Wheel:
    """A wheel as Python's standard library reads it."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        raw = self.path.read_bytes()
        with zipfile.ZipFile(self.path) as archive:
            assert archive.testzip() is None
            self.members = {entry.filename: Member(raw, entry) for entry in archive.infolist() if not entry.is_dir()}
            self.contents = {name: archive.read(name) for name in self.members}
            self.names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        self.dist_info, = {name.split("/")[0] for name in self.names if name.split("/")[0].endswith(".dist-info")}

    def text(self, name):
        return self.contents[f"{self.dist_info}/{name}"].decode()

    @property
    def metadata(self):
        return email.message_from_string(self.text("METADATA"))

    @property
    def wheel_file(self):
        return email.message_from_string(self.text("WHEEL"))

    def record_rows(self):
        return {row[0]: row[1:] for row in csv.reader(self.text("RECORD").splitlines())}

    def wrong_rows(self):
        """What RECORD says otherwise than hashlib, of a wheel's every file."""
        record = f"{self.dist_info}/RECORD"
        expected = {name: ["sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode(),
                           str(len(data))] for name, data in self.contents.items() if name != record}
        expected[record] = ["", ""]
        rows = self.record_rows()
        return {name for name in expected.keys() | rows.keys() if expected.get(name) != rows.get(name)}


def field_lines(text, *fields):
    """The lines of these fields, and all others, of METADATA or WHEEL."""
    head, _, body = text.partition("\n\n")
    lines = head.split("\n")
    is_named = [any(line.lower().startswith(field.lower() + ":") for field in fields) for line in lines]
    return ([line for line, named in zip(lines, is_named) if named],
            "\n".join(line for line, named in zip(lines, is_named) if not named) + "\n\n" + body)


def dynamic(path):
    """What readelf says of NEEDED, SONAME, RPATH and RUNPATH."""
    said = subprocess.run(["readelf", "-dW", path], capture_output=True, text=True, check=True,
                          env=clean_environment(LC_ALL="C")).stdout
    found = {}
    for tag, value in re.findall(r"\((NEEDED|SONAME|RPATH|RUNPATH)\)[^\[]*\[(.*?)\]", said):
        found.setdefault(tag, []).append(value)
    return found


class PatchTest(EndToEnd):
    allowed = ()  # rules that outputs may break

    def spokeshave(self, *arguments, **how):
        return super().spokeshave(*arguments, **{"allowed": self.allowed, **how})

    def patch(self, wheel, *arguments, out=None, expected=DONE, **how):
        """Patches one wheel into `out` and expects success; the new wheel."""
        out = out or self.out
        before = set(out.glob("*")) if out.is_dir() else set()
        self.result = self.spokeshave("patch", wheel, "--out", out, *arguments, **how)
        self.assertEqual(self.result.code, expected, self.result.stdout + self.result.stderr)
        made, = set(out.glob("*")) - before
        new = Wheel(made)
        self.assertEqual(new.wrong_rows(), set())
        return new

    def refused(self, wheel, code, *arguments, words=()):
        """Patches and expects an error in three lines, with nothing written."""
        result = self.spokeshave("patch", wheel, "--out", self.out, *arguments)
        self.assert_stopped(result, code, *words)
        self.assertEqual(result.stdout, "")
        return result

    def assert_kept(self, old, new, changed=(), added=(), removed=(), renamed=None):
        """That all members but the named ones are the old ones, in their order: bytes as packed, mode and time. Names are
        those in the old wheel; .dist-info and .data may have another version now; RECORD is new always."""
        renamed = renamed or {}
        changed = {*changed, f"{old.dist_info}/RECORD"}

        def new_name(name):
            for suffix in (".dist-info", ".data"):
                folder = old.dist_info.removesuffix(".dist-info") + suffix
                if name.startswith(folder + "/"):
                    return new.dist_info.removesuffix(".dist-info") + suffix + name[len(folder):]
            return renamed.get(name, name)
        stay = [name for name in old.names if name not in removed]
        self.assertEqual({new_name(name) for name in stay} | set(added), set(new.names))
        for name in stay:
            if name not in changed:
                self.assertEqual(old.members[name].kept, new.members[new_name(name)].kept, name)
        in_dist_info = [name for name in stay if name.startswith(old.dist_info + "/") and name not in changed]
        others = [name for name in stay if not name.startswith(old.dist_info + "/")]
        for names in (others, in_dist_info):
            self.assertEqual([name for name in new.names if name in set(map(new_name, names))], list(map(new_name, names)))
        self.assertEqual(new.names[-1], f"{new.dist_info}/RECORD")
        self.assertEqual({name.split("/")[0] for name in new.names[-len(in_dist_info) - 1:]}, {new.dist_info})


__all__ = ["PROGRAM", "Member", "PatchTest", "Wheel", "dynamic", "field_lines"]
