"""The program of this machine, as a repository."""

_NO_PATCH = """#!/bin/sh
echo 'error: cannot run GNU patch
  caused by: there was none on PATH when Bazel looked for it
hint: install it and run `bazel shutdown`, or name one with patch_prog' >&2
exit 3
"""

def _named_program(repository_ctx):
    """What `path` or $SPOKESHAVE names, or None; fails where no program is there."""
    name = "path" if repository_ctx.attr.path else "$SPOKESHAVE"
    program = repository_ctx.attr.path or repository_ctx.os.environ.get("SPOKESHAVE")
    if not program:
        return None
    cause = None
    if not program.startswith("/"):
        cause = "%s is no absolute path" % name  # Bazel would look in this repository
    elif repository_ctx.execute(["/bin/sh", "-c", 'test -f "$0" && test -x "$0"', program]).return_code != 0:
        cause = "%s names no file there that can be run" % name
    if cause:
        fail("error: cannot find spokeshave at `%s`\n" % program +
             "  caused by: %s\n" % cause +
             "hint: give the path of the program itself, from the root: /path/to/spokeshave")
    return program

def _installed_spokeshave_impl(repository_ctx):
    program = _named_program(repository_ctx) or repository_ctx.which("spokeshave")
    if not program:
        fail("error: cannot find spokeshave\n" +
             "  caused by: it is not on PATH, and $SPOKESHAVE names none\n" +
             "hint: install it, or give its path: --repo_env=SPOKESHAVE=/path/to/spokeshave")
    repository_ctx.symlink(program, "spokeshave")
    patch = repository_ctx.which("patch")
    if patch:
        repository_ctx.symlink(patch, "patch")
    else:
        repository_ctx.file("patch", _NO_PATCH)
    repository_ctx.file("BUILD.bazel", 'exports_files(["spokeshave", "patch"])\n')

installed_spokeshave = repository_rule(
    implementation = _installed_spokeshave_impl,
    attrs = {
        "path": attr.string(doc = "Where the program is, from the root; in place of $SPOKESHAVE and PATH."),
    },
    configure = True,
    doc = """Brings `spokeshave` and GNU `patch` of this machine into the build.

They are inputs of every action that runs them: their content is in its key. The shared libraries
that they load come from the system, here and on each remote worker, and are in no key.
""",
    environ = [
        "PATH",
        "SPOKESHAVE",
    ],
    local = True,
)
