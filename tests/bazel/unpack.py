"""usage: unpack.py WHEEL FOLDER. One wheel in a folder of its own, with its exec bits: what rules_python does."""
import os
import shutil
import sys
import zipfile

wheel, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        path = os.path.join(folder, entry.filename)
        if entry.is_dir():
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with archive.open(entry) as member, open(path, "wb") as file:
            shutil.copyfileobj(member, file, 1 << 20)  # libraries of a gigabyte
        if (entry.external_attr >> 16) & 0o111:
            os.chmod(path, 0o755)
