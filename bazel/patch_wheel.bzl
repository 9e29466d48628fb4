"""The rule patch_wheel."""

load(":program.bzl", "PROGRAM_ATTRS", "add_options", "declare_wheel", "run_program")

# Options of the command line by the same names.
_TAGS = {
    "abi_tag": attr.string(doc = "E.g. abi3."),
    "build": attr.string(doc = "The build tag."),
    "platform_tag": attr.string(doc = "E.g. manylinux_2_17_x86_64."),
    "python_tag": attr.string(doc = "E.g. py3."),
}

_EDITS = {
    "add_needed": attr.string_list_dict(doc = "GLOB: names that these libraries need as well."),
    "add_requires": attr.string_list(doc = "Requirements to add."),
    "check_input": attr.bool(doc = "First compare every member with RECORD."),
    "chmod": attr.string_dict(doc = "GLOB: mode of these files, e.g. 755."),
    "drop_requires": attr.string_list(doc = "Names whose requirements go."),
    "remove": attr.string_list(doc = "GLOBs of files that go."),
    "remove_needed": attr.string_list_dict(doc = "GLOB: names that these libraries need no longer."),
    "remove_preload": attr.bool(doc = "Take the preload block out."),
    "remove_rpath": attr.string_list(doc = "GLOBs of libraries whose RPATH and RUNPATH go."),
    "replace_needed": attr.string_dict(doc = "GLOB:OLD: the name that they need in its place."),
    "requires_python": attr.string(doc = "E.g. >=3.8."),
    "set_requires": attr.string_list(doc = "Requirements that take the place of those of their name."),
    "set_rpath": attr.string_dict(doc = "GLOB: RPATH of these libraries."),
    "set_runpath": attr.string_dict(doc = "GLOB: RUNPATH of these libraries."),
    "set_soname": attr.string_dict(doc = "GLOB: SONAME of these libraries."),
}

def _only_file(target):
    files = target.files.to_list()
    if len(files) != 1:
        fail("%s is no single file to add" % target.label)
    return files[0]

def _patch_wheel_impl(ctx):
    if ctx.file.recipe and not ctx.outputs.out:
        fail("a recipe may say what version the wheel gets: name its file with `out`")
    new_wheel = ctx.outputs.out or declare_wheel(ctx, **{tag: getattr(ctx.attr, tag) for tag in _TAGS})
    args = ctx.actions.args()
    args.add("patch")
    args.add(ctx.file.wheel)
    add_options(args, ctx, sorted(_TAGS) + sorted(_EDITS))
    for target, path in ctx.attr.add.items():
        args.add("--add", "%s=%s" % (path, _only_file(target).path))
    args.add_all(ctx.files.patches, before_each = "--patch")
    if ctx.files.patches:
        args.add("--strip-count", ctx.attr.strip_count)
    if ctx.files.patches or ctx.file.recipe:
        args.add("--patch-prog", ctx.executable.patch_prog)
    if ctx.file.recipe:
        args.add("--recipe", ctx.file.recipe)
    run_program(
        ctx,
        args = args,
        inputs = ctx.files.wheel + ctx.files.add + ctx.files.patches + ctx.files.recipe + ctx.files.data,
        mnemonic = "PatchWheel",
        out_dir = new_wheel.dirname,
        outputs = [new_wheel],
        tools = [ctx.attr.patch_prog[DefaultInfo].files_to_run],
        verb = "Patching",
    )
    return [DefaultInfo(files = depset([new_wheel]))]

patch_wheel = rule(
    implementation = _patch_wheel_impl,
    attrs = dict(dict(PROGRAM_ATTRS, **_TAGS), **dict(_EDITS, **{
        "add": attr.label_keyed_string_dict(
            allow_files = True,
            doc = "File: its path in the wheel.",
        ),
        "data": attr.label_list(
            allow_files = True,
            doc = "What the recipe names: source files, whose paths count from its folder.",
        ),
        "out": attr.output(doc = "The new wheel, by the name that it gets. Needed only with a recipe. [NAME/FILE]"),
        "patch_prog": attr.label(
            allow_files = True,
            cfg = "exec",
            default = Label("//:patch"),
            doc = "GNU patch.",
            executable = True,
        ),
        "patches": attr.label_list(
            allow_files = True,
            doc = "Diffs, applied in this order.",
        ),
        "recipe": attr.label(
            allow_single_file = [".toml"],
            doc = "What is done, in one reviewed text; it excludes all other edits.",
        ),
        "strip_count": attr.int(
            default = 1,
            doc = "Leading folders that paths in `patches` lose.",
        ),
        "wheel": attr.label(
            allow_single_file = [".whl"],
            doc = "The wheel.",
            mandatory = True,
        ),
    })),
    doc = """The same wheel, changed: `spokeshave patch`.

The attributes are the options of the command line, with `_` for `-`.
""",
)
