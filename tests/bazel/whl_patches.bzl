"""A wheel as rules_python's pip.override patches it: unzipped, and changed by Bazel's own patch."""

def _wheel_with_patches_impl(repository_ctx):
    repository_ctx.symlink(repository_ctx.attr.wheel, "wheel.zip")
    repository_ctx.extract("wheel.zip")
    repository_ctx.delete("wheel.zip")
    for patch in repository_ctx.attr.patches:
        repository_ctx.patch(patch, strip = repository_ctx.attr.patch_strip)
    repository_ctx.file("BUILD.bazel", """filegroup(
        name = "unpacked",
        srcs = glob(["**"], exclude = ["BUILD.bazel", "WORKSPACE"]),
        visibility = ["//visibility:public"],
    )""")

wheel_with_patches = repository_rule(
    implementation = _wheel_with_patches_impl,
    attrs = {
        "patch_strip": attr.int(),
        "patches": attr.label_list(),
        "wheel": attr.label(),
    },
)
