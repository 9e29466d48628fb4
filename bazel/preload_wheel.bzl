"""The rule preload_wheel."""

load(":program.bzl", "PROGRAM_ATTRS", "add_options", "declare_wheel", "run_program")

def _preload_wheel_impl(ctx):
    new_wheel = ctx.outputs.out or declare_wheel(ctx)
    args = ctx.actions.args()
    args.add("preload")
    args.add("--write")
    args.add(ctx.file.wheel)
    args.add_all(ctx.files.others)
    add_options(args, ctx, ["check_input", "package"])
    args.add_all(ctx.attr.global_libraries, before_each = "--global")
    run_program(
        ctx,
        args = args,
        inputs = ctx.files.wheel + ctx.files.others,
        mnemonic = "PreloadWheel",
        out_dir = new_wheel.dirname,
        outputs = [new_wheel],
        verb = "Preloading in",
    )
    return [DefaultInfo(files = depset([new_wheel]))]

preload_wheel = rule(
    implementation = _preload_wheel_impl,
    attrs = dict(PROGRAM_ATTRS, **{
        "check_input": attr.bool(doc = "First compare every member with RECORD."),
        "global_libraries": attr.string_list(
            doc = "GLOBs of libraries to load with RTLD_GLOBAL: `--global`, a word that Starlark keeps for itself.",
        ),
        "out": attr.output(doc = "The new wheel, by the name that it gets. [NAME/FILE]"),
        "others": attr.label_list(
            allow_files = True,
            doc = "The wheels that have the libraries: files, or folders of them as split_wheel makes. Their order never matters.",
        ),
        "package": attr.string(doc = "Preload in this package's __init__.py. [found out]"),
        "wheel": attr.label(
            allow_single_file = [".whl"],
            doc = "The main wheel.",
            mandatory = True,
        ),
    }),
    doc = """The wheel with all that it needs of other wheels loaded first: `spokeshave preload --write`.

So its import works where each wheel has a folder of its own, as rules_python installs them.
""",
)
