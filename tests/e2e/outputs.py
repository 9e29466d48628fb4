"""Whatever `split`, `patch` or `preload` writes in a test is held against its original by `verify`, which must find nothing."""
import json
import pathlib
import subprocess


def wheels_of(command, cwd):
    """(the wheels that a command names, those in the folder that it writes to with their identity), or None for a command
    that writes none."""
    words = [str(part) for part in command]
    if len(words) < 2 or words[1] not in ("split", "patch", "preload") or not words[0].endswith("spokeshave"):
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


def verify(program, original, outputs, env, allowed):
    command = [program, "verify", "--index-rules", "--against", original, *outputs]
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode == 0 or (done.returncode == 1 and rules(command, env) <= set(allowed)):
        return
    raise AssertionError(f"verify --against {original} found (exit {done.returncode}):\n{done.stdout}{done.stderr}")


def rules(command, env):
    """Those that verify finds broken."""
    done = subprocess.run([*command, "--json"], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return {each["rule"] for each in json.loads(done.stdout)["findings"] if each["severity"] == "finding"}


def verify_outputs(command, cwd, before, env, allowed):
    """`before`: what wheels_of() said before a run that succeeded; `allowed`: rules that may be broken. A split makes one
    set, a patch a wheel of each."""
    named, folder, were = before
    _, _, are = wheels_of(command, cwd)
    made = sorted(path for path, identity in are.items() if were.get(path) != identity)
    if not made or not named:
        return
    if command[1] == "split":
        verify(command[0], named[0], made, env, allowed)
        return
    for output in made:
        originals = [path for path in named if distribution(path) == distribution(output)]
        assert originals, f"{output} is of none of the wheels that were to be patched: {named}"
        verify(command[0], originals[0], [output], env, allowed)
