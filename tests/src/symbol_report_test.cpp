#include "src/symbol_report.h"

#include <gmock/gmock.h>

#include <optional>

namespace spokeshave {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// `f`, `f@V` or `f@V/lib.so` (who should bring the version).
struct SymbolSpec {
  std::string name;
  std::string version = {};
  std::string file = {};
  bool weak = false;
};

elf::SymbolListing make_listing(const std::vector<SymbolSpec>& imports,
                                const std::vector<SymbolSpec>& exports) {
  elf::SymbolListing listing;
  std::vector<elf::SymbolVersion> versions;
  const auto number = [&](const SymbolSpec& spec) -> std::uint16_t {
    if (spec.version.empty()) return 0;
    versions.push_back({spec.version, spec.file});
    return static_cast<std::uint16_t>(versions.size());
  };
  for (const auto& spec : imports) listing.add_import(spec.name, number(spec), spec.weak);
  for (const auto& spec : exports) listing.add_export(spec.name, number(spec), spec.weak, true);
  const bool has_versions = !versions.empty();
  listing.set_versions(has_versions, versions);
  return listing;
}

struct LibrarySpec {
  std::string path;
  std::vector<SymbolSpec> imports = {};
  std::vector<SymbolSpec> exports = {};
  std::vector<std::size_t> needs = {};
  std::vector<std::string> needs_outside = {};
  bool readable = true;
  bool is_program = false;
};

/// A report in words, names in the place of numbers.
struct Answer {
  std::vector<std::string> crossings;  ///< `a -> b directly: f g`
  std::vector<std::string> missing;    ///< `a: f`
  std::vector<std::string> elsewhere;  ///< `a: f from libx.so`
  SymbolReport report;
};

std::string joined(const elf::SymbolListing& listing, const std::vector<std::uint32_t>& symbols) {
  std::string text;
  for (const auto symbol : symbols) {
    text += ' ' + std::string(listing.name(listing.imports()[symbol]));
  }
  return text;
}

Answer report_on(const std::vector<LibrarySpec>& specs, std::vector<SystemLibrary> system = {}) {
  std::vector<elf::SymbolListing> listings;
  listings.reserve(specs.size());
  std::vector<SymbolLibrary> libraries;
  for (const auto& spec : specs) {
    listings.push_back(make_listing(spec.imports, spec.exports));
    libraries.push_back({spec.path, spec.readable ? &listings.back() : nullptr, spec.needs,
                         spec.needs_outside, spec.is_program});
  }
  Answer answer;
  answer.report = report_symbols(libraries, system);
  constexpr const char* kWords[] = {"directly", "indirectly", "undeclared"};
  for (const auto& crossing : answer.report.crossings) {
    answer.crossings.push_back(specs[crossing.from].path + " -> " + specs[crossing.to].path + ' ' +
                               kWords[static_cast<int>(crossing.declared)] + ':' +
                               joined(listings[crossing.from], crossing.symbols));
  }
  for (const auto& unprovided : answer.report.unprovided) {
    std::string text = specs[unprovided.library].path + ':' +
                       joined(listings[unprovided.library], unprovided.symbols);
    if (unprovided.may_come_from.empty()) {
      answer.missing.push_back(text);
      continue;
    }
    text += " from";
    for (const auto& name : unprovided.may_come_from) text += ' ' + name;
    answer.elsewhere.push_back(text);
  }
  return answer;
}

std::vector<SystemLibrary> system_library(const std::string& soname,
                                          const std::vector<SymbolSpec>& exports) {
  std::vector<SystemLibrary> system;
  system.push_back({soname, make_listing({}, exports)});
  return system;
}

TEST(ReportSymbols, CountsWhatALibraryTakesFromOneThatItNeeds) {
  const Answer answer = report_on({{.path = "a", .imports = {{"f"}, {"g"}}, .needs = {1}},
                                   {.path = "b", .exports = {{"g"}, {"h"}, {"f"}}}});
  EXPECT_THAT(answer.crossings, ElementsAre("a -> b directly: f g"));
  EXPECT_THAT(answer.report.unprovided, IsEmpty());
}

TEST(ReportSymbols, TheFirstInBreadthFirstOrderBringsASymbolThatSeveralHave) {
  // a needs b, c; b needs d: the order is a b c d.
  const Answer answer = report_on({{.path = "a", .imports = {{"f"}}, .needs = {2, 3}},
                                   {.path = "d", .exports = {{"f"}}},
                                   {.path = "b", .needs = {1}},
                                   {.path = "c", .exports = {{"f"}}}});
  EXPECT_THAT(answer.crossings, ElementsAre("a -> c directly: f"));
}

TEST(ReportSymbols, AnEdgeThatOnlyAnotherNeedDeclaresIsIndirect) {
  const Answer answer = report_on({{.path = "a", .imports = {{"f"}}, .needs = {1}},
                                   {.path = "b", .needs = {2}},
                                   {.path = "c", .exports = {{"f"}}}});
  EXPECT_THAT(answer.crossings, ElementsAre("a -> c indirectly: f"));
}

TEST(ReportSymbols, AnEdgeThatNoNeedDeclaresIsFoundAnywhereInTheSet) {
  const Answer answer = report_on({{.path = "a", .imports = {{"f"}}},
                                   {.path = "b", .exports = {{"f"}}},
                                   {.path = "c", .exports = {{"f"}}, .needs = {0}}});
  EXPECT_THAT(answer.crossings, ElementsAre("a -> b undeclared: f"));
}

TEST(ReportSymbols, AProgramBringsNothingToTheLibrariesBesideIt) {
  const Answer answer = report_on({{.path = "a", .imports = {{"f"}}},
                                   {.path = "bin/b", .exports = {{"f"}}, .is_program = true}});
  EXPECT_THAT(answer.crossings, IsEmpty());
  EXPECT_THAT(answer.missing, ElementsAre("a: f"));
}

TEST(ReportSymbols, CirclesEnd) {
  const Answer answer =
      report_on({{.path = "a", .imports = {{"f"}}, .exports = {{"g"}}, .needs = {1}},
                 {.path = "b", .imports = {{"g"}}, .exports = {{"f"}}, .needs = {0, 1}}});
  EXPECT_THAT(answer.crossings, ElementsAre("a -> b directly: f", "b -> a directly: g"));
}

TEST(ReportSymbols, AWeakImportIsMetButNeverMissedNorAnEdgeOfItsOwn) {
  const Answer answer = report_on({{.path = "a",
                                    .imports = {{.name = "f", .weak = true},
                                                {.name = "g", .weak = true},
                                                {.name = "h", .weak = true}},
                                    .needs = {1}},
                                   {.path = "b", .exports = {{"f"}}},
                                   {.path = "c", .exports = {{"g"}}}});
  EXPECT_THAT(answer.crossings, ElementsAre("a -> b directly: f"));
  EXPECT_THAT(answer.report.unprovided, IsEmpty());
}

TEST(ReportSymbols, AVersionIsMetByTheLibraryThatHasIt) {
  const Answer answer = report_on({{.path = "a", .imports = {{"f", "V_2", "c"}}, .needs = {1, 2}},
                                   {.path = "b", .exports = {{"f", "V_1"}}},
                                   {.path = "c", .exports = {{"f", "V_2"}}}});
  EXPECT_THAT(answer.crossings, ElementsAre("a -> c directly: f"));
}

TEST(ReportSymbols, AVersionThatItsLibraryDoesNotHaveIsMissing) {
  const Answer answer = report_on({{.path = "a",
                                    .imports = {{"f", "V_3", "b"}},
                                    .needs = {1},
                                    .needs_outside = {"libcuda.so.1"}},
                                   {.path = "b", .exports = {{"f", "V_1"}}}});
  EXPECT_THAT(answer.missing, ElementsAre("a: f"));
  EXPECT_THAT(answer.report.not_looked_into, IsEmpty());
}

TEST(ReportSymbols, WhatNobodyBringsIsMissing) {
  const Answer answer = report_on(
      {{.path = "a", .imports = {{"f"}, {"g"}}, .needs = {1}}, {.path = "b", .exports = {{"g"}}}},
      system_library("libc.so.6", {{"puts"}}));
  EXPECT_THAT(answer.crossings, ElementsAre("a -> b directly: g"));
  EXPECT_THAT(answer.missing, ElementsAre("a: f"));
}

TEST(ReportSymbols, WhatALibraryThatIsNotHereMayBringIsNotMissing) {
  const Answer answer = report_on({{.path = "a", .imports = {{"f"}}, .needs = {1}},
                                   {.path = "b", .needs_outside = {"libcuda.so.1"}},
                                   {.path = "c", .needs_outside = {"libother.so"}}});
  EXPECT_THAT(answer.missing, IsEmpty());
  EXPECT_THAT(answer.elsewhere, ElementsAre("a: f from libcuda.so.1"));
  EXPECT_THAT(answer.report.not_looked_into, ElementsAre("libcuda.so.1"));
}

TEST(ReportSymbols, AVersionTellsWhichOfThemBringsIt) {
  const Answer answer = report_on({{.path = "a",
                                    .imports = {{"f"}, {"g", "libx.so", "libx.so"}},
                                    .needs_outside = {"libx.so", "liby.so"}}});
  EXPECT_THAT(answer.elsewhere, ElementsAre("a: g from libx.so", "a: f from libx.so liby.so"));
}

TEST(ReportSymbols, AnUnreadableLibraryMayBringAnything) {
  const Answer answer = report_on(
      {{.path = "x/a", .imports = {{"f"}}, .needs = {1}}, {.path = "x/b", .readable = false}});
  EXPECT_THAT(answer.elsewhere, ElementsAre("x/a: f from b"));
}

TEST(ReportSymbols, TheSystemBringsWhatItsListingsHaveAndWhatVersionsSay) {
  const Answer answer =
      report_on({{.path = "a",
                  .imports = {{"deflate"}, {"new_in_2_99", "GLIBC_2.99", "libc.so.6"}},
                  .needs_outside = {"libz.so.1", "libc.so.6"}}},
                system_library("libz.so.1", {{"deflate"}}));
  EXPECT_EQ(answer.report.from_system, 2u);
  EXPECT_THAT(answer.report.unprovided, IsEmpty());
}

TEST(ReportSymbols, TheCLibraryComesBeforeTheSetAndOtherSystemLibrariesBehind) {
  const std::vector<LibrarySpec> set = {{.path = "a",
                                         .imports = {{"malloc", "GLIBC_2.2.5", "libc.so.6"},
                                                     {"thrown", "GLIBCXX_3.4", "libstdc++.so.6"}},
                                         .needs = {1},
                                         .needs_outside = {"libstdc++.so.6", "libc.so.6"}},
                                        {.path = "b", .exports = {{"malloc"}, {"thrown"}}}};
  const Answer answer = report_on(set);
  EXPECT_THAT(answer.crossings, ElementsAre("a -> b directly: thrown"));
  EXPECT_EQ(answer.report.from_system, 1u);
}

TEST(ReportSymbols, TheInterpreterBringsItsOwnUnlessALibraryIsNeededForIt) {
  const std::vector<SymbolSpec> imports = {{"PyObject_Call"}, {"_Py_NoneStruct"}, {"Pyramid"}};
  const Answer alone = report_on({{.path = "a", .imports = imports}});
  EXPECT_EQ(alone.report.from_python, 2u);
  EXPECT_THAT(alone.missing, ElementsAre("a: Pyramid"));
  const Answer embedded = report_on({{.path = "a", .imports = imports, .needs = {1}},
                                     {.path = "libpython", .exports = {{"PyObject_Call"}}}});
  EXPECT_EQ(embedded.report.from_python, 1u);
  EXPECT_THAT(embedded.crossings, ElementsAre("a -> libpython directly: PyObject_Call"));
}

TEST(IsPythonSymbol, GoesByTheNamesOfTheCApi) {
  for (const char* name :
       {"PyObject_Call", "Py_BuildValue", "_Py_NoneStruct", "_PyObject_New", "PyExc_ValueError"}) {
    EXPECT_TRUE(is_python_symbol(name)) << name;
  }
  for (const char* name :
       {"PyInit_torch", "Py", "_Py", "Pyramid", "python", "__Py_x", "_ZN2PyC1Ev", ""}) {
    EXPECT_FALSE(is_python_symbol(name)) << name;
  }
}

}  // namespace
}  // namespace spokeshave
