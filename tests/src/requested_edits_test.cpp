#include "src/requested_edits.h"

#include <gmock/gmock.h>

#include "src/failure.h"

namespace spokeshave {
namespace {

using Kind = LibraryEdit::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

/// What the user is told; the code in front.
template <typename Call>
std::string told(const Call& call) {
  try {
    call();
  } catch (const Failure& failure) {
    return std::to_string(static_cast<int>(failure.code())) + " " + to_text(failure);
  }
  return "nothing";
}

std::string refusal(const std::vector<LibraryEdit>& edits, const std::string& path) {
  return told([&] { edits_for(edits, path); });
}

TEST(EditsFor, TakesThoseWhoseGlobMatchesTheNameOrTheWholePath) {
  const std::vector<LibraryEdit> edits = {{Kind::kSetRunpath, "liba*", "$ORIGIN", ""},
                                          {Kind::kSetSoname, "pkg/lib/*", "liba.so.9", ""},
                                          {Kind::kAddNeeded, "pkg/*.so", "libm.so.6", ""},
                                          {Kind::kAddNeeded, "lib/liba.so", "never.so", ""}};
  const elf::Edits result = edits_for(edits, "pkg/lib/liba.so");
  EXPECT_EQ(result.search_path, "$ORIGIN");
  EXPECT_EQ(result.path_kind, elf::PathKind::kRunpath);
  EXPECT_EQ(result.soname, "liba.so.9");
  EXPECT_THAT(result.add_needed, ElementsAre("libm.so.6"));
  EXPECT_FALSE(edits_for(edits, "other/libb.so").search_path.has_value());
}

TEST(EditsFor, EveryKindArrives) {
  const elf::Edits result = edits_for({{Kind::kSetRpath, "*", "/a:/b", ""},
                                       {Kind::kReplaceNeeded, "*", "new.so", "old.so"},
                                       {Kind::kReplaceNeeded, "*", "y.so", "x.so"},
                                       {Kind::kAddNeeded, "*", "more.so", ""},
                                       {Kind::kRemoveNeeded, "*", "less.so", ""}},
                                      "a.so");
  EXPECT_EQ(result.search_path, "/a:/b");
  EXPECT_EQ(result.path_kind, elf::PathKind::kRpath);
  EXPECT_THAT(result.replace_needed, ElementsAre(Pair("old.so", "new.so"), Pair("x.so", "y.so")));
  EXPECT_THAT(result.add_needed, ElementsAre("more.so"));
  EXPECT_THAT(result.remove_needed, ElementsAre("less.so"));
  EXPECT_TRUE(edits_for({{Kind::kRemoveRpath, "*", "", ""}}, "a.so").remove_search_path);
}

TEST(EditsFor, TheSameTwiceIsNoContradiction) {
  const LibraryEdit edit{Kind::kSetRunpath, "*", "$ORIGIN", ""};
  const LibraryEdit again{Kind::kSetRunpath, "*.so", "$ORIGIN", ""};
  EXPECT_EQ(edits_for({edit, again}, "a.so").search_path, "$ORIGIN");
}

TEST(EditsFor, TwoValuesContradictEachOtherAndBothAreNamed) {
  EXPECT_EQ(refusal({{Kind::kSetRunpath, "*", "$ORIGIN", ""}, {Kind::kSetRunpath, "a*", "/x", ""}},
                    "a.so"),
            "2 error: --set-runpath 'a*=/x' contradicts another edit\n"
            "  caused by: `a.so` is to get `$ORIGIN` and `/x`\n"
            "hint: let each library match one GLOB only\n");
  EXPECT_THAT(
      refusal({{Kind::kSetSoname, "*", "a.so.1", ""}, {Kind::kSetSoname, "*", "a.so.2", ""}},
              "a.so"),
      HasSubstr("`a.so.1` and `a.so.2`"));
}

TEST(EditsFor, ALibraryHasRpathOrRunpathOrNone) {
  const LibraryEdit runpath{Kind::kSetRunpath, "*", "/x", ""};
  EXPECT_THAT(refusal({runpath, {Kind::kSetRpath, "*", "/x", ""}}, "a.so"),
              HasSubstr("RPATH or RUNPATH, not both"));
  EXPECT_THAT(refusal({runpath, {Kind::kRemoveRpath, "*", "", ""}}, "a.so"),
              testing::StartsWith("2 error: the edits of `a.so` contradict each other\n"));
}

TEST(RefuseUnmatched, NamesTheNearestLibrary) {
  const std::vector<std::string> paths = {"pkg/lib/libfirst.so", "pkg/lib/libsecond.so"};
  EXPECT_EQ(told([&] {
              refuse_unmatched({{Kind::kSetSoname, "libsecnd.so", "x", ""}}, paths);
            }),
            "1 error: --set-soname 'libsecnd.so=x' matches no library\n"
            "  caused by: no ELF file is called so\n"
            "hint: did you mean `libsecond.so`?\n");
  EXPECT_THAT(told([&] {
                refuse_unmatched({{Kind::kRemoveRpath, "pkg/lib/libfirs.so", "", ""}}, paths);
              }),
              HasSubstr("did you mean `pkg/lib/libfirst.so`?"));
  EXPECT_EQ(told([&] {
              refuse_unmatched({{Kind::kRemoveRpath, "lib*", "", ""}}, paths);
            }),
            "nothing");
}

TEST(RefuseUnmatched, SaysTheSameWhereThereIsNoLibraryAtAll) {
  EXPECT_THAT(told([] {
                refuse_unmatched({{Kind::kReplaceNeeded, "*", "b", "a"}}, {});
              }),
              HasSubstr("--replace-needed '*:a=b' matches no library\n"
                        "  caused by: no ELF file is called so\n"));
}

TEST(RefuseUnneeded, NamesTheNearestNeedOfThoseThatMatch) {
  elf::Image first, second;
  first.needed = {"libnear.so.1"};
  second.needed = {"libfar.so.1"};
  const std::vector<EditedLibrary> libraries = {{"a.so", &first}, {"b.so", &second}};
  EXPECT_EQ(told([&] {
              refuse_unneeded({{Kind::kRemoveNeeded, "a*", "libnea.so.1", ""}}, libraries);
            }),
            "1 error: --remove-needed 'a*=libnea.so.1' changes nothing\n"
            "  caused by: no library that matches needs `libnea.so.1`\n"
            "hint: did you mean `libnear.so.1`?\n");
  EXPECT_THAT(told([&] {
                refuse_unneeded({{Kind::kReplaceNeeded, "a*", "x", "libfar.so.1"}}, libraries);
              }),
              HasSubstr("changes nothing"));
}

TEST(RefuseUnneeded, OneLibraryThatNeedsItIsEnough) {
  elf::Image first, second;
  second.needed = {"libfar.so.1"};
  const std::vector<EditedLibrary> libraries = {{"a.so", &first}, {"b.so", &second}};
  EXPECT_EQ(told([&] {
              refuse_unneeded({{Kind::kReplaceNeeded, "*", "x", "libfar.so.1"},
                               {Kind::kAddNeeded, "*", "whatever", ""}},
                              libraries);
            }),
            "nothing");
}

}  // namespace
}  // namespace spokeshave
