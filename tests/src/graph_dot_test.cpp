#include "src/graph_dot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "src/failure.h"
#include "tests/support/inventory_builder.h"
#include "tests/support/random_seed.h"
#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"

namespace {

using nlohmann::json;
using spokeshave::Inspection;

/// A set of wheels `w0`, `w1`, ..., each with the libraries given.
Inspection set_of(const std::vector<std::vector<support::LibrarySpec>>& wheels) {
  Inspection inspection;
  for (const auto& libraries : wheels) {
    auto& wheel = inspection.wheels.emplace_back();
    wheel.name = "w" + std::to_string(inspection.wheels.size() - 1);
    wheel.version = "1.0";
    for (const auto& spec : libraries) {
      wheel.inventory.libraries.push_back(support::make_library(spec));
    }
  }
  for (std::size_t wheel = 0; wheel < wheels.size(); ++wheel) {
    for (const auto& library : inspection.wheels[wheel].inventory.libraries) {
      auto& entry = inspection.libraries.emplace_back();
      entry.library = &library;
      entry.wheel = wheel;
    }
  }
  return inspection;
}

void add_need(Inspection& inspection, std::size_t from, std::size_t to, bool by_dlopen = false) {
  inspection.graph.needs.push_back({.from = from,
                                    .to = to,
                                    .name = "lib" + std::to_string(to) + ".so",
                                    .by_dlopen = by_dlopen,
                                    .rule = elf::Rule::kRunpath});
}

void add_missing(Inspection& inspection, std::size_t from, const std::string& name) {
  auto& need = inspection.graph.unmet.emplace_back();
  need.from = from;
  need.name = name;
}

/// What Python's XML parser reads in the picture that Graphviz draws: for each group its classes,
/// texts, tooltip and shapes (fill, points).
constexpr const char* kReader = R"(
import json, subprocess, sys, xml.etree.ElementTree as xml
drawn = subprocess.run(["dot", "-Tsvg", sys.argv[1]], capture_output=True, check=True)
space = "{http://www.w3.org/2000/svg}"
groups = {}
for group in xml.fromstring(drawn.stdout).iter(space + "g"):
    if group.get("class", "").split()[:1] not in (["node"], ["edge"], ["cluster"]):
        continue
    links = [a.get("{http://www.w3.org/1999/xlink}title") for a in group.iter(space + "a")]
    groups[group.get("id")] = {
        "classes": group.get("class").split(), "texts": [text.text for text in group.iter(space + "text")],
        "tooltip": (links + [None])[0],
        "dashed": any(shape.get("stroke-dasharray") for shape in group.iter()),
        "shapes": [[shape.get("fill"), [[float(n) for n in point.split(",")] for point in shape.get("points").split()]]
                   for shape in group.iter(space + "polygon")]}
json.dump({"groups": groups, "said": drawn.stderr.decode()}, sys.stdout)
)";

json drawn(const Inspection& inspection) {
  const support::TempDir folder;
  const std::string path = (folder / "graph.dot").string();
  std::ofstream(path, std::ios::binary) << spokeshave::graph_dot(inspection);
  const auto read = support::run_program({"python3", "-c", kReader, path});
  EXPECT_EQ(read.status, 0) << read.err;
  json picture = json::parse(read.out);
  EXPECT_EQ(picture["said"], "") << "Graphviz warns of something";
  return picture["groups"];
}

double width(const json& shape) {
  double least = shape[1][0][0];
  double most = least;
  for (const auto& point : shape[1]) {
    least = std::min<double>(least, point[0]);
    most = std::max<double>(most, point[0]);
  }
  return most - least;
}

double width_of(const json& box, const std::string& fill) {
  double sum = 0;
  for (const auto& shape : box["shapes"]) {
    if (shape[0] == fill) sum += width(shape);
  }
  return sum;
}

TEST(GraphDot, NamesWithHostileLettersComeOutAsThemselves) {
  const std::vector<std::string> names = {
      "a\"b.so",       "a\\N\\G.so",     "a\\l\\n\\r.so", "end\\",       "end\\\\",
      "<b>&amp;.so",   "&#65;&lt;.so",   "]]>--><!--.so", "{x|y}[0].so", "é漢\xf0\x9f\xa6\x86.so",
      "'$(id)`id`.so", "two  blanks.so", "a=b;c->d#.so"};
  std::vector<std::vector<support::LibrarySpec>> wheels;
  for (const auto& name : names) wheels.push_back({{.path = "folder/" + name}});
  auto inspection = set_of(wheels);
  for (std::size_t i = 0; i < names.size(); ++i) {
    inspection.wheels[i].name = names[i];
    add_need(inspection, i, 0);
    inspection.graph.needs[i].name = names[i];
    add_missing(inspection, i, "m" + names[i]);
    inspection.graph.outside.push_back({i, "o" + names[i]});
  }
  const json groups = drawn(inspection);
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string name = names[i];  // Graphviz makes a blank that follows another a no-break space
    if (const auto at = name.find("  "); at != std::string::npos) name.replace(at + 1, 1, "\u00a0");
    const auto group = [&](char kind) { return groups[kind + std::to_string(i)]; };
    EXPECT_EQ(group('n')["texts"][0], name);
    EXPECT_EQ(group('n')["tooltip"], "folder/" + name);
    EXPECT_EQ(group('e')["tooltip"], name + " needs " + name);
    EXPECT_EQ(group('w')["texts"][0], name + " 1.0");
    EXPECT_EQ(group('m')["texts"][0], "m" + name);
    EXPECT_EQ(group('o')["texts"][0], "o" + name);
  }
}

TEST(GraphDot, BytesThatAreNoTextAreShownAsNumbers) {
  const auto inspection = set_of({{{.path = "a\n\x01\xff.so"}}});
  EXPECT_EQ(drawn(inspection)["n0"]["texts"][0], "a\\x0a\\x01\\xff.so");
}

TEST(GraphDot, TheMiddleOfALongNameGivesWayAndTheTooltipHasItAll) {
  std::string name = "lib";
  for (int i = 0; i < 4000; ++i) name += "é";
  name += ".so.12.1";
  const json box = drawn(set_of({{{.path = name}}}))["n0"];
  EXPECT_EQ(box["texts"][0], "libééééééééé…éé.so.12.1");
  EXPECT_EQ(box["tooltip"], name);
}

TEST(GraphDot, EveryLibraryAndEveryNeedHasAnIdAndItsClasses) {
  auto inspection =
      set_of({{{.path = "a/lib0.so"}, {.path = "a/lib1.so"}}, {{.path = "b/lib2.so"}}});
  add_need(inspection, 0, 1);
  add_need(inspection, 0, 2, true);
  add_need(inspection, 1, 2, true);
  inspection.graph.needs[2].rule = elf::Rule::kMissing;
  add_missing(inspection, 2, "libgone.so");
  add_missing(inspection, 1, "libgone.so");
  inspection.graph.outside = {{0, "libc.so.6"}, {0, "libcuda.so.1"}, {0, "libother.so"}};
  std::map<std::string, std::vector<std::string>> classes;
  const json groups = drawn(inspection);
  for (const auto& [id, group] : groups.items()) classes[id] = group["classes"];
  const std::map<std::string, std::vector<std::string>> expected = {
      {"w0", {"cluster", "wheel"}}, {"w1", {"cluster", "wheel"}},
      {"n0", {"node", "library"}},  {"n1", {"node", "library"}},
      {"n2", {"node", "library"}},  {"m0", {"node", "missing"}},
      {"o0", {"node", "outside"}},  {"e0", {"edge", "needed"}},
      {"e1", {"edge", "dlopen"}},   {"e2", {"edge", "dlopen", "unmet"}},
      {"u0", {"edge", "missing"}},  {"u1", {"edge", "missing"}},
      {"x2", {"edge", "outside"}}};
  EXPECT_EQ(classes, expected);
}

TEST(GraphDot, NeededAndDlopenAreToldApartWithoutColour) {
  auto inspection = set_of({{{.path = "lib0.so"}, {.path = "lib1.so"}, {.path = "lib2.so"}}});
  add_need(inspection, 0, 1);
  add_need(inspection, 0, 2, true);
  const json groups = drawn(inspection);
  EXPECT_FALSE(groups["e0"]["dashed"]);
  EXPECT_TRUE(groups["e1"]["dashed"]);
}

TEST(GraphDot, AnExtensionModuleAProgramAndAMissingLibrarySaySoInWords) {
  auto inspection = set_of({{{.path = "lib0.so", .size = 1'200'000},
                             {.path = "m.so", .size = 20'000, .extension_module = true},
                             {.path = "program", .size = 512}}});
  inspection.wheels[0].inventory.libraries[2].image.type = elf::ET_EXEC;
  add_missing(inspection, 0, "libgone.so");
  inspection.graph.outside.push_back({0, "libother.so"});
  const json groups = drawn(inspection);
  EXPECT_EQ(groups["n0"]["texts"][1], "\u00a01.20 MB");
  EXPECT_EQ(groups["n1"]["texts"][1], "\u00a020.0 kB module");
  EXPECT_EQ(groups["n2"]["texts"][1], "\u00a0512 B program");
  EXPECT_EQ(groups["m0"]["texts"][1], "MISSING: not found");
  EXPECT_EQ(groups["o0"]["texts"][1], "of another wheel");
}

TEST(GraphDot, TheBarIsTheSizeAsAShareOfTheLargest) {
  const auto inspection =
      set_of({{{.path = "a.so", .size = 4'000'000'000},
               {.path = "b.so", .size = 1'000'000'000},
               {.path = "a_rather_long_name_of_a_library.so", .size = 3'000'000'000},
               {.path = "d.so", .size = 0}}});
  const json groups = drawn(inspection);
  const auto share = [&](const char* id) {
    const double bar = width_of(groups[id], "#3f73b5");
    return bar / (bar + width_of(groups[id], "#e1e6ec"));
  };
  constexpr double kOnePoint = 1.0 / 45;
  EXPECT_EQ(share("n0"), 1);
  EXPECT_NEAR(share("n1"), 0.25, kOnePoint);
  EXPECT_NEAR(share("n2"), 0.75, kOnePoint);
  EXPECT_GT(share("n3"), 0);
  EXPECT_LT(share("n3"), kOnePoint);
}

TEST(GraphDot, AllBarsHaveOneLength) {
  const auto inspection = set_of({{{.path = "a.so", .size = 77},
                                   {.path = "a_rather_long_name.so", .size = 31},
                                   {.path = "m.so", .size = 5, .extension_module = true}}});
  const json groups = drawn(inspection);
  const auto track = [&](const char* id) {
    return width_of(groups[id], "#3f73b5") + width_of(groups[id], "#e1e6ec");
  };
  EXPECT_NEAR(track("n1"), track("n0"), 0.02);
  EXPECT_NEAR(track("n2"), track("n0"), 0.02);
}

TEST(GraphDot, LibrariesThatNobodyNeedsStandInSeveralColumns) {
  std::vector<support::LibrarySpec> libraries;
  for (int i = 0; i < 40; ++i) libraries.push_back({.path = "m" + std::to_string(i) + ".so"});
  std::map<int, int> columns;
  const json groups = drawn(set_of({libraries}));
  for (const auto& [id, group] : groups.items()) {
    if (id[0] == 'n') ++columns[static_cast<int>(group["shapes"][0][1][1][0])];
  }
  EXPECT_GE(columns.size(), 3u);
  for (const auto& [x, count] : columns) EXPECT_LE(count, 14) << x;
}

TEST(GraphDot, AnyGraphIsDrawnWholeAndTheSameTwice) {
  const auto seed = support::random_seed();
  SCOPED_TRACE("SPOKESHAVE_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 8; ++round) {
    std::vector<std::vector<support::LibrarySpec>> wheels(1 + random() % 4);
    const std::size_t count = 1 + random() % 20;
    for (std::size_t i = 0; i < count; ++i) {
      wheels[random() % wheels.size()].push_back(
          {.path = "lib" + std::to_string(random() % 6) + std::string(random() % 40, 'x')});
    }
    auto inspection = set_of(wheels);
    for (std::size_t k = random() % 40; k > 0; --k) {
      add_need(inspection, random() % count, random() % count, random() % 3 == 0);
    }
    for (std::size_t k = random() % 5; k > 0; --k) {
      add_missing(inspection, random() % count, "gone" + std::to_string(k % 2));
    }
    const json groups = drawn(inspection);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_TRUE(groups.contains("n" + std::to_string(i))) << i;
    }
    for (std::size_t k = 0; k < inspection.graph.needs.size(); ++k) {
      const std::string id = "e" + std::to_string(k);
      ASSERT_TRUE(groups.contains(id)) << id;
      EXPECT_EQ(groups[id]["dashed"], inspection.graph.needs[k].by_dlopen) << id;
    }
    EXPECT_EQ(spokeshave::graph_dot(inspection), spokeshave::graph_dot(inspection));
  }
}

}  // namespace
