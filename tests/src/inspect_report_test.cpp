#include "src/inspect_report.h"

#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::inspection_of;
using support::WheelSpec;
using testing::HasSubstr;
using testing::Not;

void expect_eighty_columns(const std::string& text) {
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) EXPECT_LE(line.size(), 80u) << line;
}

std::string without_colour(const std::string& text) {
  return std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), "");
}

TEST(WheelSummary, OfOneWheelIsALine) {
  EXPECT_EQ(wheel_summary(inspection_of({{.name = "w", .libraries = {{.path = "w/liba.so"}}}}),
                          Style(false)),
            "w 1.0  1.00 MB packed  1.00 MB installed  1 library\n");
  EXPECT_THAT(wheel_summary(inspection_of({{.name = "w"}}), Style(false)),
              HasSubstr("0 libraries"));
}

TEST(WheelSummary, OfSeveralIsATableWithTheirNumbers) {
  EXPECT_EQ(wheel_summary(inspection_of({{.name = "w", .libraries = {{.path = "w/liba.so"}}},
                                         {.name = "nvidia-cuda-runtime-cu12"}}),
                          Style(false)),
            R"(        packed installed libraries  wheel
 [1]   1.00 MB   1.00 MB         1  w 1.0
 [2]   1.00 MB     300 B         0  nvidia-cuda-runtime-cu12 1.0
)");
}

TEST(WheelSummary, StaysWithinEightyColumns) {
  std::vector<WheelSpec> specs;
  for (int i = 0; i < 120; ++i)
    specs.push_back({.name = "a-name-of-thirty-five-letters-" + std::to_string(1000 + i)});
  expect_eighty_columns(wheel_summary(inspection_of(specs), Style(false)));
}

std::string findings(const std::vector<WheelSpec>& specs, Layout layout = Layout::kSitePackages) {
  return finding_list(inspection_of(specs, layout), Style(false));
}

TEST(FindingList, IsEmptyWhereNothingIsWrong) {
  EXPECT_EQ(findings({{.name = "w", .libraries = {{.path = "w/liba.so"}}}}), "");
}

TEST(FindingList, TellsWhatFollowsWhereItWasLookedForAndWhatToDo) {
  EXPECT_EQ(findings({{.name = "a",
                       .libraries = {{.path = "a/_C.so",
                                      .needed = {"libb.so"},
                                      .rpath = "$ORIGIN/lib:$ORIGIN/../b/lib",
                                      .extension_module = true}},
                       .requirements = {"b"}},
                      {.name = "b", .libraries = {{.path = "b/lib/libb.so"}}}},
                     Layout::kSeparate),
            R"(
problem: `libb.so` will be missing
  so: `_C.so` needs it and does not load: the import fails
  looked for, in this order:
    a/a/lib/libb.so: no such file
    a/b/lib/libb.so: no such file
    libb.so: the system has no library of this name
  do: b/lib/libb.so of `b 1.0` is it, where no path leads from a folder of its
      own: load it before what needs it

warning: `$ORIGIN/lib` in the RPATH of `_C.so` leads nowhere
  so: what was to be found there is missing
  do: leave it out of the path
)");
}

std::string missing_behind(int entries) {
  std::string path;
  for (int i = 0; i < entries; ++i) path += (i == 0 ? "" : ":") + ("$ORIGIN/" + std::to_string(i));
  return findings(
      {{.name = "a",
        .libraries = {
            {.path = "a/_C.so", .needed = {"libb.so"}, .rpath = path, .extension_module = true},
            {.path = "a/deep/er/libb.so"}}}});
}

TEST(FindingList, OfManyPlacesShowsEight) {
  EXPECT_THAT(missing_behind(7), Not(HasSubstr("more place")));
  EXPECT_THAT(missing_behind(7), HasSubstr("the system has no library"));
  EXPECT_THAT(missing_behind(8), HasSubstr("and 1 more place; --json has it\n"));
  EXPECT_THAT(missing_behind(30), HasSubstr("and 23 more places; --json has them all\n"));
  EXPECT_THAT(missing_behind(300), HasSubstr("and 293 more places; --json has 120 of them\n"));
}

TEST(FindingList, StaysWithinEightyColumnsAndColourSaysNothingMore) {
  const Inspection inspection = inspection_of(
      {{.name = "a",
        .libraries = {{.path = "a/_C.so",
                       .needed = {"libaway.so", "libm-1.so"},
                       .rpath = "$ORIGIN:/opt/a/long/path/of/the/machine/that/built",
                       .extension_module = true},
                      {.path = "a/deep/libaway.so", .executable_stack = true},
                      {.path = "a/libm-1.so", .soname = "libm.so"}},
        .unreadable = {{"a/broken.so", "it is cut off behind the ELF header", true}}}});
  const std::string plain = finding_list(inspection, Style(false));
  expect_eighty_columns(plain);
  EXPECT_EQ(without_colour(finding_list(inspection, Style(true))), plain);
  EXPECT_THAT(finding_list(inspection, Style(true)), HasSubstr("\x1b[31mproblem: \x1b[0m"));
}

}  // namespace
}  // namespace spokeshave
