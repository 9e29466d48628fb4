"""Wheels as rules_python installs them: each unpacked into a folder of its own, all of these on PYTHONPATH."""

_PYTHON = {
    "_python": attr.label(
        allow_files = True,
        cfg = "exec",
        default = "@inputs//:python",
        executable = True,
    ),
}

def _unpacked_wheel_impl(ctx):
    folder = ctx.actions.declare_directory(ctx.label.name)
    args = ctx.actions.args()
    args.add_all(["-I", "-S"])
    args.add(ctx.file._unpack)
    args.add(ctx.file.wheel)
    args.add(folder.path)
    ctx.actions.run(
        arguments = [args],
        executable = ctx.executable._python,
        inputs = [ctx.file.wheel, ctx.file._unpack],
        mnemonic = "UnpackWheel",
        outputs = [folder],
        progress_message = "Unpacking %s" % ctx.file.wheel.short_path,
    )
    return [DefaultInfo(files = depset([folder]), runfiles = ctx.runfiles([folder]))]

unpacked_wheel = rule(
    implementation = _unpacked_wheel_impl,
    attrs = dict(_PYTHON, **{
        "wheel": attr.label(
            allow_single_file = [".whl"],
            mandatory = True,
        ),
        "_unpack": attr.label(
            allow_single_file = True,
            default = "//:unpack.py",
        ),
    }),
    doc = "One wheel, unpacked into the folder NAME.",
)

# Without -S the machine's own site-packages could bring what is to be missing.
_LAUNCHER = """#!/bin/sh
test -z "${{LD_LIBRARY_PATH+set}}" || exit 2
PYTHONPATH={path} exec {python} -S -B -c {code}
"""

def _quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"

def _folder(target):
    """A repository is one; a wheel that was unpacked in a build is the one output."""
    repository = target.label.workspace_name
    return "../" + repository if repository else target.files.to_list()[0].short_path

def _import_test_impl(ctx):
    launcher = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(
        launcher,
        _LAUNCHER.format(
            code = _quoted(ctx.attr.code),
            path = ":".join(['"$PWD/%s"' % _folder(wheel) for wheel in ctx.attr.wheels]),
            python = '"$PWD/%s"' % ctx.executable._python.short_path,
        ),
        is_executable = True,
    )
    return [DefaultInfo(
        executable = launcher,
        runfiles = ctx.runfiles(ctx.files.wheels + [ctx.executable._python]),
    )]

import_test = rule(
    implementation = _import_test_impl,
    attrs = dict(_PYTHON, **{
        "code": attr.string(
            doc = "Python, which imports the package.",
            mandatory = True,
        ),
        "wheels": attr.label_list(
            allow_files = True,
            doc = "What unpacked_wheel has made, or repositories.",
        ),
    }),
    doc = "Passes where Python runs the code with nothing but these folders on its path.",
    test = True,
)
