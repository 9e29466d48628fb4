#include "src/preload_json.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/support/preload_builder.h"

namespace spokeshave {
namespace {

using nlohmann::json;
using support::app_that_needs;
using support::Planned;

json document(const Planned& planned, const std::optional<std::string>& written = {}) {
  return json::parse(preload_json(planned.inspection, planned.plan, written));
}

TEST(PreloadJson, HasTheListWithWheelPathAndReason) {
  const json told = document(Planned(
      {app_that_needs({"liba.so"}),
       {.name = "idle"},
       {.name = "one", .libraries = {{.path = "one/lib/liba.so", .needed = {"libcuda.so.1"}}}}},
      {{"app/__init__.py"}}, {.global = {"liba.so"}}));
  EXPECT_EQ(told["main"], told["wheels"][0]);
  EXPECT_EQ(told["unneeded"], json({1}));
  EXPECT_EQ(told["package"], "app");
  EXPECT_EQ(told["init"], "app/__init__.py");
  EXPECT_EQ(told["written"], nullptr);
  EXPECT_EQ(told["libraries"], json::array({{{"soname", "liba.so"},
                                             {"path", "one/lib/liba.so"},
                                             {"wheel", 2},
                                             {"requirement", "one==1.0"},
                                             {"reason", "needed by _C.so of app"},
                                             {"needed_by", {"app/_C.so"}},
                                             {"by_dlopen", false},
                                             {"global", true},
                                             {"needs_other_wheels", true}}}));
}

TEST(PreloadJson, HasCirclesAndWhatIsMissing) {
  const json told = document(Planned(
      {app_that_needs({"liba.so", "libgone.so"}),
       {.name = "one",
        .libraries = {{.path = "one/lib/liba.so", .needed = {"libb.so"}},
                      {.path = "one/lib/libb.so", .needed = {"liba.so"}, .runpath = "$ORIGIN"}}}},
      {}));
  EXPECT_EQ(told["package"], nullptr);
  EXPECT_EQ(told["init"], nullptr);
  ASSERT_EQ(told["circles"].size(), 1u);
  EXPECT_EQ(told["circles"][0]["libraries"], json({"one/lib/liba.so", "one/lib/libb.so"}));
  EXPECT_EQ(told["circles"][0]["loads"], true);
  ASSERT_EQ(told["missing"].size(), 1u);
  EXPECT_EQ(told["missing"][0]["name"], "libgone.so");
  EXPECT_EQ(told["missing"][0]["needed_by"], json({"app/_C.so"}));
}

TEST(PreloadJson, HasTheWheelThatWasWritten) {
  EXPECT_EQ(document(Planned({app_that_needs({})}), R"({"path": "x.whl"})")["written"]["path"],
            "x.whl");
}

TEST(PreloadJson, BytesThatAreNoUtf8AreReplaced) {
  const json told =
      document(Planned({app_that_needs({"lib\xff.so"}),
                        {.name = "one", .libraries = {{.path = "one/lib/lib\xff.so"}}}}));
  EXPECT_EQ(told["libraries"][0]["soname"], "lib\ufffd.so");
}

}  // namespace
}  // namespace spokeshave
