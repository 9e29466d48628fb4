#include "src/private_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "tests/support/temp_dir.h"

namespace spokeshave {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

// What a signal does to it: diff_hostile_test.cpp.

TEST(PrivateFolderTest, GoesWithAllThatIsInItAndFollowsNoLink) {
  const support::TempDir dir;
  const support::TempDir other;
  {
    const PrivateFolder folder(dir.path().string());
    folder.write("a", "x");
    fs::create_directories(fs::path(folder.path()) / "b/c");
    fs::create_directory_symlink(other.path(), fs::path(folder.path()) / "link");
    EXPECT_FALSE(fs::is_empty(dir.path()));
  }
  EXPECT_TRUE(fs::is_empty(dir.path()));
  EXPECT_TRUE(fs::exists(other.path()));
}

TEST(PrivateFolderTest, ReadsOnlyPlainFiles) {
  const support::TempDir dir;
  const PrivateFolder folder(dir.path().string());
  folder.write("a", std::string("x\0y", 3));
  folder.write("a", std::string("\0z", 2));
  fs::create_symlink("a", fs::path(folder.path()) / "link");
  ASSERT_EQ(::mkfifo((folder.path() + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(folder.read("a"), std::string("\0z", 2));
  EXPECT_EQ(folder.read("link"), std::nullopt);
  EXPECT_EQ(folder.read("pipe"), std::nullopt);
  EXPECT_EQ(folder.read("none"), std::nullopt);
  EXPECT_THAT(folder.names(), ElementsAre("a", "link", "pipe"));
  folder.clear();
  EXPECT_TRUE(folder.names().empty());
}

TEST(PrivateFolderTest, NobodyElseMayEnterIt) {
  const support::TempDir dir;
  const PrivateFolder folder(dir.path().string());
  EXPECT_EQ(fs::status(folder.path()).permissions(), fs::perms::owner_all);
}

TEST(PrivateFolderTest, AParentThatIsNotThereIsAnErrorThatNamesIt) {
  try {
    const PrivateFolder folder("/no/such/folder");
    ADD_FAILURE() << "was made";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/folder"), std::string::npos);
  }
}

}  // namespace
}  // namespace spokeshave
