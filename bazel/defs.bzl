"""Wheels with native libraries, split, patched and preloaded: the rules of spokeshave."""

load(":patch_wheel.bzl", _patch_wheel = "patch_wheel")
load(":preload_wheel.bzl", _preload_wheel = "preload_wheel")
load(":split_wheel.bzl", _split_wheel = "split_wheel")

patch_wheel = _patch_wheel
preload_wheel = _preload_wheel
split_wheel = _split_wheel
