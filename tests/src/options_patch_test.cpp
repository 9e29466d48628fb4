#include <gmock/gmock.h>

#include <variant>

#include "src/options.h"

namespace spokeshave {
namespace {

using Arguments = std::vector<std::string>;
using Kind = LibraryEdit::Kind;
using testing::ElementsAre;
using testing::HasSubstr;

PatchOptions patch(Arguments arguments) {
  arguments.insert(arguments.begin(), "patch");
  return std::get<PatchOptions>(parse_options(arguments));
}

/// What the user is told, in its three lines; the code must be that of wrong usage.
std::string told(Arguments arguments) {
  try {
    patch(std::move(arguments));
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    return to_text(failure);
  }
  ADD_FAILURE() << "was understood";
  return "";
}

TEST(PatchOptions, WhatIsNotGivenHasItsDefault) {
  const PatchOptions options = patch({"a.whl", "--suffix", "x.1"});
  PatchRequest expected;
  expected.suffix = "x.1";
  EXPECT_EQ(options.request, expected);
  EXPECT_EQ(options.request.diffs.strip_count, 1u);
  EXPECT_EQ(options.request.diffs.patch_prog, "patch");
  EXPECT_THAT(options.files, ElementsAre("a.whl"));
  EXPECT_EQ(options.recipe, std::nullopt);
  EXPECT_EQ(options.out_dir, std::nullopt);
  EXPECT_FALSE(options.print_recipe || options.in_place || options.check_input || options.dry_run ||
               options.force || options.talk.json || options.talk.quiet || options.talk.verbose);
}

TEST(PatchOptions, EveryEditOfTheWheelArrives) {
  const PatchRequest request = patch({"--drop-requires",
                                      "a",
                                      "--drop-requires=b",
                                      "--add-requires",
                                      "c>=1",
                                      "--set-requires",
                                      "d==2",
                                      "--requires-python",
                                      ">=3.8",
                                      "--version",
                                      "9",
                                      "--build",
                                      "3",
                                      "--python-tag",
                                      "py3",
                                      "--abi-tag",
                                      "none",
                                      "--platform-tag",
                                      "any",
                                      "--add",
                                      "p/q=/x/y=z",
                                      "--remove",
                                      "*.a",
                                      "--chmod",
                                      "*.sh=755",
                                      "--chmod",
                                      "x=0640",
                                      "--remove-preload",
                                      "w.whl"})
                                   .request;
  EXPECT_THAT(request.metadata.drop_requires, ElementsAre("a", "b"));
  EXPECT_THAT(request.metadata.add_requires, ElementsAre("c>=1"));
  EXPECT_THAT(request.metadata.set_requires, ElementsAre("d==2"));
  EXPECT_EQ(request.metadata.requires_python, ">=3.8");
  EXPECT_EQ(request.version, "9");
  EXPECT_EQ(request.tags, (TagEdits{"3", "py3", "none", "any"}));
  EXPECT_THAT(request.additions, ElementsAre(FileAddition{"p/q", "/x/y=z"}));
  EXPECT_THAT(request.removals, ElementsAre("*.a"));
  EXPECT_THAT(request.modes, ElementsAre(ModeChange{"*.sh", 0755}, ModeChange{"x", 0640}));
  EXPECT_TRUE(request.remove_preload);
}

TEST(PatchOptions, EveryLibraryEditArrives) {
  const auto edits =
      patch({"w.whl", "--set-runpath", "a*=$ORIGIN:/b=c", "--set-rpath", "b=", "--remove-rpath",
             "c=d", "--set-soname", "d=e", "--replace-needed", "lib/*:old.so=new.so",
             "--add-needed", "e=f", "--remove-needed", "f=g"})
          .request.library_edits;
  EXPECT_THAT(edits, testing::UnorderedElementsAre(
                         LibraryEdit{Kind::kSetRunpath, "a*", "$ORIGIN:/b=c", ""},
                         LibraryEdit{Kind::kSetRpath, "b", "", ""},
                         LibraryEdit{Kind::kRemoveRpath, "c=d", "", ""},
                         LibraryEdit{Kind::kSetSoname, "d", "e", ""},
                         LibraryEdit{Kind::kReplaceNeeded, "lib/*", "new.so", "old.so"},
                         LibraryEdit{Kind::kAddNeeded, "e", "f", ""},
                         LibraryEdit{Kind::kRemoveNeeded, "f", "g", ""}));
}

TEST(PatchOptions, DiffsAndFoldersOfDiffsKeepTheirOrder) {
  const DiffRequest diffs =
      patch({"--patch", "1", "--patch-dir=2", "w.whl", "--patch=3", "--patch", "4", "--patch-dir",
             "5", "--strip-count", "0", "--patch-prog", "/usr/bin/gpatch"})
          .request.diffs;
  EXPECT_THAT(diffs.sources,
              ElementsAre(DiffSource{"1", false}, DiffSource{"2", true}, DiffSource{"3", false},
                          DiffSource{"4", false}, DiffSource{"5", true}));
  EXPECT_EQ(diffs.strip_count, 0u);
  EXPECT_EQ(diffs.patch_prog, "/usr/bin/gpatch");
}

TEST(PatchOptions, HowItIsDoneArrives) {
  const PatchOptions options =
      patch({"a.so", "b.so", "--set-runpath", "*=x", "--check-input", "-n", "--out", "d", "--force",
             "--json", "-q", "-j3", "--color=never"});
  EXPECT_THAT(options.files, ElementsAre("a.so", "b.so"));
  EXPECT_TRUE(options.check_input && options.dry_run && options.force && options.talk.json &&
              options.talk.quiet);
  EXPECT_EQ(options.out_dir, "d");
  EXPECT_EQ(options.talk.jobs, 3u);
  EXPECT_EQ(options.talk.color, Color::kNever);
  EXPECT_TRUE(patch({"a.so", "--set-runpath", "*=x", "--in-place"}).in_place);
  EXPECT_EQ(patch({"a.whl", "--recipe", "r.toml"}).recipe, "r.toml");
  EXPECT_TRUE(patch({"a.whl", "--suffix", "x", "--print-recipe"}).print_recipe);
}

TEST(PatchOptions, TheWordBehindAValueIsTheWheel) {
  for (const char* option : {"--drop-requires", "--remove", "--remove-rpath", "--patch"}) {
    EXPECT_THAT(patch({option, "value", "a.whl", "b.whl"}).files, ElementsAre("a.whl", "b.whl"))
        << option;
  }
}

TEST(PatchOptions, AnEmptyBuildTagIsAnEdit) {
  EXPECT_EQ(patch({"a.whl", "--build", ""}).request.tags.build, "");
  EXPECT_EQ(patch({"a.whl", "--build="}).request.tags.build, "");
}

TEST(PatchOptions, EmptyPathsAreNone) {
  for (const char* option : {"--out", "--patch", "--patch-dir", "--patch-prog", "--recipe"}) {
    EXPECT_THAT(told({"a.whl", "--suffix", "x", option, ""}), HasSubstr("has an empty value"));
    EXPECT_THAT(told({"a.whl", "--suffix", "x", std::string(option) + "="}),
                HasSubstr("has an empty value"));
  }
}

TEST(PatchOptions, WithoutAnEditThereIsNothingToDo) {
  EXPECT_THAT(told({"a.whl"}), HasSubstr("error: nothing says what to change\n"));
  EXPECT_THAT(told({"a.whl", "--strip-count=2", "--patch-prog=p", "--force"}),
              HasSubstr("error: nothing says what to change\n"));
}

TEST(PatchOptions, WhatExcludesEachOther) {
  EXPECT_THAT(told({"a.whl", "--suffix", "x", "--version", "1"}), HasSubstr("exclude each other"));
  EXPECT_THAT(told({"a.whl", "--suffix", "x", "--recipe", "r"}), HasSubstr("--recipe excludes"));
  EXPECT_THAT(told({"a.whl", "--print-recipe", "--recipe", "r"}), HasSubstr("exclude each other"));
  EXPECT_THAT(told({"a.so", "--set-soname", "*=x", "--in-place", "--out", "d"}),
              HasSubstr("--in-place and --out exclude each other"));
}

TEST(PatchOptions, FormsThatAreNone) {
  EXPECT_EQ(told({"a.whl", "--set-runpath", "libx.so"}),
            "error: --set-runpath `libx.so` is not GLOB=VALUE\n"
            "  caused by: there is no `=` in it\n"
            "hint: write it as --set-runpath GLOB=VALUE\n");
  EXPECT_EQ(told({"a.whl", "--replace-needed", "old=new"}),
            "error: --replace-needed `old=new` is not GLOB:OLD=NEW\n"
            "  caused by: there is no `GLOB:` before the old name\n"
            "hint: write it as --replace-needed '*:old=new'\n");
  EXPECT_THAT(told({"a.whl", "--add", "=f"}), HasSubstr("there is nothing before the `=`"));
  EXPECT_THAT(told({"a.whl", "--add", "p="}), HasSubstr("there is nothing behind the `=`"));
  EXPECT_THAT(told({"a.whl", "--set-soname", "*="}), HasSubstr("nothing behind the `=`"));
}

TEST(PatchOptions, ModesAreOctalAndUpTo777) {
  for (const char* mode : {"8", "1000", "u+x", "-1", "0x1ed", "7 7", "+755"}) {
    EXPECT_THAT(told({"a.whl", "--chmod", std::string("*=") + mode}), HasSubstr("is no mode"))
        << mode;
  }
}

TEST(PatchOptions, StripCountsAreWholeNumbers) {
  for (const char* count : {"-1", "x", "1.5", "101", "99999999999999999999"}) {
    EXPECT_THAT(told({"a.whl", "--patch", "d", std::string("--strip-count=") + count}),
                HasSubstr("is no number of folders"))
        << count;
  }
}

TEST(PatchOptions, AMisspeltOptionIsToldWithTheRightOne) {
  EXPECT_THAT(told({"a.whl", "--drop-require", "x"}), HasSubstr("did you mean `--drop-requires`"));
  EXPECT_THAT(told({"a.whl", "--set-runpth=*=x"}), HasSubstr("did you mean `--set-runpath`"));
}

}  // namespace
}  // namespace spokeshave
