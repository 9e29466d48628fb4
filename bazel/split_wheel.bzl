"""The rule split_wheel."""

load(":program.bzl", "PROGRAM_ATTRS", "add_options", "run_program")

# Options of the command line by the same names.
_OPTIONS = {
    "companion": attr.string(doc = "What the companion is called. [the wheel's name-libs]"),
    "keep": attr.string_list(doc = "GLOBs of libraries that stay in the main wheel."),
    "max_installed_size": attr.string(doc = "No wheel unpacks to more, e.g. 3GB."),
    "max_wheel_size": attr.string(doc = "No wheel file is larger, e.g. 1GB."),
    "move": attr.string_list(doc = "GLOBs of libraries that move to a companion."),
    "package": attr.string(doc = "Preload in this package's __init__.py. [found out]"),
    "runpath": attr.string(doc = "RUNPATH of each moved library. [computed]"),
}

def _one_folder(files):
    folders = {file.dirname: None for file in files}.keys()
    if len(folders) != 1:
        fail("all `outs` must be in one folder")
    return folders[0]

def _split_wheel_impl(ctx):
    before = None
    if ctx.outputs.outs:
        outputs = ctx.outputs.outs
        folder = "%s/%s.wheels" % (_one_folder(outputs), ctx.label.name)
        first = ctx.actions.args()
        first.add(len(outputs))
        first.add(folder)
        first.add(ctx.executable.spokeshave)
        before = (ctx.executable._split_into, [first])
    else:
        outputs = [ctx.actions.declare_directory(ctx.label.name)]
        folder = outputs[0].path
    args = ctx.actions.args()
    args.add("split")
    args.add(ctx.file.wheel)
    add_options(args, ctx, sorted(_OPTIONS))
    run_program(
        ctx,
        args = args,
        before = before,
        inputs = ctx.files.wheel,
        mnemonic = "SplitWheel",
        out_dir = folder,
        outputs = outputs,
        verb = "Splitting",
    )
    return [DefaultInfo(files = depset(outputs))]

split_wheel = rule(
    implementation = _split_wheel_impl,
    attrs = dict(dict(PROGRAM_ATTRS, **_OPTIONS), **{
        "outs": attr.output_list(
            doc = "All wheels that it makes, by their file names; `spokeshave split --dry-run` tells them.",
        ),
        "wheel": attr.label(
            allow_single_file = [".whl"],
            doc = "The wheel.",
            mandatory = True,
        ),
        "_split_into": attr.label(
            allow_single_file = True,
            cfg = "exec",
            default = Label("//:split_into.sh"),
            executable = True,
        ),
    }),
    doc = """Several wheels, none over the budget: `spokeshave split`.

How many come out, and what they are called, is known only when the wheel has been read. So the
output is a folder, NAME, with all of them. With `outs` they are files, to which other targets may
refer; it is an error if the split makes others. The attributes are the options of the command
line, with `_` for `-`.
""",
)
