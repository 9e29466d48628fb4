"""What people do today, by the steps of George Reilly's posts: `wheel unpack`, change the files, patchelf, `wheel pack`."""
import csv
import fnmatch
import io
import pathlib
import zipfile

# What the steps but the first and the last two take is not worth measuring: files are moved, a line is edited.


class Chain:
    def __init__(self, measured, wheel_tool):
        self.measured, self.wheel_tool = measured, wheel_tool

    def unpack(self, wheel, folder):
        """Its measurement, and the folder with the files."""
        took = self.measured(self.wheel_tool, "unpack", "--dest", folder, wheel)
        tree, = folder.iterdir()
        return took, tree

    def pack(self, tree, folder):
        return self.measured(self.wheel_tool, "pack", "--dest-dir", folder, tree)

    def set_path(self, library, path):
        return self.measured("patchelf", "--set-rpath", path, library)

    def set_version(self, wheel, version, folder):
        took, tree = self.unpack(wheel, folder)
        info, = tree.glob("*.dist-info")
        old = info.name[:-len(".dist-info")].split("-")[1]
        metadata = info / "METADATA"
        metadata.write_bytes(metadata.read_bytes().replace(f"\nVersion: {old}\n".encode(), f"\nVersion: {version}\n".encode(), 1))
        for folder_of_version in [info, *tree.glob("*.data")]:
            folder_of_version.rename(tree / folder_of_version.name.replace(f"-{old}.", f"-{version}."))
        return took.then(self.pack(tree, folder))

    def set_runpath(self, wheel, members, path, folder):
        took, tree = self.unpack(wheel, folder)
        for member in members:
            took = took.then(self.set_path(tree / member, path))
        return took.then(self.pack(tree, folder))

    def split(self, wheel, changes, folder):
        """Moves and rewrites what `changes` says."""
        took, tree = self.unpack(wheel, folder)
        companion = folder / "companion"
        (companion / "companion/lib").mkdir(parents=True)
        for path in sorted(tree.rglob("*")):
            if path.name in changes.rewritten:
                took = took.then(self.set_path(path, "$ORIGIN:$ORIGIN/../../companion/lib"))
            if path.name in changes.moved:
                path.rename(companion / "companion/lib" / path.name)
        info = companion / "companion-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: companion\nVersion: 1.0\n")
        (info / "WHEEL").write_text("Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n")
        (info / "RECORD").write_text("")
        return took.then(self.pack(tree, folder)).then(self.pack(companion, folder))


class SplitChanges:
    """What a split moved and rewrote, read from the RECORDs of what came out. File names are enough where each stands once."""

    def __init__(self, wheel, pieces):
        before = record(wheel)
        libraries = {path for path in before if ".so" in path}
        self.rewritten, self.moved = set(), set()
        for piece in pieces:
            rows = record(piece)
            is_companion = not libraries & set(rows)
            for path, digest in rows.items():
                if ".so" in path and digest not in before.values():
                    self.rewritten.add(pathlib.PurePath(path).name)
                if ".so" in path and is_companion:
                    self.moved.add(pathlib.PurePath(path).name)
        self.rewritten_members = sorted(path for path in libraries if pathlib.PurePath(path).name in self.rewritten)


def record(wheel):
    """path -> hash."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if fnmatch.fnmatch(name, "*.dist-info/RECORD"))
        return {row[0]: row[1] for row in csv.reader(io.StringIO(archive.read(name).decode())) if row}
