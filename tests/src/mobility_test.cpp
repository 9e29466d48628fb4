#include "src/mobility.h"

#include <gmock/gmock.h>

#include "src/failure.h"
#include "tests/support/inventory_builder.h"

namespace spokeshave {
namespace {

using support::LibrarySpec;
using support::make_library;
using testing::HasSubstr;

std::vector<Library> libraries(const std::vector<LibrarySpec>& specs) {
  std::vector<Library> made;
  for (const auto& spec : specs) made.push_back(make_library(spec));
  return made;
}

/// `from` needs `to` by DT_NEEDED and finds it beside itself.
Need need(std::size_t from, std::size_t to, const std::string& name) {
  return {from, to, name, false, elf::Rule::kRunpath, from};
}

Failure failure_of(const std::vector<Library>& set, const NeedGraph& graph,
                   const std::vector<std::string>& move, const std::vector<std::string>& keep) {
  try {
    decide_mobility(set, graph, move, keep);
  } catch (const Failure& failure) {
    return failure;
  }
  ADD_FAILURE() << "no failure";
  return {ExitCode::kDone, "", "", ""};
}

TEST(Mobility, ALibraryThatOthersNeedByNameMayMove) {
  const auto set = libraries({{"p/liba.so"}, {"p/libb.so"}});
  const NeedGraph graph{{need(0, 1, "libb.so")}, {}, {}};
  const auto mobility = decide_mobility(set, graph, {}, {});
  EXPECT_EQ(mobility[1].place, Place::kFree);
  EXPECT_EQ(mobility[1].why, "");
  EXPECT_EQ(mobility[0].place, Place::kMain);
  EXPECT_EQ(mobility[0].why, "no library needs it by name");
}

TEST(Mobility, OneThatIsOpenedByABareNameMayMoveToo) {
  const auto set = libraries({{"p/liba.so"}, {"p/libb.so"}});
  const NeedGraph graph{{{0, 1, "libb.so", true, elf::Rule::kRunpath, 0}}, {}, {}};
  EXPECT_EQ(decide_mobility(set, graph, {}, {})[1].place, Place::kFree);
}

TEST(Mobility, AnExtensionModuleStaysEvenWhenToldToMove) {
  const auto set = libraries({{.path = "p/_C.so", .extension_module = true}, {"p/liba.so"}});
  const NeedGraph graph{{need(1, 0, "_C.so"), need(0, 1, "liba.so")}, {}, {}};
  const auto mobility = decide_mobility(set, graph, {"*.so"}, {});
  EXPECT_EQ(mobility[0].place, Place::kMain);
  EXPECT_TRUE(mobility[0].never);
  EXPECT_THAT(mobility[0].why, HasSubstr("extension module"));
  EXPECT_EQ(mobility[1].place, Place::kMoved);
}

TEST(Mobility, AProgramAndAnObjectFileStay) {
  auto set = libraries({{"p/bin/tool"}, {"p/x.o"}});
  set[0].image.type = elf::ET_EXEC;
  set[1].image.type = 1;  // ET_REL
  const auto mobility = decide_mobility(set, {}, {}, {});
  EXPECT_EQ(mobility[0].why, "a program");
  EXPECT_TRUE(mobility[0].never);
  EXPECT_EQ(mobility[1].why, "not a shared library");
  EXPECT_TRUE(mobility[1].never);
}

TEST(Mobility, WhatIsInstalledOutsideOfSitePackagesStays) {
  auto set = libraries({{"p/liba.so"}, {"p-1.0.data/data/lib/libb.so"}});
  set[1].installed_path = "../../../lib/libb.so";
  const NeedGraph graph{{need(0, 1, "libb.so")}, {}, {}};
  EXPECT_TRUE(decide_mobility(set, graph, {}, {})[1].never);
}

TEST(Mobility, OneThatPythonOpensByPathMovesOnlyWhenTold) {
  const auto set =
      libraries({{"p/liba.so"}, {.path = "p/libb.so", .opened_by = {"p/__init__.py"}}});
  const NeedGraph graph{{need(0, 1, "libb.so")}, {}, {}};
  const auto unasked = decide_mobility(set, graph, {}, {})[1];
  EXPECT_EQ(unasked.place, Place::kMain);
  EXPECT_EQ(unasked.why, "`p/__init__.py` opens it by path");
  EXPECT_EQ(decide_mobility(set, graph, {"libb*"}, {})[1].place, Place::kMoved);
}

TEST(Mobility, OneThatIsNeededUnderTwoNamesStaysAsItCanHaveOneSoname) {
  const auto set = libraries({{"p/liba.so"}, {"p/libb.so"}, {"p/libc.so"}});
  const NeedGraph graph{{need(0, 2, "libc.so"), need(1, 2, "libc.so.1")}, {}, {}};
  EXPECT_EQ(decide_mobility(set, graph, {}, {})[2].place, Place::kMain);
  EXPECT_EQ(name_asked_for(graph, 2), std::nullopt);
}

TEST(Mobility, TwoLibrariesOfOneNameStay) {
  const auto set = libraries({{"p/a/libk.so"}, {"p/b/libk.so"}, {"p/x.so"}, {"p/y.so"}});
  const NeedGraph graph{{need(2, 0, "libk.so"), need(3, 1, "libk.so")}, {}, {}};
  const auto mobility = decide_mobility(set, graph, {}, {});
  EXPECT_EQ(mobility[0].place, Place::kMain);
  EXPECT_EQ(mobility[1].place, Place::kMain);
  EXPECT_THAT(mobility[0].why, HasSubstr("same name"));
}

TEST(Mobility, KeepHoldsALibrary) {
  const auto set = libraries({{"p/liba.so"}, {"p/libb.so"}});
  const NeedGraph graph{{need(0, 1, "libb.so")}, {}, {}};
  const auto kept = decide_mobility(set, graph, {}, {"p/lib?.so"})[1];
  EXPECT_EQ(kept.place, Place::kMain);
  EXPECT_EQ(kept.why, "--keep names it");
}

TEST(Mobility, AGlobThatMatchesNothingGetsTheNearestName) {
  const auto set = libraries({{"torch/lib/libtorch_cuda.so"}, {"torch/lib/libc10.so"}});
  const Failure move = failure_of(set, {}, {"libtorch_cdua.so"}, {});
  EXPECT_EQ(move.code(), ExitCode::kUsage);
  EXPECT_THAT(move.what(), HasSubstr("--move `libtorch_cdua.so`"));
  EXPECT_EQ(move.hint(), "did you mean `libtorch_cuda.so`?");
  const Failure keep = failure_of(set, {}, {}, {"torch/libs/libc10.so"});
  EXPECT_THAT(keep.what(), HasSubstr("--keep `torch/libs/libc10.so`"));
  EXPECT_EQ(keep.hint(), "did you mean `torch/lib/libc10.so`?");
}

TEST(Mobility, MoveThatMatchesOnlyWhatCannotMoveIsRefused) {
  const auto set = libraries({{.path = "p/_C.so", .extension_module = true}, {"p/liba.so"}});
  const Failure failure = failure_of(set, {}, {"_C*"}, {});
  EXPECT_EQ(failure.code(), ExitCode::kUsage);
  EXPECT_THAT(failure.what(), HasSubstr("`_C*`"));
  EXPECT_THAT(failure.cause(), HasSubstr("`p/_C.so`"));
  EXPECT_THAT(failure.cause(), HasSubstr("extension module"));
}

TEST(Mobility, OneThatIsToMoveAndToStayIsRefused) {
  const auto set = libraries({{"p/liba.so"}, {"p/libb.so"}});
  const Failure failure = failure_of(set, {}, {"lib*"}, {"libb.so"});
  EXPECT_EQ(failure.code(), ExitCode::kUsage);
  EXPECT_THAT(failure.what(), HasSubstr("`p/libb.so`"));
}

TEST(NameAskedFor, IsTheNameInDtNeeded) {
  const NeedGraph graph{{need(0, 1, "libgomp-a34b3233.so.1"),
                         need(2, 1, "libgomp-a34b3233.so.1"),
                         {0, 2, "libopened.so", true, elf::Rule::kRunpath, 0}},
                        {},
                        {}};
  EXPECT_EQ(name_asked_for(graph, 1), "libgomp-a34b3233.so.1");
  EXPECT_EQ(name_asked_for(graph, 2), std::nullopt) << "a dlopen takes the path that it finds";
  EXPECT_EQ(name_asked_for(graph, 0), std::nullopt);
}

}  // namespace
}  // namespace spokeshave
