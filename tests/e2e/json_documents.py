"""What the tests of the JSON documents share: real output held against the schemas in docs/, and these against it."""
import json
import pathlib
import shutil
import tempfile
import unittest

from support import DONE, PROGRAM, ROOT, TOOLS, fixture, run

SCHEMAS = {name: ROOT / f"docs/{name}.schema.json" for name in ("inspect", "split", "patch", "preload", "verify")}
JUDGE = """
import json, pathlib, sys
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
at = pathlib.Path(sys.argv[1])
beside = lambda name: DRAFT202012.create_resource(json.loads((at.parent / name).read_text()))
schema = json.loads(at.read_text())
Draft202012Validator.check_schema(schema)
judge = Draft202012Validator(schema, registry=Registry(retrieve=beside))
for path in sys.argv[2:]:
    for error in judge.iter_errors(json.load(open(path))):
        print(path, error.json_path, error.message[:500])
"""


def setUpModule():
    if run(TOOLS / "python", "-c", "import jsonschema").code != 0:
        raise unittest.SkipTest("scripts/setup could not fetch jsonschema, which judges")


def can_read_symbols():
    """Whether this build has LIEF."""
    return run(PROGRAM, "inspect", "--symbols", fixture("monotoy")).code == DONE


def members(schema, at, root):
    """Every member that a schema knows, as `libraries[].path`, and the values of every enum, as `command=split`."""
    schema = resolved(schema, root)
    for part in (part for key in ("oneOf", "anyOf") for part in schema.get(key, [])):
        yield from members(part, at, root)
    for value in schema.get("enum", []):
        yield f"{at}={value}"
    if "items" in schema:
        yield from members(schema["items"], at + "[]", root)
    for name, part in schema.get("properties", {}).items():
        inner = f"{at}.{name}".lstrip(".")
        yield inner
        yield from members(part, inner, root)


def resolved(schema, root):
    """What another command's schema says is held against that command's documents."""
    reference = schema.get("$ref", "#")
    if not reference.startswith("#"):
        return {}
    return root["$defs"][reference.rsplit("/", 1)[1]] if "$ref" in schema else schema


def occurring(value, at):
    """The same of a document."""
    if isinstance(value, dict):
        for name, part in value.items():
            inner = f"{at}.{name}".lstrip(".")
            yield inner
            yield from occurring(part, inner)
    elif isinstance(value, list):
        for part in value:
            yield from occurring(part, at + "[]")
    else:
        yield f"{at}={value}"


class Documents:
    """What holds for both commands. A subclass has `command`, and `corpus`, which is run once."""

    @classmethod
    def setUpClass(cls):
        cls.inputs = pathlib.Path(tempfile.mkdtemp(prefix="spokeshave-e2e-"))
        cls.addClassCleanup(shutil.rmtree, cls.inputs)
        cls.schema = json.loads(SCHEMAS[cls.command].read_text())
        cls.runs = []
        for expected, arguments in cls.corpus(cls.inputs):
            for option, value in zip(arguments, arguments[1:]):
                if option == "--out":
                    value.mkdir()
            cls.runs.append((expected, arguments, run(PROGRAM, cls.command, *arguments, "--json", cwd=cls.inputs)))

    def judged(self, documents):
        """What jsonschema finds wrong, one line each."""
        paths = []
        for number, document in enumerate(documents):
            paths.append(self.folder / f"{number}.json")
            paths[-1].write_text(document if isinstance(document, str) else json.dumps(document))
        result = run(TOOLS / "python", "-c", JUDGE, SCHEMAS[self.command], *paths)
        self.assertEqual(result.code, 0, result.stderr)
        return result.stdout.splitlines()

    def documents(self):
        return [json.loads(result.stdout) for _, _, result in self.runs]

    def test_the_exit_code_is_that_of_the_report(self):
        for expected, arguments, result in self.runs:
            self.assertEqual(result.code, expected, (arguments, result.stderr))

    def test_every_document_is_as_the_schema_says(self):
        self.assertEqual(self.judged([result.stdout for _, _, result in self.runs]), [])

    def test_the_schema_allows_nothing_that_it_does_not_name(self):
        for document in self.documents():
            self.assertNotEqual(self.judged([{**document, "more": 1}]), [])
            self.assertNotEqual(self.judged([{key: document[key] for key in document if key != "schema"}]), [])
        for name, part in self.schema["$defs"].items():
            if part.get("type") == "object":
                self.assertIs(part["additionalProperties"], False, name)

    def test_every_member_and_word_that_the_schema_names_occurs(self):
        found = {each for document in self.documents() for each in occurring(document, "")}
        named = set(members(self.schema, "", self.schema))
        if not can_read_symbols():
            named = {each for each in named if not each.startswith("symbols")}
        self.assertEqual(named - found - self.rare, set())

    def test_a_document_ends_with_a_line_end(self):
        for _, arguments, result in self.runs:
            self.assertTrue(result.stdout.endswith("}\n"), arguments)

    def test_the_page_names_every_member(self):
        page = (ROOT / "docs/json.md").read_text()
        for member in members(self.schema, "", self.schema):
            name = member.split("=")[0].rsplit(".", 1)[-1].strip("[]")
            self.assertIn(f"`{name}", page, member)
