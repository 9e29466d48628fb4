"""usage: unpack.py WHEEL FOLDER. One wheel in a folder of its own, with its exec bits: what rules_python does."""
import os
import sys
import zipfile

wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        path = archive.extract(entry, folder)
        if (entry.external_attr >> 16) & 0o111 and not entry.is_dir():
            os.chmod(path, 0o755)
