"""A set of wheels that find their libraries in one folder only: what `preload` is for. ld.so loads them."""
import support  # it makes fixtures/ importable
from tiny_elf import library, module
from wheel_maker import Wheel

TAG = "py3-none-manylinux_2_17_x86_64"
CODE = '''"""The main package."""
from __future__ import annotations
import ctypes, os
ctypes.CDLL(os.path.join(os.path.dirname(__file__), "_c.so"))
'''


def apptoy(folder, version="1.0", tag=TAG, requires=("onetoy", "twotoy"), needed=("libone.so", "libtwo.so"), init=CODE):
    """Its module needs libone.so and libtwo.so; libtwo.so needs libcore.so of apptoy itself."""
    wheel = Wheel("apptoy", version, tag)
    wheel.requires = list(requires)
    if init is not None:
        wheel.add("apptoy/__init__.py", init)
    wheel.add("apptoy/_c.so", module("_c", needed=needed, rpath="$ORIGIN/lib:$ORIGIN/../onetoy:$ORIGIN/../twotoy"))
    wheel.add("apptoy/lib/libcore.so", library("libcore.so", symbol="core"))
    wheel.add("apptoy/lib/libplugin.so", library("libplugin.so", ["libone.so", "libnowhere.so.3"]))
    return wheel.write(folder)


def onetoy(folder, tag=TAG, missing=()):
    """libone.so needs libtwo.so of another wheel, and opens libone_part.so, which needs it too."""
    wheel = Wheel("onetoy", "1.5", tag)
    wheel.requires = ["twotoy"]
    wheel.add("onetoy/libone.so", library("libone.so", ["libtwo.so", *missing], runpath="$ORIGIN:$ORIGIN/../twotoy",
                                          mentions=["libone_part.so"]))
    wheel.add("onetoy/libone_part.so", library("libone_part.so", ["libtwo.so"], runpath="$ORIGIN/../twotoy"))
    wheel.add("onetoy/libone_idle.so", library("libone_idle.so"))
    return wheel.write(folder)


def twotoy(folder, tag=TAG, needed=("libcore.so", "libround.so", "libcuda.so.1"), soname="libtwo.so"):
    """libround.so and libtrip.so need each other; only libtrip.so finds the other."""
    wheel = Wheel("twotoy", "2.0", tag)
    wheel.add("twotoy/libtwo.so", library(soname, [each for each in needed if each != "libcuda.so.1"],
                                          runpath="$ORIGIN:$ORIGIN/../apptoy/lib"))
    wheel.add("twotoy/libround.so", library("libround.so", ["libtrip.so"]))
    wheel.add("twotoy/libtrip.so", library("libtrip.so", ["libround.so"], runpath="$ORIGIN"))
    return wheel.write(folder)


def idletoy(folder):
    wheel = Wheel("idletoy", "0.1", TAG).add("idletoy/libidle.so", library("libidle.so"))
    return wheel.write(folder)


def whole(folder):
    """All of them, the main one first."""
    return [make(folder) for make in (apptoy, onetoy, twotoy, idletoy)]
