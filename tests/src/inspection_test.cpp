#include "src/inspection.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "src/graph_tree.h"
#include "src/inspect_json.h"
#include "src/inspect_report.h"
#include "tests/support/inspection_builder.h"
#include "tests/support/random_seed.h"

namespace spokeshave {
namespace {

using support::index_of;
using support::inspection_of;
using support::LibrarySpec;
using support::WheelSpec;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Inspect, LibrariesAreShownByFileNameUnlessAnotherHasTheSame) {
  const Inspection inspection =
      inspection_of({{.name = "a", .libraries = {{.path = "a/libx.so"}, {.path = "a/lib/liby.so"}}},
                     {.name = "b", .libraries = {{.path = "b/libx.so"}}}});
  EXPECT_EQ(inspection.libraries[index_of(inspection, "a/libx.so")].shown, "a/libx.so");
  EXPECT_EQ(inspection.libraries[index_of(inspection, "b/libx.so")].shown, "b/libx.so");
  EXPECT_EQ(inspection.libraries[index_of(inspection, "a/lib/liby.so")].shown, "liby.so");
}

TEST(Inspect, MuslsRulesHoldWhereATagSaysSo) {
  EXPECT_EQ(inspection_of({{.name = "a"}}).loader, elf::LoaderKind::kGlibc);
  EXPECT_EQ(
      inspection_of({{.name = "a"}, {.name = "b", .platform_tag = "musllinux_1_2_x86_64"}}).loader,
      elf::LoaderKind::kMusl);
}

TEST(Inspect, StartsAreNumberedAndOthersHaveNone) {
  const Inspection inspection = inspection_of({{.name = "a",
                                                .libraries = {{.path = "a/_C.so",
                                                               .needed = {"libx.so"},
                                                               .rpath = "$ORIGIN",
                                                               .extension_module = true},
                                                              {.path = "a/bin/t", .program = true},
                                                              {.path = "a/libx.so"},
                                                              {.path = "a/liby.so"}}}});
  EXPECT_EQ(inspection.libraries[0].start, 0u);
  EXPECT_EQ(inspection.libraries[1].start, 1u);
  EXPECT_EQ(inspection.libraries[2].start, std::nullopt);
  EXPECT_EQ(inspection.libraries[3].start, std::nullopt);
  EXPECT_EQ(inspection.libraries[2].loaded_by, LoadedBy::kImport);
  EXPECT_EQ(inspection.libraries[3].loaded_by, LoadedBy::kNobody);
}

TEST(Inspect, PathsAreToldByWheelWhereEachHasAFolder) {
  const Inspection separate = inspection_of({{.name = "a"}, {.name = "b"}}, Layout::kSeparate);
  EXPECT_EQ(shown_path(separate, "/wheel-1/x/liby.so"), "b/x/liby.so");
  EXPECT_EQ(shown_path(separate, "/wheel-10/x/liby.so"), "/wheel-10/x/liby.so");
  EXPECT_EQ(shown_path(separate, "/usr/lib/liby.so"), "/usr/lib/liby.so");
  const Inspection one = inspection_of({{.name = "a"}, {.name = "b"}});
  EXPECT_EQ(shown_path(one, "/site-packages/x/liby.so"), "x/liby.so");
  EXPECT_EQ(shown_path(one, "/wheel-1/x/liby.so"), "/wheel-1/x/liby.so");
}

TEST(Inspect, ProblemsStandFirstThenInTheOrderOfTheirKinds) {
  const Inspection inspection =
      inspection_of({{.name = "a",
                      .libraries = {{.path = "a/_C.so",
                                     .needed = {"libx.so"},
                                     .rpath = "$ORIGIN/gone",
                                     .extension_module = true},
                                    {.path = "a/lib/libx.so", .executable_stack = true}},
                      .unreadable = {{"a/broken.so", "cut off", true}}}});
  std::vector<FindingKind> kinds;
  for (const auto& finding : inspection.findings) kinds.push_back(finding.kind);
  EXPECT_THAT(kinds, ElementsAre(FindingKind::kMissing, FindingKind::kUnreadable,
                                 FindingKind::kDeadEntry, FindingKind::kExecutableStack));
}

TEST(Inspect, EachKindHasAnotherName) {
  std::set<std::string> names;
  for (int kind = 0; kind <= static_cast<int>(FindingKind::kExecutableStack); ++kind) {
    const std::string name = to_string(static_cast<FindingKind>(kind));
    EXPECT_NE(name, "");
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

/// What is said of the libraries, by their paths, in an order that does not depend on the wheels'.
std::multiset<std::string> said(const Inspection& inspection) {
  const auto path = [&](std::size_t i) { return inspection.libraries[i].library->installed_path; };
  std::multiset<std::string> lines;
  for (const auto& entry : inspection.libraries) {
    lines.insert(entry.library->installed_path + " is loaded by " +
                 std::to_string(static_cast<int>(entry.loaded_by)));
  }
  for (const auto& need : inspection.graph.needs) {
    lines.insert(path(need.from) + " needs " + path(need.to) + " as " + need.name + " by " +
                 rule_words(need, inspection));
  }
  for (const auto& need : inspection.graph.outside) {
    lines.insert(path(need.from) + " needs outside " + need.name);
  }
  for (const auto& need : inspection.graph.unmet) {
    lines.insert(path(need.from) + " misses " + need.name + " with " + path(need.opened) + " for " +
                 std::to_string(static_cast<int>(need.loaded_by)));
  }
  for (const auto& finding : inspection.findings) {
    std::multiset<std::string> about;
    for (const auto i : finding.libraries) about.insert(path(i));
    std::string line = to_string(finding.kind);
    for (const auto& each : about) line += " " + each;
    lines.insert(line);
  }
  return lines;
}

/// A few wheels whose libraries need, mention and open each other at random, along paths of which
/// some lead nowhere.
std::vector<WheelSpec> random_wheels(std::mt19937& random) {
  const auto below = [&](std::size_t n) { return random() % n; };
  const std::size_t wheels = 2 + below(3);
  const std::size_t each = 1 + below(4);
  const auto name = [](std::size_t w, std::size_t k) {
    return "lib" + std::to_string(w) + "_" + std::to_string(k) + ".so";
  };
  std::vector<WheelSpec> specs;
  for (std::size_t w = 0; w < wheels; ++w) {
    const std::string letter(1, static_cast<char>('a' + w));
    WheelSpec wheel{.name = letter};
    for (std::size_t k = 0; k < each; ++k) {
      LibrarySpec library{.path = letter + "/" + name(w, k)};
      for (std::size_t n = below(4); n > 0; --n) {
        library.needed.push_back(name(below(wheels), below(each)));
      }
      std::string path = "$ORIGIN";
      for (std::size_t n = below(3); n > 0; --n) {
        path += ":$ORIGIN/../" + std::string(1, static_cast<char>('a' + below(wheels)));
      }
      (below(2) == 0 ? library.rpath : library.runpath) = path;
      if (below(3) == 0) library.mentions.insert(name(below(wheels), below(each)));
      library.extension_module = below(3) == 0;
      wheel.libraries.push_back(std::move(library));
    }
    if (below(2) == 0) {
      wheel.openers.push_back({letter + "/__init__.py",
                               {name(below(wheels), below(each))},
                               {name(below(wheels), below(each))}});
    }
    specs.push_back(std::move(wheel));
  }
  return specs;
}

TEST(Inspect, ACircleThatNobodyOpensIsEnteredAtTheSameLibraryInAnyOrderOfTheWheels) {
  // libc.so finds liba.so by the RPATH of libb.so, or, where that was opened first, has it already.
  LibrarySpec a{.path = "a/liba.so", .needed = {"libb.so"}};
  a.runpath = "$ORIGIN/../b";
  LibrarySpec b{.path = "b/libb.so", .needed = {"libc.so"}};
  b.rpath = "$ORIGIN:$ORIGIN/../a";
  const LibrarySpec c{.path = "b/libc.so", .needed = {"liba.so"}};
  const std::vector<WheelSpec> wheels{{.name = "a", .libraries = {a}},
                                      {.name = "b", .libraries = {b, c}}};
  const std::vector<WheelSpec> turned{wheels[1], wheels[0]};
  EXPECT_EQ(said(inspection_of(wheels, Layout::kSitePackages)),
            said(inspection_of(turned, Layout::kSitePackages)));
}

TEST(InspectProperty, TheOrderOfTheWheelsChangesNothingThatIsSaidOfALibrary) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    auto specs = random_wheels(random);
    for (const Layout layout : {Layout::kSitePackages, Layout::kSeparate}) {
      const auto before = said(inspection_of(specs, layout));
      auto turned = specs;
      std::rotate(turned.begin(), turned.begin() + 1, turned.end());
      ASSERT_EQ(before, said(inspection_of(turned, layout))) << "round " << round;
    }
  }
}

TEST(InspectProperty, EveryNeedIsToldExactlyAsMetOutsideOrMissing) {
  const unsigned seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    const Inspection inspection = inspection_of(random_wheels(random));
    for (std::size_t i = 0; i < inspection.libraries.size(); ++i) {
      for (const auto& name : inspection.libraries[i].library->image.needed) {
        const auto is_this = [&](const auto& need) { return need.from == i && need.name == name; };
        const auto& graph = inspection.graph;
        const auto told = std::count_if(graph.needs.begin(), graph.needs.end(), is_this) +
                          std::count_if(graph.outside.begin(), graph.outside.end(), is_this) +
                          std::count_if(graph.unmet.begin(), graph.unmet.end(), is_this);
        ASSERT_GE(told, 1) << inspection.libraries[i].shown << " needs " << name;
      }
    }
  }
}

TEST(Inspect, AWheelGivenTwiceIsOneInstallation) {
  const WheelSpec wheel = {
      .name = "a",
      .libraries = {
          {.path = "a/_C.so", .needed = {"libx.so"}, .rpath = "$ORIGIN", .extension_module = true},
          {.path = "a/libx.so"}}};
  const Inspection inspection = inspection_of({wheel, wheel});
  EXPECT_THAT(inspection.libraries, SizeIs(4));
  EXPECT_THAT(inspection.graph.unmet, IsEmpty());
}

// Hostile sets: nothing here may take longer than a few seconds, nor fail.

double seconds_for(const std::vector<WheelSpec>& specs, Layout layout = Layout::kSitePackages) {
  auto wheels = support::inspected_wheels(specs);
  const auto begin = std::chrono::steady_clock::now();
  const Inspection inspection = inspect(std::move(wheels), layout);
  graph_tree(inspection, Style(false));
  finding_list(inspection, Style(false));
  inspection_json(inspection);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

constexpr double kSeconds = 60;  // with sanitizers and other work; quadratic ones take minutes

TEST(HostileSet, AChainOfThreeThousandLibraries) {
  WheelSpec wheel{.name = "a"};
  for (int i = 0; i < 3000; ++i) {
    wheel.libraries.push_back({.path = "a/l" + std::to_string(i) + ".so",
                               .needed = {"l" + std::to_string(i + 1) + ".so"},
                               .rpath = "$ORIGIN"});
  }
  wheel.libraries[0].extension_module = true;
  EXPECT_LT(seconds_for({wheel}), kSeconds);
}

/// The last of the chain fails, and so do all before it, each for the sake of the next.
TEST(HostileSet, AChainThatFailsForManyReasons) {
  WheelSpec wheel{.name = "a"};
  constexpr int kLength = 500;
  for (int i = 0; i < kLength; ++i) {
    const std::string number = std::to_string(1000 + i);
    LibrarySpec link = {.path = "a/c" + number + ".so",
                        .needed = {"c" + std::to_string(1000 + i + 1) + ".so"}};
    if (i + 1 == kLength) {
      link.needed.clear();
      for (int k = 0; k < kLength; ++k)
        link.needed.push_back("m" + std::to_string(1000 + k) + ".so");
    }
    wheel.libraries.push_back(link);
    wheel.libraries.push_back(
        {.path = "a/deep/m" + number + ".so", .needed = {"n" + number + ".so"}});
    wheel.libraries.push_back({.path = "a/deeper/n" + number + ".so"});
    if (wheel.openers.empty()) wheel.openers.push_back({.path = "a/__init__.py"});
    wheel.openers[0].opened.push_back("c" + number + ".so");
    wheel.openers[0].opened.push_back("m" + number + ".so");
  }
  EXPECT_LT(seconds_for({wheel}), kSeconds);
}

TEST(HostileSet, ThousandsOfLibrariesOfOneName) {
  WheelSpec wheel{.name = "a"};
  for (int i = 0; i < 2200; ++i) {
    wheel.libraries.push_back(
        {.path = "a/" + std::to_string(i) + "/x.so", .needed = {"y.so"}, .mentions = {"x.so"}});
  }
  EXPECT_LT(seconds_for({wheel}), kSeconds);
}

TEST(HostileSet, APathOfAHundredThousandEntriesBesideThousandsOfFolders) {
  WheelSpec wheel{.name = "a"};
  for (int i = 0; i < 2000; ++i) {
    wheel.libraries.push_back({.path = "a/" + std::to_string(i) + "/lib/x.so"});
  }
  std::string path;
  for (int i = 0; i < 100'000; ++i) path += ":$ORIGIN/" + std::to_string(i);
  wheel.libraries[0].rpath = path;
  wheel.libraries[0].needed = {"libc.so.6"};
  EXPECT_LT(seconds_for({wheel}), kSeconds);
}

TEST(HostileSet, ManyThatBorrowAPath) {
  WheelSpec wheel{.name = "a"};
  wheel.libraries.push_back({.path = "a/_C.so", .rpath = "$ORIGIN/lib", .extension_module = true});
  wheel.libraries.push_back({.path = "a/lib/last.so"});
  for (int i = 0; i < 1500; ++i) {
    const std::string name = "l" + std::to_string(i) + ".so";
    wheel.libraries[0].needed.push_back(name);
    wheel.libraries.push_back({.path = "a/lib/" + name, .needed = {"last.so"}});
  }
  EXPECT_LT(seconds_for({wheel}), kSeconds);
}

}  // namespace
}  // namespace spokeshave
