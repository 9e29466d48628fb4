"""Python modules made at random, of every encoding, quoting and line end."""
# Characters whose second byte is one that means something to Python: \ [ ] { }.
DOUBLE_BYTE_TEXT = {
    encoding: [
        text
        for text in map(chr, range(0xA0, 0x10000))
        if text.encode(encoding, "ignore")[1:] in (b"\\", b"[", b"]", b"{", b"}")
    ]
    for encoding in ("shift_jis", "cp932", "big5", "gbk", "gb18030", "johab")
}


class RandomModule:
    """Module heads of all that the language reference allows, and of some that it does not."""

    def __init__(self, rng):
        self.rng = rng

    def module(self):
        rng = self.rng
        encoding = rng.choice(["utf-8", "utf-8", "latin-1", *DOUBLE_BYTE_TEXT])
        self.letters = ["a", " ", "#", "x = 1", "'", '"', "\\", "\\\\", "{", "}", "(", ";", "\t"]
        self.letters += DOUBLE_BYTE_TEXT.get(encoding, ["\xe9", "\xdf"])[:: rng.randint(1, 9)][:20]
        mark = encoding == "utf-8" and rng.random() < 0.2
        lines = ["#!/usr/bin/env python"] if rng.random() < 0.2 else []
        if encoding != "utf-8" or rng.random() < 0.3:
            forms = ["# coding: %s", "#-*- coding=%s -*-", " # vim: encoding: %s "]
            lines.append(rng.choice(forms) % encoding)
        text = "\n".join([*lines, self.filler() + self.statements()])
        if lines and rng.random() < 0.2:
            text += "\n" + text[: rng.randint(0, 40)]
        if not rng.random() < 0.3:
            text += "\n"
        ends = rng.choice([["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"], ["\n", "\r", "\r\n"]])
        text = "".join(rng.choice(ends) if letter == "\n" else letter for letter in text)
        return (b"\xef\xbb\xbf" if mark else b"") + text.encode(encoding, "replace")

    def filler(self):
        comment = "# %s\n" % self.words(4).replace("\n", "")
        pieces = ["\n", "  \n", "\f\n", comment, "\t# c\n", "\\\n"]
        return "".join(self.rng.choice(pieces) for _ in range(self.rng.choice([0, 0, 1, 3])))

    def words(self, most):
        return "".join(self.rng.choice(self.letters) for _ in range(self.rng.randint(0, most)))

    def statements(self):
        rng = self.rng
        statements = []
        if rng.random() < 0.7:
            statements.append(self.string_expression())
        for _ in range(rng.choice([0, 0, 1, 2])):
            statements.append(self.future())
        for _ in range(rng.choice([0, 1, 1, 2])):
            others = ["import os", "x = (\n1)", "'text'", "f'{1}'", "def f():\n  'doc'"]
            statements.append(rng.choice(others))
        text = ""
        for statement in statements:
            last = rng.random() < 0.9
            text += statement + (self.line_end() + self.filler() if last else "; ")
        return text

    def line_end(self):
        comment = " # %s\n" % self.words(3)
        return self.rng.choice(["\n", "\n", "\n", " \n", ";\n", comment, " ; # c\n"])

    def gap(self, bracketed):
        gaps = [" ", " ", "  ", " \\\n "] + (["\n", " # c'\n\n "] if bracketed else [])
        return self.rng.choice(gaps)

    def string_expression(self):
        rng = self.rng
        brackets = rng.choice([0, 0, 0, 1, 2])
        literals = [self.literal() for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        text = self.gap(brackets).join(literals)
        for _ in range(brackets):
            text = "(" + text + self.gap(True) + ")"
        return text + rng.choice([""] * 8 + [".strip()", " + 'b'", ", 'c'", " % 1", "[0]"])

    def literal(self):
        rng = self.rng
        prefix = rng.choice(["", "", "", "", "r", "R", "u", "U", "b", "Rb", "f", "fR"])
        quotes = rng.choice(["'", '"', "'''", '"""'])
        self.letters.append("\n" if len(quotes) == 3 else "\\\n")
        body = self.words(6)
        self.letters.pop()
        return prefix + quotes + body + quotes

    def future(self):
        rng = self.rng
        names = rng.sample(["annotations", "division", "generators as g", "print_function"], 2)
        bracketed = rng.random() < 0.5
        listed = ("," + self.gap(bracketed)).join(names)
        if bracketed:
            listed = "(" + self.gap(True) + listed + rng.choice(["", ","]) + self.gap(True) + ")"
        gaps = [self.gap(False) for _ in range(3)]
        return "from%s__future__%simport%s%s" % (*gaps, listed)
