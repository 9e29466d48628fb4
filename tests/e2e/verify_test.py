"""`verify` as a user runs it: forty faults and more, each planted by one change; what differs from an original; how it tells it."""
import json
import os
import re
import resource
import shutil
import struct
import subprocess
import unittest
import zipfile

from bad_wheels import BAD_ARCHIVES, small
from planted_faults import FAULTS, NO_ARCHIVE
from support import DONE, FAILED, FIXTURES, FOUND, PROGRAM, ROOT, USAGE, EndToEnd, fixture, listing, main, run
from tiny_elf import library, module
from wheel_maker import Wheel

MEGABYTES = 100


class Verify(EndToEnd):
    def verify(self, *arguments, code=DONE):
        result = self.spokeshave("verify", *arguments)
        self.assertEqual(result.code, code, result.stdout + result.stderr)
        return result

    def document(self, *arguments, code=DONE):
        return json.loads(self.verify("--json", *arguments, code=code).stdout)

    def findings(self, *arguments, code=DONE, severity="finding"):
        return [finding for finding in self.document(*arguments, code=code)["findings"] if finding["severity"] == severity]

    def wheel(self, name="toy", version="1.0", tag="py3-none-manylinux_2_17_x86_64", folder="wheels", **files):
        """A wheel of libraries: `_` stands for `.`, and `libx_so=[needs]`."""
        made = Wheel(name, version, tag)
        for file, needs in files.items():
            file = file.replace("_", ".")
            made.add(f"{name}/{file}", library(file, needs, runpath="$ORIGIN"))
        return made.write(self.folder / folder)


class PlantedFaults(Verify):
    def tearDown(self):
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, MEGABYTES)

    def test_there_are_forty_and_more(self):
        self.assertGreaterEqual(len(FAULTS), 40)
        self.assertGreaterEqual(len(set().union(*(rules for _, rules in FAULTS.values()))), 40, "and of as many kinds")

    def test_the_good_wheel_that_they_are_planted_in_has_none(self):
        self.assertEqual(self.document("--index-rules", small().write(self.folder))["findings"], [])

    def test_each_is_found_and_named_by_its_rule(self):
        for fault, (make, rules) in FAULTS.items():
            with self.subTest(fault):
                folder = self.folder / "case"
                folder.mkdir()
                self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
                try:
                    found = self.findings("--index-rules", make(folder), code=FOUND)
                    self.assertEqual({finding["rule"] for finding in found}, rules)
                    text = self.verify("--index-rules", next(folder.iterdir()), code=FOUND).stdout
                    self.assertTrue(all(32 <= ord(letter) < 127 or letter == "\n" for letter in text), text)
                finally:
                    shutil.rmtree(folder)

    def test_the_page_names_every_rule(self):
        page = (ROOT / "docs/verify.md").read_text()
        for rule in sorted(set().union(*(rules for _, rules in FAULTS.values()))):
            family = re.sub(r"-.*", "-", rule)
            self.assertTrue(f"`{rule}`" in page or f"`{family}...`" in page or f"`{family}`" in page, rule)

    def test_what_is_no_archive_at_all_cannot_be_read(self):
        for fault in sorted(NO_ARCHIVE):
            with self.subTest(fault):
                result = self.spokeshave("verify", BAD_ARCHIVES[fault][0](self.folder))
                self.assert_stopped(result, FAILED, "small-1.0-py3-none-manylinux_2_17_x86_64.whl")
                self.assertEqual(result.stdout, "")

    def test_nor_can_a_pipe_for_which_nobody_waits(self):
        pipe = self.folder / "small-1.0-py3-none-any.whl"
        os.mkfifo(pipe)
        for arguments in ([], ["--index-rules"]):
            result = subprocess.run([PROGRAM, "verify", *arguments, pipe], capture_output=True, text=True, timeout=20)
            self.assertEqual(result.returncode, FAILED, result.stderr)
            self.assertIn("not a regular file", result.stderr)
        original = subprocess.run([PROGRAM, "verify", "--against", pipe, small().write(self.folder)],
                                  capture_output=True, text=True, timeout=20)
        self.assertEqual(original.returncode, FAILED, original.stderr)

    def test_nor_can_what_is_not_there(self):
        absent = self.folder / "absent-1.0-py3-none-any.whl"
        self.assert_stopped(self.spokeshave("verify", absent), FAILED, absent.name, "No such file")
        absent.mkdir()
        self.assert_stopped(self.spokeshave("verify", absent), FAILED, absent.name)
        self.assert_stopped(self.spokeshave("verify", fixture("gputoy"), "--against", self.folder / "x.whl"), FAILED, "x.whl")


class Output(Verify):
    def tampered(self):
        wheel = small()
        wheel.record_rows["small/data.txt"] = ["small/data.txt", "sha256=" + "A" * 43, 940]
        return wheel.write(self.folder)

    def test_a_finding_is_a_line_that_ends_with_its_rule(self):
        text = self.verify(self.tampered(), code=FOUND).stdout
        self.assertRegex(text, r"(?m)^small-1\.0-\S+\.whl: small/data\.txt: its content does not match RECORD: .* \[record-hash\]$")
        self.assertIn("\n1 finding\n", text)
        self.assertIn("\nhint: ", text)

    def test_quiet_prints_findings_and_nothing_else(self):
        self.assertEqual(self.verify("-q", fixture("gputoy")).stdout, "")
        self.assertEqual(len(self.verify("-q", self.tampered(), code=FOUND).stdout.splitlines()), 1)

    def test_what_was_looked_at_is_told(self):
        text = self.verify(fixture("gputoy")).stdout
        files = len([name for name in listing(fixture("gputoy")) if not name.endswith("/")])
        self.assertIn(f"{files} files, 12 libraries\n", text)
        self.assertIn(f"checked: {files - 1} files against RECORD; ", text)  # RECORD has no hash of itself
        self.assertIn("\nno findings, 1 note\n", text)

    def test_a_wheel_that_cannot_be_opened_leaves_the_others_to_be_looked_into(self):
        bad = FAULTS["bytes in front"][0](self.folder)
        document = self.document(bad, fixture("gputoy"), "--against", fixture("gputoy"), code=FOUND)
        self.assertEqual([wheel["opened"] for wheel in document["wheels"]], [False, True])
        self.assertEqual(document["wheels"][1]["libraries"], 12)
        self.assertIsNone(document["against"])
        self.assertIn("not looked into", self.verify(bad, fixture("gputoy"), code=FOUND).stdout)

    def test_policy_of_pypi_is_a_note_for_a_wheel_whose_local_version_says_that_it_is_not_for_pypi(self):
        path = small(version="1.0+ours", tag="py3-none-linux_x86_64").write(self.folder)
        self.assertEqual(self.findings(path, "--index-rules"), [])
        notes = self.findings(path, "--index-rules", severity="note")
        self.assertEqual({note["rule"] for note in notes}, {"local-version", "platform-tag"})
        self.assertEqual({note["refused_by"] for note in notes}, {"PyPI"})
        self.assertRegex(self.verify(path, "--index-rules").stdout, r"(?m)^note: small-1\.0\+ours-\S+: .* \[local-version\]$")

    def test_tags_that_differ_from_the_file_names_are_a_note(self):
        wheel = small(tag="py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64")
        self.assertEqual(self.document(wheel.write(self.folder))["findings"], [])
        wheel.add("small-1.0.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {wheel.tag}\n")
        self.assertEqual(self.document(wheel.write(self.folder))["findings"], [], "as in the file name, as maturin writes it")
        wheel.add("small-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-linux_x86_64\n")
        note, = self.findings(wheel.write(self.folder), severity="note")
        self.assertEqual((note["rule"], note["path"]), ("wheel-tags", "small-1.0.dist-info/WHEEL"))
        self.assertIn("its Tag lines say py3-none-linux_x86_64, the file name py3-none-manylinux2014_x86_64, py3-", note["what"])

    def test_without_index_rules_they_are_not_told(self):
        self.assertEqual(self.document(small(tag="py3-none-linux_x86_64").write(self.folder))["findings"], [])

    def test_versions_of_one_distribution_cannot_be_verified_together(self):
        two = [self.wheel(version=version, libx_so=[]) for version in ("1.0", "2.0")]
        self.assert_stopped(self.spokeshave("verify", *two), USAGE, "toy-2.0", "one at a time")

    def test_deep_needs_an_original(self):
        self.assert_stopped(self.spokeshave("verify", fixture("gputoy"), "--deep"), USAGE, "--against")

    def test_the_number_of_threads_changes_nothing(self):
        one, four = (self.verify("--json", "-j", jobs, *sorted(FIXTURES.glob("*.whl"))).stdout for jobs in ("1", "4"))
        self.assertEqual(one, four)


class Loading(Verify):
    def test_what_is_missing_for_whom_and_where_it_was_looked_for(self):
        made = Wheel("toy", "1.0", "py3-none-manylinux_2_17_x86_64")
        made.add("toy/_c.so", module("_c", needed=["libaway.so"], runpath="$ORIGIN/lib"))
        made.add("toy/away/libaway.so", library("libaway.so"))
        missing, = self.findings(made.write(self.folder), code=FOUND)
        self.assertEqual((missing["rule"], missing["path"], missing["wheel"]), ("library-missing", "toy/_c.so", 0))
        self.assertIn("`libaway.so`", missing["what"])
        self.assertIn("the import fails", missing["what"])
        self.assertEqual([(place["rule"], place["path"]) for place in missing["tried"]],
                         [("RUNPATH", "toy/lib/libaway.so"), ("system", "libaway.so")])
        self.assertIn("toy/away/libaway.so", missing["way_out"])

    def test_libraries_of_wheels_that_were_not_given_are_not_missing(self):
        self.assertEqual(self.findings(self.wheel(libx_so=["libelsewhere.so.3", "libc.so.6"])), [])

    def test_apart_a_path_into_another_wheel_leads_nowhere(self):
        user = Wheel("user", "1.0", "py3-none-manylinux_2_17_x86_64")
        user.add("user/_c.so", module("_c", needed=["libx.so"], runpath="$ORIGIN/../toy"))
        wheels = [user.write(self.folder), self.wheel(libx_so=[])]
        self.assertEqual(self.findings(*wheels), [])
        self.assertEqual([finding["rule"] for finding in self.findings(*wheels, "--layout", "separate", code=FOUND)],
                         ["library-missing"])


class Against(Verify):
    def changed_by(self, name, edit, **files):
        """The original with `files`, and a copy that `edit` changed."""
        original = self.wheel(name, **files)
        made = Wheel(name, "1.0", "py3-none-manylinux_2_17_x86_64")
        with zipfile.ZipFile(original) as archive:
            for entry in archive.infolist():
                if ".dist-info/" not in entry.filename:
                    made.add(entry.filename, archive.read(entry))
        edit(made)
        return original, made.write(self.folder / "changed")

    def changes(self, original, *wheels, code=DONE):
        return self.document(*wheels, "--against", original, code=code)["against"]["changes"]

    def test_a_wheel_is_itself(self):
        against = self.document(fixture("gputoy"), "--against", fixture("gputoy"))["against"]
        self.assertEqual((against["changes"], against["folders"]), ([], []))
        files = [name for name in listing(fixture("gputoy")) if not name.endswith(("/", "/RECORD"))]
        self.assertEqual(against["same_files"], len(files))

    def test_a_split_is_its_original_but_for_the_listed_changes(self):
        made = self.split(fixture("gputoy"), "--move", "libtoy*", "--companion", "parttoy")
        against = self.document(*made, "--against", fixture("gputoy"))["against"]
        self.assertEqual(against["folders"], [{"before": f"gputoy-2.1.0{kind}", "after": f"gputoy-2.1.0+split.1{kind}"}
                                              for kind in (".dist-info", ".data")])
        kinds = {}
        for change in against["changes"]:
            kinds.setdefault(change["kind"], []).append((change["after"] or change["before"])["path"])
        self.assertEqual(kinds.pop("moved"), ["parttoy/lib/" + name for name in
                                              ("libtoyblas.so.12", "libtoydnn.so.8", "libtoydnn_ops.so.8")])
        self.assertEqual(kinds.pop("added"), [f"parttoy-2.1.0+split.1.dist-info/{name}" for name in ("LICENSE", "METADATA", "WHEEL")])
        self.assertEqual(list(kinds), ["changed"])
        metadata, = [change for change in against["changes"] if change["lines_gone"]]
        self.assertEqual(metadata["lines_gone"], ["Version: 2.1.0"])
        self.assertEqual(metadata["lines_come"], ["Version: 2.1.0+split.1", "Requires-Dist: parttoy==2.1.0+split.1"])
        rpaths = {change["after"]["path"]: field for change in against["changes"] for field in change["fields"]
                  if field["field"] == "RPATH"}
        self.assertEqual(rpaths["gputoy/lib/libgputoy_cuda.so"],
                         {"field": "RPATH", "before": "$ORIGIN", "after": "$ORIGIN:$ORIGIN/../../parttoy/lib"})

    def test_apart_a_split_loses_no_need_that_its_preload_block_sees_to(self):
        made = self.split(fixture("gputoy"), "--move", "libtoyblas*", "--companion", "parttoy")
        self.assertEqual(self.findings(*made, "--against", fixture("gputoy"), "--layout", "separate"), [])

    def test_half_of_a_split_lacks_the_other_half(self):
        made = self.split(fixture("gputoy"), "--move", "libtoy*", "--companion", "parttoy")
        other = self.wheel("other", libother_so=[])
        lost = self.findings(made[0], other, "--against", fixture("gputoy"), code=FOUND)
        self.assertEqual({finding["path"] for finding in lost if finding["rule"] == "member-lost"},
                         {f"gputoy/lib/{name}" for name in ("libtoyblas.so.12", "libtoydnn.so.8", "libtoydnn_ops.so.8",
                                                            "libtoymp-5f3e9c1a.so.1")})
        self.assertIn("need-lost", {finding["rule"] for finding in lost})

    def test_a_wheel_that_has_nothing_to_do_with_the_original_is_not_it(self):
        other = self.wheel("other", libother_so=[])
        found = self.findings(other, "--against", fixture("gputoy"), code=FOUND)
        self.assertIn(("not-the-same-wheel", None), [(finding["rule"], finding["wheel"]) for finding in found])

    def test_nor_is_a_companion_by_itself(self):
        main_wheel, companion = self.split(fixture("gputoy"), "--move", "libtoy*", "--companion", "parttoy")
        text = self.verify(companion, "--against", fixture("gputoy"), code=FOUND).stdout
        self.assertIn("none of the wheels is of its distribution, gputoy [not-the-same-wheel]\n", text)
        self.assertEqual(self.findings(main_wheel, companion, "--against", fixture("gputoy")), [])

    def test_what_was_added_removed_moved_and_its_mode(self):
        def edit(wheel):
            wheel.add("toy/new.txt", "new").add("toy/run.py", b"run\n", executable=True)
            wheel.add("toy/there.txt", wheel.files.pop("toy/here.txt")[0])
            del wheel.files["toy/gone.txt"]

        original = Wheel("toy", "1.0").add("toy/gone.txt", "gone\n").add("toy/here.txt", "here\n").add("toy/run.py", "run\n")
        path = original.write(self.folder / "original")
        edit(original)
        changes = self.changes(path, original.write(self.folder / "changed"))
        told = {(change["kind"], *((change[side] or {}).get("path") for side in ("before", "after"))) for change in changes}
        self.assertEqual(told, {("added", None, "toy/new.txt"), ("removed", "toy/gone.txt", None),
                                ("moved", "toy/here.txt", "toy/there.txt"), ("mode", "toy/run.py", "toy/run.py")})
        mode, = [change for change in changes if change["kind"] == "mode"]
        self.assertEqual((mode["before"]["mode"], mode["after"]["mode"]), ("0644", "0755"))

    def test_a_library_for_another_machine(self):
        def edit(wheel):
            data = bytearray(wheel.files["toy/libx.so"][0])
            struct.pack_into("<H", data, 18, 183)  # EM_AARCH64
            wheel.add("toy/libx.so", bytes(data))
        original, changed = self.changed_by("toy", edit, libx_so=[])
        self.assertEqual([finding["rule"] for finding in self.findings(changed, "--against", original, code=FOUND)], ["library-abi"])

    def test_a_library_that_is_gone_and_still_needed(self):
        original, changed = self.changed_by("toy", lambda wheel: wheel.files.pop("toy/liby.so"), libx_so=["liby.so"], liby_so=[])
        lost, = self.findings(changed, "--against", original, code=FOUND)
        self.assertEqual((lost["rule"], lost["path"]), ("need-lost", "toy/libx.so"))

    def test_a_path_that_no_longer_leads_to_what_is_needed(self):
        def edit(wheel):
            wheel.add("toy/libx.so", library("libx.so", ["liby.so"], runpath="$ORIGIN/nowhere"))
        original, changed = self.changed_by("toy", edit, libx_so=["liby.so"], liby_so=[])
        found = self.findings(changed, "--against", original, code=FOUND)
        self.assertEqual({finding["rule"] for finding in found}, {"need-lost", "library-missing"})
        lost, = [finding for finding in found if finding["rule"] == "need-lost"]
        self.assertEqual(lost["tried"][0]["path"], "toy/nowhere/liby.so")

    def test_a_need_that_was_dropped_is_no_loss(self):
        original, changed = self.changed_by(
            "toy", lambda wheel: (wheel.files.pop("toy/liby.so"), wheel.add("toy/libx.so", library("libx.so", runpath="$ORIGIN"))),
            libx_so=["liby.so"], liby_so=[])
        self.assertEqual(self.findings(changed, "--against", original), [])

    def test_two_wheels_of_a_set_that_hide_each_others_files(self):
        original = self.wheel(libx_so=[], liby_so=[])
        first = Wheel("toy", "1.0").add("toy/libx.so", library("libx.so", runpath="$ORIGIN")).add("toy/a.txt", "one").write(self.folder)
        second = Wheel("more", "1.0").add("toy/liby.so", library("liby.so", runpath="$ORIGIN")).add("toy/a.txt", "two").write(self.folder)
        found = self.findings(first, second, "--against", original, code=FOUND)
        self.assertEqual([(finding["rule"], finding["path"]) for finding in found], [("same-path", "toy/a.txt")])

    def test_what_the_original_misses_too_is_a_note(self):
        made = Wheel("toy", "1.0", "py3-none-manylinux_2_17_x86_64")
        made.add("toy/libx.so", library("libx.so", ["libaway.so"])).add("toy/away/libaway.so", library("libaway.so"))
        original = made.write(self.folder / "original")
        changed = made.add("toy/new.txt", "new").write(self.folder / "new")
        self.assertEqual([finding["rule"] for finding in self.findings(changed, code=FOUND)], ["library-missing"])
        self.assertEqual(self.findings(changed, "--against", original), [])
        note, = self.findings(changed, "--against", original, severity="note")
        self.assertTrue(note["what"].endswith("; so it is in the original"))

    def test_what_pypi_would_not_publish_of_the_original_either_is_a_note(self):
        original = small(tag="py3-none-linux_x86_64").write(self.folder)
        other = small(tag="py3-none-linux_x86_64").add("small/new.txt", "new").write(self.folder / "new")
        self.assertEqual([finding["rule"] for finding in self.findings(other, "--index-rules", code=FOUND)], ["platform-tag"])
        self.assertEqual(self.findings(other, "--index-rules", "--against", original), [])
        good = small().write(self.folder)
        self.assertEqual([finding["rule"] for finding in self.findings(other, "--index-rules", "--against", good, code=FOUND)],
                         ["platform-tag"])

    def test_a_library_that_is_broken_in_the_original_too_is_a_note_and_damage_is_not(self):
        def edit(wheel):
            wheel.add("toy/new.txt", "new")
            wheel.record_rows["toy/old.txt"] = ["toy/old.txt", "sha256=" + "A" * 43, 3]
        original = Wheel("toy", "1.0").add("toy/libx.so", b"\x7fELF and no more").add("toy/old.txt", "old")
        path = original.write(self.folder / "original")
        edit(original)
        changed = original.write(self.folder / "changed")
        self.assertEqual({finding["rule"] for finding in self.findings(changed, code=FOUND)}, {"elf-unreadable", "record-hash"})
        self.assertEqual({finding["rule"] for finding in self.findings(changed, "--against", path, code=FOUND)}, {"record-hash"})

    @unittest.skipUnless(run(PROGRAM, "inspect", "--symbols", fixture("monotoy")).code == DONE, "this build has no LIEF")
    def test_deep_a_split_changed_names_only_and_another_library_more_than_that(self):
        made = self.split(fixture("gputoy"), "--move", "libtoy*", "--companion", "parttoy")
        against = self.document(*made, "--against", fixture("gputoy"), "--deep")["against"]
        self.assertEqual(against["compared_deeply"], 4)
        original, changed = self.changed_by(
            "toy", lambda wheel: wheel.add("toy/libx.so", library("libx.so", runpath="$ORIGIN", symbol="market")), libx_so=[])
        self.assertEqual(self.findings(changed, "--against", original), [])
        found = self.findings(changed, "--against", original, "--deep", code=FOUND)
        self.assertEqual({finding["rule"] for finding in found}, {"deep-sections", "deep-symbols"})

    def test_the_report_lists_fields_and_lines(self):
        made = self.split(fixture("soundtoy"), "--move", "libtoycodec*", "--companion", "parttoy")
        text = self.verify(*made, "--against", fixture("soundtoy")).stdout
        self.assertIn("  renamed  soundtoy-0.5.dist-info -> soundtoy-0.5+split.1.dist-info\n", text)
        self.assertIn("           + Requires-Dist: parttoy==0.5+split.1\n", text)
        self.assertRegex(text, r"\n  changed  soundtoy\.libs/libtoysound-01234567\.so\.2 \[1\]\n           RPATH: \$ORIGIN -> \$ORIGIN:\S+\n")
        self.assertRegex(text, r"\n  moved    soundtoy\.libs/libtoycodec-89abcdef\.so\.4 -> parttoy/\S+ \[2\]\n")


if __name__ == "__main__":
    main()
