"""For MODULE.bazel: the program of this machine."""

load(":installed.bzl", "installed_spokeshave")

def _installed_impl(_module_ctx):
    installed_spokeshave(name = "installed_spokeshave")

installed = module_extension(
    implementation = _installed_impl,
    doc = "Makes @installed_spokeshave, of $SPOKESHAVE or of the program that is found on PATH.",
)
