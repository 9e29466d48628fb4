"""Whatever `split` or `patch` writes in a test is held against its original by `verify`, which must find nothing."""
import json
import pathlib
import subprocess

allowed = set()  # rules that the outputs of the present test break on purpose: EndToEnd.outputs_may_have()


def wheels_of(command, cwd):
    """(the wheels that a command names, those in the folder that it writes to with their identity), or None for a command
    that writes none."""
    words = [str(part) for part in command]
    if len(words) < 2 or words[1] not in ("split", "patch") or not words[0].endswith("spokeshave"):
        return None
    base = pathlib.Path(cwd or ".")
    folder = base
    for word, value in zip(words, words[1:]):
        if word == "--out":
            folder = base / value
        elif value.startswith("--out="):
            folder = base / value.removeprefix("--out=")
    named = [base / word for word in words[2:] if word.endswith(".whl") and (base / word).is_file()]
    found = folder.glob("*.whl") if folder.is_dir() else []
    return named, folder, {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def distribution(path):
    return path.name.split("-")[0].lower().replace(".", "_")


def verify(program, original, outputs, env):
    done = subprocess.run([program, "verify", "--json", "--index-rules", "--against", original, *outputs], env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    found = [finding for finding in json.loads(done.stdout or "{}").get("findings", []) if finding["severity"] == "finding"]
    unexpected = [finding for finding in found if finding["rule"] not in allowed]
    if done.returncode not in (0, 1) or unexpected or bool(found) != (done.returncode == 1):
        told = "".join(f"{finding['path']}: {finding['what']} [{finding['rule']}]\n" for finding in unexpected)
        raise AssertionError(f"verify --against {original} found (exit {done.returncode}):\n{told}{done.stderr}")


def verify_outputs(command, cwd, before, env):
    """`before`: what wheels_of() said before a run that succeeded. A split makes one set, a patch a wheel of each."""
    named, folder, were = before
    _, _, are = wheels_of(command, cwd)
    made = sorted(path for path, identity in are.items() if were.get(path) != identity)
    if not made or not named:
        return
    if command[1] == "split":
        verify(command[0], named[0], made, env)
        return
    for output in made:
        originals = [path for path in named if distribution(path) == distribution(output)]
        if originals:
            verify(command[0], originals[0], [output], env)
