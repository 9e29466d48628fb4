"""What the rules share: how the program is run, and what its outputs are called."""

PROGRAM_ATTRS = {
    "jobs": attr.int(
        default = 1,
        doc = "How many threads it uses; Bazel counts an action as one. The output is the same.",
    ),
    "source_date_epoch": attr.string(
        doc = "Seconds since 1970: the time of what is written anew. Else that of what was there.",
    ),
    "spokeshave": attr.label(
        allow_files = True,
        cfg = "exec",
        default = Label("//:program"),
        doc = "The program.",
        executable = True,
    ),
    "suffix": attr.string(
        doc = "A local version: 2.1.2 becomes 2.1.2+SUFFIX, 2.1.2+cu118 becomes 2.1.2+cu118.SUFFIX.",
    ),
    "version": attr.string(
        doc = "The whole version.",
    ),
}

def add_options(args, ctx, names):
    """Adds --NAME VALUE for each attribute that has a value.

    For a list or a table, one for each element; for what is True, --NAME alone.

    Args:
      args: what they are added to.
      ctx: the rule's.
      names: of attributes, called as the options are, with `_` for `-`.
    """
    for name in names:
        option = "--" + name.replace("_", "-")
        value = getattr(ctx.attr, name)
        if type(value) == type({}):
            args.add_all(_assignments(value), before_each = option)
        elif type(value) == type([]):
            args.add_all(value, before_each = option)
        elif type(value) == type(True):
            args.add_all([option] if value else [])
        elif value:
            args.add(option, value)

def _assignments(table):
    """GLOB=VALUE for each value of a table, whose values are texts or lists of them."""
    return [
        "%s=%s" % (glob, value)
        for glob, values in table.items()
        for value in (values if type(values) == type([]) else [values])
    ]

# Of a version in normal form (PEP 440).
_NORMAL_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.+!"

def _check_normal(name, version):
    wrong = [letter for letter in version.elems() if letter not in _NORMAL_LETTERS]
    if wrong:
        fail("error: cannot tell what the wheel will be called with %s = \"%s\"\n" % (name, version) +
             "  caused by: `%s` is not in the normal form of a version, in which the program writes it\n" % wrong[0] +
             "hint: write it in that form (PEP 440): in lower case, its parts separated by `.`")

def declare_wheel(ctx, build = "", python_tag = "", abi_tag = "", platform_tag = ""):
    """The new wheel, called as the program will call it, in a folder that is called as the target.

    PEP 427: name-version[-build]-python-abi-platform.whl. Fails where `suffix` or `version` has letters that the program
    would change.

    Args:
      ctx: the rule's; its `wheel`, `suffix` and `version` are meant.
      build: in place of the old one, as the tags are; empty: as it was.
      python_tag: e.g. py3
      abi_tag: e.g. abi3
      platform_tag: e.g. manylinux_2_17_x86_64

    Returns:
      a File.
    """
    parts = ctx.file.wheel.basename[:-len(".whl")].split("-")
    if len(parts) not in [5, 6]:
        fail("%s is no name of a wheel: it must have 5 or 6 parts" % ctx.file.wheel.basename)
    _check_normal("suffix", ctx.attr.suffix)
    _check_normal("version", ctx.attr.version)
    version = ctx.attr.version or parts[1]
    if ctx.attr.suffix:
        version += ("." if "+" in version else "+") + ctx.attr.suffix
    builds = [build] if build else parts[2:-3]
    tags = [python_tag or parts[-3], abi_tag or parts[-2], platform_tag or parts[-1]]
    name = "-".join([parts[0], version] + builds + tags) + ".whl"
    return ctx.actions.declare_file("%s/%s" % (ctx.label.name, name))

def run_program(ctx, args, inputs, outputs, out_dir, mnemonic, verb, tools = [], before = None):
    """Runs the program as an action. Nothing of this machine is in its key: no PATH, no folder.

    Args:
      ctx: the rule's.
      args: the subcommand, its wheels and its own options.
      inputs: files.
      outputs: all that it writes.
      out_dir: where to, relative to the execution root.
      mnemonic: the action's.
      verb: for the progress message.
      tools: other programs that it runs.
      before: a program that runs it, and what it takes first: (File, [Args]).
    """
    shared = ctx.actions.args()
    shared.add("--out", out_dir)
    shared.add("--jobs", ctx.attr.jobs)
    shared.add("--quiet")
    add_options(shared, ctx, ["suffix", "version"])
    epoch = ctx.attr.source_date_epoch
    executable, first = before if before else (ctx.executable.spokeshave, [])
    ctx.actions.run(
        arguments = first + [args, shared],
        env = {"SOURCE_DATE_EPOCH": epoch} if epoch else {},
        executable = executable,
        execution_requirements = {"block-network": "1"},
        inputs = inputs,
        mnemonic = mnemonic,
        outputs = outputs,
        progress_message = "%s %s" % (verb, ctx.file.wheel.short_path),
        tools = tools + [ctx.attr.spokeshave[DefaultInfo].files_to_run],
    )
