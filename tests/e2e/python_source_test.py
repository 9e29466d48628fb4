"""Python itself judges where the preload block is put, and which strings a module has."""

import ast
import glob
import io
import os
import pathlib
import random
import site
import subprocess
import sys
import sysconfig
import tempfile
import tokenize
import unittest

from random_modules import DOUBLE_BYTE_TEXT, RandomModule

PROBE = os.environ["SPOKESHAVE_PYTHON_SOURCE_PROBE"]
SEED = int(os.environ.get("SPOKESHAVE_SEED") or random.SystemRandom().randrange(2**32))

BLOCK = "# >>> spokeshave preload >>>\nBLOCK = 'runs first'\n# <<< spokeshave preload <<<"


class Answer:
    """What the probe says of one module."""

    def __init__(self, refusal, numbers=(), text=b""):
        self.refusal = refusal
        self.with_block = text
        if refusal is None:
            self.offset, _, self.idempotent, self.removable, count = numbers[:5]
            self.literals = list(zip(numbers[5::2], numbers[6::2]))
            assert len(self.literals) == count


class Probe:
    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        block = os.path.join(self.folder.name, "block")
        with open(block, "w", newline="") as file:
            file.write(BLOCK)
        self.process = subprocess.Popen(
            [PROBE, "modules", block], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, path):
        self.process.stdin.write(os.fsencode(path) + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if line.startswith(b"refused "):
            return Answer(line[8:-1].decode("utf-8", "replace"))
        numbers = [int(word) for word in line.split()]
        return Answer(None, numbers, self.process.stdout.read(numbers[1]))

    def ask_about(self, source):
        path = os.path.join(self.folder.name, "module.py")
        with open(path, "wb") as file:
            file.write(source)
        return self.ask(path)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait()
        self.folder.cleanup()
        return status


def parse(source, path):
    """The module's tree, or None where Python refuses it."""
    try:
        return compile(source, path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def is_valid(source, path):
    """Python compiles it, so that its future imports are where they must be."""
    try:
        return bool(compile(source, path, "exec", dont_inherit=True))
    except SyntaxError:
        return False


def is_docstring(statement):
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def is_future(statement):
    return (
        isinstance(statement, ast.ImportFrom)
        and statement.module == "__future__"
        and statement.level == 0
    )


def head_length(body):
    """How many statements Python wants on top: the docstring, the future imports."""
    length = 1 if body and is_docstring(body[0]) else 0
    while length < len(body) and is_future(body[length]):
        length += 1
    return length


def logical_lines(source):
    """(first, last) physical line of each logical line, by the tokenize module."""
    text = io.BytesIO(source.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    skipped = (tokenize.ENCODING, tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
    first = None
    for token in tokenize.tokenize(text.readline):
        if first is None and token.type not in skipped:
            first = token.start[0]
        if token.type == tokenize.NEWLINE:
            yield first, token.start[0]
            first = None


def installed_modules():
    folders = set(sysconfig.get_paths().values()) | {path for path in sys.path if path}
    folders |= {*site.getsitepackages(), *glob.glob("/usr/lib/python3*")}  # Debian's, too
    seen = set()
    for folder in sorted(os.path.realpath(folder) for folder in folders):
        for root, _, names in sorted(os.walk(folder)):
            if "/spokeshave" in root or os.path.realpath(root) in seen:
                continue
            seen.add(os.path.realpath(root))
            for name in sorted(names):
                path = os.path.join(root, name)
                if name.endswith(".py") and "\n" not in path and os.path.isfile(path):
                    yield path


def python_literals(source):
    """(offset, size) of the value of each string literal, by the tokenize module; the second set
    holds the literals that a Python before 3.12 does not look into."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    mark = 3 if source.startswith(b"\xef\xbb\xbf") else 0
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    lines = source[mark:].decode(encoding).splitlines(keepends=True)
    if "".join(lines).count("\n") != len(lines) or b"\r" in source:
        lines = [line + "\n" for line in source[mark:].decode(encoding).split("\n")]
    begins = [mark]
    for line in lines:
        begins.append(begins[-1] + len(line.encode(encoding)))

    def offset(position):
        row, column = position
        return begins[row - 1] + len(lines[row - 1][:column].encode(encoding))

    def value(begin, end):
        literal = source[begin:end]
        prefix = len(literal) - len(literal.lstrip(b"rRbBuUfFtT"))
        quotes = 3 if literal[prefix : prefix + 3] in (b'"""', b"'''") else 1
        return (begin + prefix + quotes, end - begin - prefix - 2 * quotes)

    whole, opaque, open_strings = set(), set(), []
    text = "".join(lines)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name = tokenize.tok_name[token.type]
        if name in ("FSTRING_START", "TSTRING_START"):
            open_strings.append(offset(token.start))
        elif name in ("FSTRING_END", "TSTRING_END"):
            whole.add(value(open_strings.pop(), offset(token.end)))
        elif name == "STRING":
            found = value(offset(token.start), offset(token.end))
            whole.add(found)
            quote = min(i for i in (token.string.find("'"), token.string.find('"')) if i >= 0)
            if "f" in token.string[:quote].lower():
                opaque.add(found)
    return whole, opaque


class PlaceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.probe = Probe()

    @classmethod
    def tearDownClass(cls):
        assert cls.probe.close() == 0

    def judge(self, source, answer, path):
        """True where Python takes the module and all that it says of the block was checked."""
        if answer.refusal is not None:
            return self.judge_refusal(source, parse(source, path), answer.refusal)
        self.assertTrue(answer.idempotent, "a second run changes the module")
        self.assertTrue(answer.removable, "the block does not come out again")
        tree = parse(answer.with_block, path)
        if tree is None:
            self.assertIsNone(parse(source, path), "Python refuses the module because of the block")
            return False
        # What stands before the place is whole statements, and they are the head ...
        above = parse(source[: answer.offset], path)
        if above is None:
            self.assertIsNone(parse(source, path), "the place is inside a statement")
            return False
        head = head_length(tree.body)
        self.assertEqual(list(map(ast.dump, above.body)), list(map(ast.dump, tree.body[:head])))
        # ... and what comes behind belongs to no head.
        block, *behind = tree.body[head:]
        self.assertIsInstance(block, ast.Assign)
        self.assertEqual(block.targets[0].id, "BLOCK")
        if behind:
            self.assertFalse(head == 0 and is_docstring(behind[0]), "the docstring is lost")
            self.assertFalse(is_future(behind[0]), "a future import comes too late")
        if any(map(is_future, tree.body)) and is_valid(source, path):
            self.assertTrue(is_valid(answer.with_block, path))
        return True

    def judge_refusal(self, source, tree, reason):
        if tree is None:
            return False
        head = head_length(tree.body)
        self.assertIn("a statement follows on the same line", reason)
        end, begin = tree.body[head - 1].end_lineno, tree.body[head].lineno
        self.assertTrue(any(first <= end and begin <= last for first, last in logical_lines(source)))
        return True

    def test_in_every_installed_module(self):
        judged = 0
        for path in installed_modules():
            with open(path, "rb") as file:
                source = file.read()
            answer = self.probe.ask(path)
            with self.subTest(path=path):
                judged += self.judge(source, answer, path)
        self.assertGreater(judged, 500)

    def test_every_file_of_the_standard_library_is_among_them(self):
        """Its tests' too, with their odd encodings and broken heads, where they are installed."""
        asked = {os.path.realpath(path) for path in installed_modules()}
        library = pathlib.Path(sysconfig.get_path("stdlib"))
        there = {os.path.realpath(path) for path in library.rglob("*.py") if path.is_file()}
        self.assertEqual({path for path in there - asked if "/spokeshave" not in path}, set())
        self.assertGreater(len(there), 500)

    def test_in_installed_modules_of_other_encodings_and_line_ends(self):
        print("SPOKESHAVE_SEED=%d" % SEED, file=sys.stderr)
        rng = random.Random(SEED)
        encodings = ["utf-8", "utf-8-sig", "latin-1", "cp1252", "koi8-r", "euc_jp", "euc_kr", *DOUBLE_BYTE_TEXT]
        judged = 0
        for path in rng.sample(sorted(installed_modules()), 600):
            with open(path, "rb") as file:
                source = file.read()
            if parse(source, path) is None or b"\f" in source:
                continue
            declared, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
            lines = source.decode(declared).splitlines()
            encoding = rng.choice(encodings)
            head = lines[:1] if lines and lines[0].startswith("#!") else []
            head.append("# -*- coding: %s -*-" % encoding.replace("-sig", ""))
            rest = [line for line in lines[:2] if line not in head and "coding" not in line] + lines[2:]
            text = rng.choice(["\n", "\r\n", "\r"]).join([*head, *rest, ""])
            made = text.encode(encoding, "replace")
            with self.subTest(path=path, encoding=encoding, seed=SEED):
                judged += self.judge(made, self.probe.ask_about(made), path)
        self.assertGreater(judged, 300)

    def test_a_statement_that_a_backslash_joins_to_the_head_is_on_its_line(self):
        joined = [b"'';\\\nx = 1\n", b"''\\\n;x = 1\n", b"'';\\\rx = 1"]
        joined.append(b"'';\\\r\n\\\r\nx = (\r\n1)")
        for source in joined:
            answer = self.probe.ask_about(source)
            with self.subTest(source=source):
                self.assertIn("a statement follows on the same line", answer.refusal or "")
                self.assertTrue(self.judge(source, answer, "module"))

    def test_in_modules_made_at_random(self):
        print("SPOKESHAVE_SEED=%d" % SEED, file=sys.stderr)
        make = RandomModule(random.Random(SEED))
        judged = 0
        for number in range(3000):
            source = make.module()
            answer = self.probe.ask_about(source)
            with self.subTest(seed=SEED, number=number, source=source):
                judged += self.judge(source, answer, "module %d" % number)
        self.assertGreater(judged, 1000)

    def test_literals_are_those_of_tokenize(self):
        judged = 0
        for path in list(installed_modules())[::10]:
            with open(path, "rb") as file:
                source = file.read()
            if parse(source, path) is None or len(source) > 200000 or b"\f" in source:
                continue
            answer = self.probe.ask(path)
            if answer.refusal is not None:
                continue
            expected, opaque = python_literals(source)
            found = {
                (offset, size)
                for offset, size in answer.literals
                if (offset, size) in expected
                or not any(begin <= offset < begin + length for begin, length in opaque)
            }
            with self.subTest(path=path):
                self.assertEqual(found, expected)
            judged += 1
        self.assertGreater(judged, 50)


if __name__ == "__main__":
    unittest.main()
