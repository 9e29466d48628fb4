"""Two wheels in which everything occurs that `inspect` can tell of: every kind of finding, and every member of its JSON."""
import support  # it makes fixtures/ importable
from tiny_elf import library, module
from wheel_maker import Wheel

BROKEN = b"\x7fELF\2\1\1" + bytes(40)


def oddtoy(folder, tag="cp38-abi3-manylinux_2_17_x86_64"):
    wheel = Wheel("oddtoy", "1.0", tag)
    wheel.add("oddtoy/__init__.py", 'import ctypes\nctypes.CDLL("libfails.so")\nctypes.CDLL("liblinear.so")\n')
    wheel.add("oddtoy/_c.so", module("_c", needed=["libaway.so", "libbeside.so", "libcuda.so.1", "libelsewhere.so.7"],
                                     rpath="$ORIGIN/gone:$ORIGIN", takes=["beside", "elsewhere"]))
    wheel.add("oddtoy/_d.so", module("_d", needed=["libfails.so", "/opt/libslash.so"]))
    wheel.add("oddtoy/_e.so", module("_e", needed=["libother.so", "libborrows.so"],
                                     rpath="/opt/build/lib:$ORIGIN/lib:$ORIGIN/../othertoy", takes=["lent", "round"]))
    wheel.add("oddtoy/libbeside.so", library("libbeside-2.so", symbol="beside"))
    wheel.add("oddtoy/libfails.so", library("libfails.so", ["libaway.so"], rpath="$ORIGIN/never", runpath="$ORIGIN"))
    wheel.add("oddtoy/liblinear.so", library("liblinear.so", ["libnameless.so", "libc.so.6"], runpath="$ORIGIN",
                                             mentions=["libopened.so", "libround.so"]))
    wheel.add("oddtoy/libnameless.so", library())
    wheel.add("oddtoy/libopened.so", library("libopened.so", executable_stack=True))
    wheel.add("oddtoy/lib/libborrows.so", library("libborrows.so", ["liblent.so"]))
    wheel.add("oddtoy/lib/liblent.so", library("liblent.so", symbol="lent", takes=["of_nobody"]))
    wheel.add("oddtoy/away/libaway.so", library("libaway.so"))
    wheel.add("oddtoy/circle/libround.so", library("libround.so", ["libtrip.so"], runpath="$ORIGIN", symbol="round"))
    wheel.add("oddtoy/circle/libtrip.so", library("libtrip.so", ["libround.so", "/opt/libaway.so"], runpath="$ORIGIN"))
    wheel.add("oddtoy/lost/liblost.so", library("liblost.so", ["libaway.so"]))
    wheel.add("oddtoy/lost/libslash.so", library("/opt/libslash.so"))
    for name in ("tool", "other-tool"):
        wheel.add("oddtoy/bin/" + name, library(needed=["libtools.so"], runpath="$ORIGIN", program=True), executable=True)
    wheel.add("oddtoy/bin/libtools.so", library("libtools.so", ["libaway.so"]))
    wheel.add("oddtoy/shared/libshared.so", library("libshared.so"))
    wheel.add("oddtoy/broken.so", BROKEN).add("oddtoy/tests/broken.elf", BROKEN)
    return wheel.write(folder)


def othertoy(folder):
    wheel = Wheel("othertoy", "2.0", "py3-none-manylinux_2_17_x86_64")
    wheel.add("othertoy/libother.so", library("libother.so")).add("othertoy/liblent.so", library("liblent.so"))
    wheel.add("oddtoy/shared/libshared.so", library("libshared.so"))
    return wheel.write(folder)


def searchtoy(folder):
    """Names that are looked for in vain: behind a path of 300 entries, and by dlopen."""
    wheel = Wheel("searchtoy", "1.0", "py3-none-manylinux_2_17_x86_64")
    entries = ":".join(f"/gone/{number}" for number in range(300))
    wheel.add("searchtoy/libone.so", library("libone.so", ["libtwo.so"], runpath=entries))
    wheel.add("searchtoy/away/libtwo.so", library("libtwo.so"))
    wheel.add("searchtoy/libopens.so", library("libopens.so", rpath="$ORIGIN/gone", mentions=["libtwo.so"]))
    return wheel.write(folder)
