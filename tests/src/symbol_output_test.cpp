#include "src/symbol_output.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "src/failure.h"

namespace spokeshave {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kThrown = "_ZNSt13runtime_errorC1EPKc";

/// a needs b, b needs c; d needs libcuda.so.1, e could not be read.
SymbolSurvey small_survey() {
  SymbolSurvey survey;
  const auto add = [&](const std::string& path, elf::SymbolListing listing) -> SymbolLibrary& {
    survey.listings.push_back(std::make_unique<elf::SymbolListing>(std::move(listing)));
    survey.libraries.push_back({.path = path, .listing = survey.listings.back().get()});
    return survey.libraries.back();
  };
  elf::SymbolListing a;
  a.set_versions(true, {{"V_1", "b.so"}});
  a.add_import("f", 1, false);
  a.add_import(kThrown, 0, false);
  a.add_import("_Z1gi", 0, false);
  a.add_import("missing\x1b[31m", 0, false);
  elf::SymbolListing b;
  b.set_versions(true, {{"V_1", ""}});
  b.add_export("f", 1, false, true);
  elf::SymbolListing c;
  c.add_export(kThrown, 0, false, true);
  elf::SymbolListing d;
  d.add_import("cuInit", 0, false);
  d.add_export("_Z1gi", 0, false, true);
  add("p/a.so", std::move(a)).needs = {1};
  add("p/b.so", std::move(b)).needs = {2};
  add("p/c.so", std::move(c));
  add("q/d.so", std::move(d)).needs_outside = {"libcuda.so.1"};
  survey.listings.push_back(nullptr);
  survey.libraries.push_back({.path = "q/e.so"});
  survey.unread.push_back({4, "it crashes (Aborted)"});
  survey.report = report_symbols(survey.libraries, survey.system);
  return survey;
}

TEST(SymbolTable, ShowsEveryEdgeAndWhatIsWrong) {
  EXPECT_EQ(symbol_table(small_survey(), Style(false)),
            R"(symbols that cross from library to library
p/a.so
       1  p/b.so
       1  p/c.so                                           through what it needs
       1  q/d.so                                                    NOT DECLARED
0 symbols of the system, 0 of the Python interpreter

edges that no NEEDED declares
(they hold only while something else has loaded the library before, and break
 when it moves)
p/a.so
  takes from q/d.so
    g(int)

symbols that nobody brings
(neither a library here nor the system has them)
p/a.so
    missing\x1b[31m

symbols of libraries that are not here
q/d.so
       1  may come from libcuda.so.1

libraries whose symbols could not be read
q/e.so
  it crashes (Aborted)
)");
}

/// One library takes a symbol from another; their paths have 68 columns, so that there is hardly
/// room beside them.
SymbolSurvey wide_survey(const std::string& symbol) {
  SymbolSurvey survey;
  const auto add = [&](const std::string& path, elf::SymbolListing listing) -> SymbolLibrary& {
    survey.listings.push_back(std::make_unique<elf::SymbolListing>(std::move(listing)));
    survey.libraries.push_back({.path = path, .listing = survey.listings.back().get()});
    return survey.libraries.back();
  };
  elf::SymbolListing taker;
  taker.add_import(symbol, 0, false);
  elf::SymbolListing giver;
  giver.add_export(symbol, 0, false, true);
  add("package/" + std::string(48, 'f') + "/libtaker.so", std::move(taker));
  add("package/" + std::string(48, 'f') + "/libgiver.so", std::move(giver));
  survey.report = report_symbols(survey.libraries, survey.system);
  return survey;
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, line.size());
  return widest;
}

TEST(SymbolTable, WhatDoesNotFitBesideAPathHasALineOfItsOwn) {
  EXPECT_THAT(symbol_table(wide_survey("f"), Style(false)),
              HasSubstr("\n       1  package/" + std::string(48, 'f') + "/libgiver.so\n" +
                        std::string(68, ' ') + "NOT DECLARED\n"));
}

TEST(SymbolOutput, HasNoLineThatIsWiderThanATerminalUnlessANameIs) {
  for (const std::size_t size : {1u, 60u, 76u, 77u, 80u}) {
    const std::string name(size, 'n');
    const SymbolSurvey survey = wide_survey(name);
    const std::string list = symbol_list(survey, {"libtaker.so", "*"}, Style(false));
    EXPECT_LE(widest_line(symbol_table(survey, Style(false))), 80u) << size;
    EXPECT_LE(widest_line(list), 80u) << size;
    EXPECT_THAT(list, HasSubstr(name + "\n"));
  }
}

TEST(SymbolList, WhatDoesNotFitBesideAPathStandsBelowIt) {
  const std::string folder = "package/" + std::string(48, 'f');
  EXPECT_EQ(symbol_list(wide_survey("f"), {"libtaker.so", "*"}, Style(false)),
            folder + "/libtaker.so\n  takes 1 symbol from\n" + folder +
                "/libgiver.so\n  (NOT DECLARED)\n  f\n");
}

TEST(SymbolTable, OfASetWithoutFaultsIsTheEdgesOnly) {
  SymbolSurvey survey;
  EXPECT_EQ(symbol_table(survey, Style(false)),
            "symbols that cross from library to library\n"
            "0 symbols of the system, 0 of the Python interpreter\n");
}

TEST(SymbolList, NamesTheSymbolsOfAnEdgeAsTheirSourceDoes) {
  EXPECT_EQ(symbol_list(small_survey(), {"a.so", "*"}, Style(false)),
            R"(p/a.so takes 1 symbol from
p/b.so
  f@V_1

p/a.so takes 1 symbol from
p/c.so (through what it needs)
  std::runtime_error::runtime_error(char const*)

p/a.so takes 1 symbol from
q/d.so (NOT DECLARED)
  g(int)
)");
}

TEST(SymbolList, AGlobWithASlashIsComparedWithThePath) {
  EXPECT_THAT(symbol_list(small_survey(), {"p/*", "q/*"}, Style(false)), HasSubstr("g(int)"));
  EXPECT_EQ(symbol_list(small_survey(), {"q/*", "p/*"}, Style(false)),
            "no symbol crosses from q/* to p/*\n");
}

TEST(SymbolList, AGlobThatMatchesNothingIsRefusedWithTheNearestName) {
  try {
    symbol_list(small_survey(), {"a.so", "x.so"}, Style(false));
    FAIL() << "it should throw";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kUsage);
    EXPECT_STREQ(failure.what(), "--symbols: `x.so` matches no library");
    EXPECT_EQ(failure.hint(), "did you mean `a.so`?");
  }
}

TEST(ParseEdge, TakesTwoGlobs) {
  const EdgeGlobs edge = parse_edge("libtorch*:torch/lib/*");
  EXPECT_EQ(edge.from, "libtorch*");
  EXPECT_EQ(edge.to, "torch/lib/*");
  for (const char* text : {"", ":", "a", "a:", ":b", "a:b:c", "a::b", "a:b:"})
    EXPECT_THROW(parse_edge(text), Failure) << text;
}

TEST(SymbolJson, HasTheSameFacts) {
  const Json json = Json::parse(symbol_json(small_survey(), nullptr));
  ASSERT_EQ(json["crossings"].size(), 3u);
  EXPECT_EQ(json["crossings"][0],
            Json({{"from", 0}, {"to", 1}, {"count", 1}, {"declared", "directly"}}));
  EXPECT_EQ(json["crossings"][1]["declared"], "indirectly");
  EXPECT_EQ(json["crossings"][2]["declared"], "no");
  EXPECT_EQ(json["crossings"][2]["symbols"][0]["demangled"], "g(int)");
  EXPECT_EQ(json["missing"][0]["library"], 0);
  EXPECT_EQ(json["missing"][0]["symbols"][0]["name"], "missing\x1b[31m");
  EXPECT_EQ(json["elsewhere"][0]["library"], 3);
  EXPECT_EQ(json["elsewhere"][0]["may_come_from"], Json({"libcuda.so.1"}));
  EXPECT_EQ(json["elsewhere"][0]["symbols"][0]["name"], "cuInit");
  EXPECT_EQ(json["not_looked_into"], Json({"libcuda.so.1"}));
  EXPECT_EQ(json["unread"][0], Json({{"library", 4}, {"why", "it crashes (Aborted)"}}));
}

TEST(SymbolJson, ListsTheSymbolsOfTheEdgesThatWereAskedFor) {
  const EdgeGlobs edges{"a.so", "[bc].so"};
  const Json json = Json::parse(symbol_json(small_survey(), &edges));
  EXPECT_EQ(
      json["crossings"][0]["symbols"][0],
      Json({{"name", "f"}, {"demangled", "f"}, {"version", "V_1"}, {"version_file", "b.so"}}));
  EXPECT_EQ(json["crossings"][1]["symbols"][0]["name"], kThrown);
  EXPECT_TRUE(json["crossings"][1]["symbols"][0]["version"].is_null());
}

}  // namespace
}  // namespace spokeshave
