#include "src/graph_tree.h"

#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "tests/support/inspection_builder.h"

namespace spokeshave {
namespace {

using support::inspection_of;
using support::LibrarySpec;
using support::WheelSpec;
using testing::HasSubstr;

std::string tree(const std::vector<WheelSpec>& specs, Layout layout = Layout::kSitePackages) {
  return graph_tree(inspection_of(specs, layout), Style(false));
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::size_t letters(const std::string& line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

/// Lines end at column 80, but for those where a name alone takes more.
void expect_eighty_columns(const std::string& text, std::size_t longest_name) {
  for (const std::string& line : lines_of(text)) {
    EXPECT_LE(letters(line), std::max<std::size_t>(80, 36 + longest_name)) << line;
  }
}

TEST(GraphTree, ShowsEachLibraryOnceInFullAndThenByReference) {
  EXPECT_EQ(tree({{.name = "w",
                   .libraries = {{.path = "w/_C.so",
                                  .needed = {"liba.so", "libb.so"},
                                  .rpath = "$ORIGIN/lib",
                                  .size = 20'000,
                                  .extension_module = true},
                                 {.path = "w/lib/liba.so",
                                  .needed = {"libb.so", "libc.so.6"},
                                  .size = 123'000'000},
                                 {.path = "w/lib/libb.so", .needed = {"libz1.so"}},
                                 {.path = "w/lib/libz1.so", .size = 1}}}}),
            R"(Loaded by import
w/_C.so                                                extension module, 20.0 kB
├─ liba.so                                                         RPATH, 123 MB
│  └─ libb.so                                             loaded before, 1.00 MB
│     └─ libz1.so                                            RPATH of _C.so, 1 B
└─ libb.so                                                             see above
)");
}

TEST(GraphTree, NumbersTheWheelsWhereThereAreSeveral) {
  EXPECT_EQ(tree({{.name = "a",
                   .libraries = {{.path = "a/_C.so",
                                  .needed = {"libown.so", "libb.so"},
                                  .rpath = "$ORIGIN:$ORIGIN/../b",
                                  .extension_module = true},
                                 {.path = "a/libown.so"}}},
                  {.name = "b",
                   .libraries = {{.path = "b/libb.so", .needed = {"libbb.so"}, .rpath = "$ORIGIN"},
                                 {.path = "b/libbb.so"}}}}),
            R"(Loaded by import
a/_C.so [1]                                            extension module, 1.00 MB
├─ libown.so                                                      RPATH, 1.00 MB
└─ libb.so [2]                                                    RPATH, 1.00 MB
   └─ libbb.so                                                    RPATH, 1.00 MB
)");
}

TEST(GraphTree, TellsWhatIsMissingWhatFailsAndWhoElseBringsIt) {
  EXPECT_EQ(tree({{.name = "w",
                   .libraries = {{.path = "w/_C.so",
                                  .needed = {"libfails.so", "libaway.so", "libcuda.so.1",
                                             "libcublas.so.12", "libc.so.6"},
                                  .extension_module = true},
                                 {.path = "w/libfails.so", .needed = {"libaway.so"}},
                                 {.path = "w/deep/libaway.so"}},
                   .openers = {{.path = "w/__init__.py", .opened = {"libfails.so"}}}}}),
            R"(Loaded by import
w/libfails.so                                          opened by Python, 1.00 MB
└─ libaway.so                                                            MISSING
w/_C.so                                                extension module, 1.00 MB
├─ libcuda.so.1                                                     the driver's
├─ libcublas.so.12                                              of another wheel
├─ libfails.so                                             MISSING: fails itself
└─ libaway.so                                                            MISSING

Loaded by nothing that is known
w/deep/libaway.so                                               library, 1.00 MB
)");
}

TEST(GraphTree, TellsDlopenApart) {
  EXPECT_EQ(tree({{.name = "w",
                   .libraries = {{.path = "w/bin/tool",
                                  .rpath = "$ORIGIN/../lib",
                                  .mentions = {"liba.so", "libb.so"},
                                  .program = true},
                                 {.path = "w/else/libb.so"},
                                 {.path = "w/lib/liba.so"}}}}),
            R"(Loaded by programs
w/bin/tool                                                      program, 1.00 MB
├─ liba.so                                                       dlopen, 1.00 MB
└─ libb.so                                            dlopen, not found, 1.00 MB
)");
}

TEST(GraphTree, ACircleEnds) {
  EXPECT_EQ(tree({{.name = "w",
                   .libraries = {{.path = "w/liba.so", .needed = {"libb.so"}, .runpath = "$ORIGIN"},
                                 {.path = "w/libb.so",
                                  .needed = {"liba.so", "libb.so"},
                                  .runpath = "$ORIGIN"}}}}),
            R"(Loaded by nothing that is known
w/liba.so                                                       library, 1.00 MB
└─ libb.so                                                      RUNPATH, 1.00 MB
   ├─ liba.so                                                          see above
   └─ libb.so                                                          see above
)");
}

std::vector<LibrarySpec> chain(int length) {
  std::vector<LibrarySpec> libraries;
  for (int i = 0; i < length; ++i) {
    libraries.push_back({.path = "w/l" + std::to_string(100 + i) + ".so", .runpath = "$ORIGIN"});
    if (i + 1 < length) libraries.back().needed = {"l" + std::to_string(100 + i + 1) + ".so"};
  }
  return libraries;
}

TEST(GraphTree, ADeepChainGoesOnBelow) {
  const auto lines = lines_of(tree({{.name = "w", .libraries = chain(16)}}));
  ASSERT_EQ(lines.size(), 1u + 16u + 1u);
  EXPECT_EQ(lines[1],
            "w/l100.so                                                       library, 1.00 MB");
  EXPECT_THAT(lines[12], HasSubstr("l111.so"));
  EXPECT_EQ(lines[13],
            "                                 └─ l112.so                            see below");
  EXPECT_EQ(lines[14],
            "w/l112.so                                                       library, 1.00 MB");
  EXPECT_THAT(lines[17], testing::StartsWith("      └─ l115.so"));
}

TEST(GraphTree, TheTwelfthLevelIsShownThereWhereItIsTheLast) {
  const std::string text = tree({{.name = "w", .libraries = chain(13)}});
  EXPECT_EQ(text.find("see below"), std::string::npos) << text;
}

TEST(GraphTree, EveryLibraryHasItsOwnLineOnce) {
  const std::string text = tree({{.name = "w", .libraries = chain(100)}});
  for (int i = 100; i < 200; ++i) {
    const std::regex in_full("l" + std::to_string(i) + R"(\.so +(library|RUNPATH), )");
    const auto begin = std::sregex_iterator(text.begin(), text.end(), in_full);
    EXPECT_EQ(std::distance(begin, std::sregex_iterator()), 1) << i;
  }
}

TEST(GraphTree, StaysWithinEightyColumnsButForALongName) {
  for (const std::size_t length : {1u, 20u, 40u, 44u, 60u, 76u, 200u}) {
    auto libraries = chain(14);
    const std::string name(length, 'n');
    libraries[12].needed = {"l113.so", name};
    libraries[3].needed.push_back(name);
    libraries.push_back({.path = "w/" + name, .runpath = "$ORIGIN"});
    expect_eighty_columns(tree({{.name = "w", .libraries = libraries}, {.name = "x"}}),
                          length + std::string("w/ [1]").size());
  }
}

TEST(GraphTree, LettersOfSeveralBytesAreCountedAsOne) {
  const std::string text =
      tree({{.name = "w",
             .libraries = {
                 {.path = "w/lib\u00e4\u20ac.so", .needed = {"lib\u00fc.so"}, .rpath = "$ORIGIN"},
                 {.path = "w/lib\u00fc.so", .needed = {"libq\u00fc.so"}},
                 {.path = "w/libq\u00fc.so"}}}});
  for (const auto& line : lines_of(text)) {
    if (line.find(',') != std::string::npos) {
      EXPECT_EQ(letters(line), 80u) << line;
    }
  }
}

TEST(GraphTree, NamesCannotDriveTheTerminal) {
  const std::string text =
      tree({{.name = "w",
             .libraries = {{.path = "w/a\x1b[2J.so", .needed = {"b\n\xff.so"}, .rpath = "$ORIGIN"},
                           {.path = "w/b\n\xff.so"}}}});
  EXPECT_THAT(text, HasSubstr("w/a\\x1b[2J.so "));
  EXPECT_THAT(text, HasSubstr("b\\x0a\\xff.so "));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

std::string without_colour(const std::string& text) {
  return std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), "");
}

TEST(GraphTree, ColourSaysNothingThatTheTextDoesNot) {
  const std::vector<WheelSpec> specs = {
      {.name = "w",
       .libraries = {{.path = "w/_C.so",
                      .needed = {"liba.so", "libaway.so", "libcuda.so.1"},
                      .rpath = "$ORIGIN",
                      .mentions = {"libaway.so"},
                      .extension_module = true},
                     {.path = "w/liba.so"},
                     {.path = "w/deep/libaway.so"}}}};
  const Inspection inspection = inspection_of(specs);
  const std::string coloured = graph_tree(inspection, Style(true));
  EXPECT_THAT(coloured, HasSubstr("\x1b[31mlibaway.so\x1b[0m"));
  EXPECT_EQ(without_colour(coloured), graph_tree(inspection, Style(false)));
  EXPECT_EQ(without_colour(library_table(inspection, Style(true))),
            library_table(inspection, Style(false)));
}

TEST(GraphTree, OfNothingIsEmpty) {
  EXPECT_EQ(tree({}), "");
  EXPECT_EQ(tree({{.name = "w"}}), "");
}

TEST(LibraryTable, HasTheLargestFirst) {
  EXPECT_EQ(
      library_table(
          inspection_of(
              {{.name = "w",
                .libraries =
                    {{.path = "w/_C.so", .size = 20'000, .packed = 7'000, .extension_module = true},
                     {.path = "w/bin/t", .program = true},
                     {.path = "w/liba.so", .size = 1'400'000'000, .packed = 700'000'000}}}}),
          Style(false)),
      R"(installed    packed  kind              path
  1.40 GB    700 MB  library           w/liba.so
  1.00 MB    500 kB  program           w/bin/t
  20.0 kB   7.00 kB  extension module  w/_C.so
)");
}

TEST(LibraryTable, APathThatDoesNotFitHasALineOfItsOwn) {
  const std::string fits = "w/" + std::string(36, 'a') + ".so";
  const std::string long_path = "w/" + std::string(37, 'b') + ".so";
  const std::string too_long = "w/" + std::string(90, 'c') + ".so";
  EXPECT_EQ(library_table(inspection_of({{.name = "w",
                                          .libraries = {{.path = fits, .size = 3'000},
                                                        {.path = long_path, .size = 2'000},
                                                        {.path = too_long, .size = 1'000}}}}),
                          Style(false)),
            "installed    packed  kind              path\n"
            "  3.00 kB   1.50 kB  library           " +
                fits +
                "\n"
                "  2.00 kB   1.00 kB  library\n"
                "    " +
                long_path +
                "\n"
                "  1.00 kB     500 B  library\n" +
                too_long + "\n");
}

}  // namespace
}  // namespace spokeshave
