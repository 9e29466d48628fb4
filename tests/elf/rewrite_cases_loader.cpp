// What ld.so does with the names that we write: the reasons for which people edit them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/run_program.h"
#include "tests/support/specimen.h"

namespace {

namespace fs = std::filesystem;
using elf::PathKind;
using support::load_and_call;
using support::Specimen;
using testing::HasSubstr;

fs::path library(const std::string& name, const std::string& source,
                 std::vector<std::string> flags = {}) {
  flags.push_back("-Wl,-soname," + name + ",--allow-shlib-undefined");
  return support::build({.source = source, .flags = std::move(flags), .name = name});
}

/// top/libtop.so needs deep/libmiddle.so, which needs deep/libleaf.so; none knows where to look.
struct Chain {
  support::TempDir folder;
  fs::path leaf = library("libleaf.so", "int leaf(void) { return 3; }");
  fs::path middle = library(
      "libmiddle.so", "int leaf(void); int middle(void) { return leaf() + 1; }", {leaf.string()});
  Specimen top{library("libtop.so", "int middle(void); int top(void) { return middle() + 1; }",
                       {middle.string()})};
  fs::path deep = folder / "deep";

  Chain() {
    fs::create_directory(deep);
    fs::copy(leaf, deep);
  }
  void put_middle(const fs::path& file) const { fs::copy_file(file, deep / "libmiddle.so"); }
  support::LoadResult load(const std::string& folder_of_top = "top") const {
    fs::create_directories(folder / folder_of_top);
    fs::copy_file(top.file(), folder / folder_of_top / "libtop.so",
                  fs::copy_options::overwrite_existing);
    return load_and_call(
        {.steps = {"open:" + (folder / folder_of_top / "libtop.so").string(), "call:top"}});
  }
};
const support::LoadResult kTopIsFive{0, "opened\ntop = 5\n"};

// Row 46.
TEST(RewriteForLoader, ARunpathServesItsOwnLibraryOnly) {
  Chain chain;
  chain.put_middle(chain.middle);
  chain.top.edit({.search_path = "$ORIGIN/../deep"});
  const auto result = chain.load();
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.text, HasSubstr("libleaf.so: cannot open shared object file"));
}

// Row 46.
TEST(RewriteForLoader, EachLibraryWithItsOwnRunpathIsFound) {
  Chain chain;
  Specimen middle(chain.middle);
  middle.edit({.search_path = "$ORIGIN"});
  chain.put_middle(middle.file());
  chain.top.edit({.search_path = "$ORIGIN/../deep"});
  EXPECT_EQ(chain.load(), kTopIsFive);
}

// Rows 8, 46: the kind decides, not the value.
TEST(RewriteForLoader, AnRpathServesWhatItsLibraryLoads) {
  Chain chain;
  chain.put_middle(chain.middle);
  chain.top.edit({.search_path = "$ORIGIN/../deep", .path_kind = PathKind::kRpath});
  EXPECT_EQ(chain.load(), kTopIsFive);
  chain.top.edit({.path_kind = PathKind::kRunpath});
  EXPECT_EQ(chain.load().status, 1);
}

// Row 48: $ORIGIN is the folder by which the file was opened, links unresolved.
TEST(RewriteForLoader, OriginFollowsTheNameByWhichTheFileWasOpened) {
  Chain chain;
  chain.put_middle(chain.middle);
  chain.top.edit({.search_path = "$ORIGIN/../deep", .path_kind = PathKind::kRpath});
  ASSERT_EQ(chain.load("far/away/real").status, 1);  // far/away/deep is not there
  fs::create_directory(chain.folder / "links");
  fs::create_symlink(chain.folder / "far/away/real/libtop.so", chain.folder / "links/libtop.so");
  const std::string through_link = "open:" + (chain.folder / "links/libtop.so").string();
  EXPECT_EQ(load_and_call({.steps = {through_link, "call:top"}}), kTopIsFive);
}

// Row 47.
TEST(RewriteForLoader, APreloadedLibraryMeetsANeedByItsSonameOnly) {
  const fs::path dependency = library("libdependency.so", "int dependency(void) { return 8; }");
  Specimen importer(library("libimporter.so",
                            "int dependency(void); int importer(void) { return dependency(); }",
                            {dependency.string()}));
  Specimen preloaded(support::build({.source = "int dependency(void) { return 9; }",
                                     .flags = {"-Wl,-soname,libother.so"},
                                     .name = "libdependency-a34b3233.so"}));
  const auto load = [&] {
    return load_and_call({.steps = {"open:" + preloaded.file().string(),
                                    "open:" + importer.file().string(), "call:importer"}});
  };
  EXPECT_THAT(load().text, HasSubstr("libdependency.so: cannot open shared object file"));
  preloaded.edit({.soname = "libdependency.so"});
  EXPECT_EQ(load(), (support::LoadResult{0, "opened\nopened\nimporter = 9\n"}));
}

// Row 47: the other way round, the need is given the name that is loaded.
TEST(RewriteForLoader, ANeedIsRenamedToWhatIsPreloaded) {
  const fs::path dependency = library("libdependency.so", "int dependency(void) { return 8; }");
  Specimen importer(library("libimporter.so",
                            "int dependency(void); int importer(void) { return dependency(); }",
                            {dependency.string()}));
  importer.edit({.replace_needed = {{"libdependency.so", "libdependency-with-a-longer-name.so"}}});
  const fs::path preloaded =
      library("libdependency-with-a-longer-name.so", "int dependency(void) { return 9; }");
  EXPECT_EQ(load_and_call({.steps = {"open:" + preloaded.string(),
                                     "open:" + importer.file().string(), "call:importer"}}),
            (support::LoadResult{0, "opened\nopened\nimporter = 9\n"}));
}

// Row 19: of two libraries with the same symbol the first in NEEDED wins.
TEST(RewriteForLoader, TheOrderOfNeedsStays) {
  const std::string importer_source = "int which(void); int importer(void) { return which(); }";
  const fs::path first = library("libfirst.so", "int which(void) { return 1; }");
  const fs::path second = library("libsecond.so", "int which(void) { return 2; }");
  Specimen importer(library("libimporter.so", importer_source,
                            {"-Wl,--no-as-needed", first.string(), second.string()}));
  support::TempDir folder;
  for (const char* name : {"libfirst.so", "libfirst-renamed.so"}) fs::copy(first, folder / name);
  for (const char* name : {"libsecond.so", "libadded.so"}) fs::copy(second, folder / name);
  const support::LoadPlan where{.steps = {}, .library_path = {folder.path().string()}};

  importer.edit({.replace_needed = {{"libfirst.so", "libfirst-renamed.so"}}});
  EXPECT_THAT(importer.findings({"call:importer"}, where), testing::IsEmpty());
  importer.edit({.add_needed = {"libadded.so"}});
  EXPECT_THAT(importer.names().needed, testing::ElementsAre("libfirst-renamed.so", "libsecond.so",
                                                            "libc.so.6", "libadded.so"));
  EXPECT_THAT(importer.findings({"call:importer"}, where), testing::IsEmpty());
  importer.edit({.remove_needed = {"libfirst-renamed.so"}});
  auto plan = where;
  plan.steps = {"open:" + importer.file().string(), "call:importer"};
  EXPECT_EQ(load_and_call(plan), (support::LoadResult{0, "opened\nimporter = 2\n"}));
}

// An executable in a wheel's bin folder wants its libraries as well.
TEST(RewriteForLoader, AProgramRunsWithItsNewRunpath) {
  const fs::path dependency = library("libdependency.so", "int dependency(void) { return 8; }");
  for (const std::string kind : {"-pie", "-no-pie"}) {
    SCOPED_TRACE(kind);
    Specimen program({.source = "int dependency(void); int main(void) { return dependency(); }",
                      .flags = {dependency.string(), kind},
                      .name = "program",
                      .executable = true});
    EXPECT_EQ(support::run_program({program.file().string()}).status, 127);
    program.edit({.search_path = "$ORIGIN/where/the/libraries/are"});
    fs::create_directories(program.folder() / "where/the/libraries/are");
    fs::copy(dependency, program.folder() / "where/the/libraries/are");
    EXPECT_EQ(support::run_program({program.file().string()}).status, 8);
    EXPECT_THAT(program.findings(), testing::IsEmpty());
  }
}

}  // namespace
