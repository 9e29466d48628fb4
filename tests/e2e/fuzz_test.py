"""libFuzzer over our inflater and over splicing, with zlib as the judge: it looks for packed data of which the two differ."""
import os
import random
import shutil
import subprocess
import time
import unittest
import zlib

from support import ROOT, EndToEnd, main

SECONDS = 40
SOURCES = ("splice", "spliced_writer", "region_encoder", "phase_pad", "symbol_decoder", "inflate_symbols", "inflate_blocks",
           "huffman_table", "deflate", "sha256")
CLANG = next(filter(None, map(shutil.which, ("clang++", "clang++-14", "clang++-16", "clang++-19"))), None)
FLAGS = ["-std=c++20", "-O1", "-g", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", f"-I{ROOT}"]


def can_fuzz(folder):
    """Whether there is a clang that has libFuzzer."""
    if CLANG is None:
        return False
    (folder / "empty.cpp").write_text('extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }')
    return subprocess.run([CLANG, *FLAGS, folder / "empty.cpp", "-o", folder / "empty"], capture_output=True).returncode == 0


def deflate(content, level, strategy=zlib.Z_DEFAULT_STRATEGY, flush_every=None):
    packer = zlib.compressobj(level, zlib.DEFLATED, -15, 8, strategy)
    step = flush_every or len(content) or 1
    return b"".join(packer.compress(content[at:at + step]) + (packer.flush(zlib.Z_SYNC_FLUSH) if flush_every else b"")
                    for at in range(0, len(content), step)) + packer.flush()


class Fuzz(EndToEnd):
    def setUp(self):
        super().setUp()
        if not can_fuzz(self.folder):
            self.skipTest("there is no clang with libFuzzer")
        self.seed = int(os.environ.get("SPOKESHAVE_SEED", time.time_ns() % 10**9))
        print("SPOKESHAVE_SEED =", self.seed)

    def corpus(self):
        """Streams of several kinds to begin with."""
        source = random.Random(self.seed)
        words = [source.randbytes(source.randrange(1, 20)) for _ in range(300)]
        content = b"".join(source.choice(words) for _ in range(9000))
        folder = self.folder / "corpus"
        folder.mkdir()
        streams = [deflate(content[:size], level, strategy, flush_every) for size in (0, 1, 500, len(content)) for level in (0, 1, 9)
                   for strategy in (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FIXED, zlib.Z_HUFFMAN_ONLY) for flush_every in (None, 700)]
        for number, stream in enumerate(streams):
            (folder / str(number)).write_bytes(source.randbytes(8) + stream)
        return folder

    def test_zlib_agrees_with_our_inflater_and_with_what_splicing_makes(self):
        target = self.folder / "splice_fuzz"
        sources = [ROOT / f"wheel/{name}.cpp" for name in SOURCES]
        built = subprocess.run([CLANG, *FLAGS, ROOT / "tests/wheel/fuzz/splice_fuzz.cpp", *sources, "-o", target,
                                "-lisal", "-lz", "-lcrypto", "-pthread"], capture_output=True, text=True)
        self.assertEqual(built.returncode, 0, built.stderr[-3000:])
        ran = subprocess.run([target, self.corpus(), f"-max_total_time={SECONDS}", f"-seed={self.seed}", "-max_len=60000",
                              "-print_final_stats=1", f"-artifact_prefix={self.folder}/"], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 0, ran.stderr[-3000:])
        executed = next(int(line.split()[-1]) for line in ran.stderr.splitlines() if "number_of_executed_units" in line)
        print(executed, "inputs")
        self.assertGreater(executed, 1000)


if __name__ == "__main__":
    main()
