#include "src/comparison_report.h"

#include <gmock/gmock.h>

namespace spokeshave {
namespace {

ComparedMember file(const std::string& path, std::uint64_t size, std::uint32_t mode = 0644) {
  return {.name = path,
          .path = path,
          .size = size,
          .mode = mode,
          .hash = "sha256=" + std::to_string(size)};
}

OriginalComparison compared(std::vector<ComparedMember> before, std::vector<ComparedWheel> wheels) {
  return {"old.whl",
          compare_members({true, "w-1.0.dist-info", "", std::move(before)}, std::move(wheels)),
          {}};
}

TEST(ComparisonText, HasALineForEachChangeAndWhatItIsBeneath) {
  OriginalComparison against =
      compared({file("a", 1000), file("b", 2000), file("run", 5), file("x.so", 7)},
               {{true,
                 "w-2.0.dist-info",
                 "",
                 {file("b", 3000), file("run", 5, 0755), file("x.so", 8), file("new", 10)}}});
  for (auto& change : against.members.changes) {
    if (against.members.after(change) != nullptr && against.members.after(change)->name == "x.so") {
      change.fields = {{"RUNPATH", "", "$ORIGIN"}};
      change.lines = {{'-', "Version: 1"}};
    }
  }
  EXPECT_EQ(comparison_text(against, Style(false)), R"(compared with old.whl: 0 files are the same
  renamed  w-1.0.dist-info -> w-2.0.dist-info
  removed  a (1.00 kB)
  changed  b
           2.00 kB -> 3.00 kB
  mode     run
           mode 0644 -> 0755
  changed  x.so
           RUNPATH: none -> $ORIGIN
           - Version: 1
  added    new (10 B)
)");
}

TEST(ComparisonText, BreaksALongSearchPathBehindItsColons) {
  OriginalComparison against =
      compared({file("x.so", 7)}, {{true, "w-1.0.dist-info", "", {file("x.so", 8)}}});
  const std::string entry = "$ORIGIN/../../nvidia/some_library/lib";
  against.members.changes[0].fields = {{"RPATH", entry, entry + ":" + entry}};
  EXPECT_EQ(comparison_text(against, Style(false)), R"(compared with old.whl: 0 files are the same
  changed  x.so
           RPATH
             - $ORIGIN/../../nvidia/some_library/lib
             + $ORIGIN/../../nvidia/some_library/lib:
               $ORIGIN/../../nvidia/some_library/lib
)");
}

TEST(ComparisonText, TellsTheWheelsOfASetApartByTheirNumbers) {
  EXPECT_EQ(comparison_text(compared({file("p/a", 5), file("b", 6)},
                                     {{true, "w-1.0.dist-info", "", {file("b", 6)}},
                                      {false, "l-1.0.dist-info", "", {file("q/a", 5)}}}),
                            Style(false)),
            "compared with old.whl: 1 file is the same\n"
            "  moved    p/a -> q/a [2]\n");
}

}  // namespace
}  // namespace spokeshave
