#include "src/inventory.h"

#include <gmock/gmock.h>

#include <deque>
#include <memory>

#include "tests/support/temp_dir.h"
#include "tests/support/tiny_library.h"
#include "tests/support/wheel_maker.h"

namespace spokeshave {
namespace {

using support::bytes_of;
using support::WheelMaker;
using support::ZipMember;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

WheelMaker wheel_of(const std::string& name, std::vector<ZipMember> members) {
  WheelMaker maker;
  maker.file_name = name + "-1.0-py3-none-linux_x86_64.whl";
  maker.dist_info = name + "-1.0.dist-info";
  maker.metadata = "Metadata-Version: 2.1\nName: " + name + "\nVersion: 1.0\n";
  maker.members = std::move(members);
  return maker;
}

/// Wheels on disk, opened.
class Pool {
 public:
  void add(const WheelMaker& maker) {
    const auto path = folder_.path() / maker.file_name;
    const auto image = maker.make();
    support::write_file(
        path, std::string(reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size()));
    files_.push_back(wheel::open_wheel(path.string()));
  }

  std::vector<Inventory> take(unsigned jobs = 2) const {
    std::vector<const wheel::WheelFile*> pointers;
    for (const auto& file : files_) pointers.push_back(&file);
    Progress progress(false);
    return take_inventories(pointers, jobs, progress);
  }

  const wheel::WheelFile& file(std::size_t i) const { return files_[i]; }

 private:
  support::TempDir folder_;
  std::deque<wheel::WheelFile> files_;
};

std::vector<std::string> paths_of(const Inventory& inventory) {
  std::vector<std::string> paths;
  for (const auto& library : inventory.libraries) paths.push_back(library.installed_path);
  return paths;
}

TEST(TakeInventories, OfSeveralWheelsEachHasItsOwn) {
  Pool pool;
  pool.add(wheel_of("a", {{.name = "a/libz.so", .content = bytes_of({.soname = "libz.so"})},
                          {.name = "a/liba.so", .content = bytes_of({})},
                          {.name = "a/__init__.py", .content = "x = 1\n"}}));
  pool.add(wheel_of("empty", {}));
  pool.add(wheel_of("b", {{.name = "b/libb.so", .content = bytes_of({.needed = {"libz.so"}})}}));
  for (const unsigned jobs : {1u, 3u, 16u}) {
    const auto inventories = pool.take(jobs);
    ASSERT_THAT(inventories, SizeIs(3));
    EXPECT_THAT(paths_of(inventories[0]), ElementsAre("a/liba.so", "a/libz.so"));
    EXPECT_THAT(paths_of(inventories[1]), IsEmpty());
    EXPECT_THAT(paths_of(inventories[2]), ElementsAre("b/libb.so"));
    EXPECT_EQ(inventories[0].libraries[1].image.soname, "libz.so");
    EXPECT_THAT(inventories[2].libraries[0].image.needed, ElementsAre("libz.so"));
    EXPECT_GT(inventories[1].installed_bytes, 0u) << "METADATA, WHEEL and RECORD";
  }
}

TEST(TakeInventories, OfNoWheelsAreNone) {
  EXPECT_THAT(Pool().take(), IsEmpty());
}

TEST(TakeInventories, PythonFilesOfOneWheelNameLibrariesOfAnother) {
  Pool pool;
  pool.add(
      wheel_of("a", {{.name = "a/__init__.py",
                      .content = "import ctypes\nctypes.CDLL('libb.so')\nfind('libc1.so.*[0-9]')\n"
                                 "ctypes.CDLL('libunknown.so')\n"}}));
  pool.add(wheel_of("b", {{.name = "b/libb.so", .content = bytes_of({})},
                          {.name = "b/libc1.so.12", .content = bytes_of({})}}));
  const auto inventories = pool.take();
  ASSERT_THAT(inventories[0].openers, SizeIs(1));
  EXPECT_EQ(inventories[0].openers[0].installed_path, "a/__init__.py");
  EXPECT_THAT(inventories[0].openers[0].opened, ElementsAre("libb.so"));
  EXPECT_THAT(inventories[0].openers[0].searched, ElementsAre("libc1.so.12"));
  EXPECT_THAT(inventories[1].openers, IsEmpty());
  EXPECT_THAT(inventories[1].libraries[0].opened_by, IsEmpty()) << "no file of its own wheel does";
}

TEST(TakeInventories, ABrokenLibraryIsKeptAndTheRestIsThere) {
  Pool pool;
  pool.add(wheel_of("a", {{.name = "a/broken.so", .content = bytes_of({}).substr(0, 70)},
                          {.name = "a/tests/broken.elf",
                           .content = "\x7f"
                                      "ELF"},
                          {.name = "a/notes.so", .content = "no ELF file at all"},
                          {.name = "a/whole.so", .content = bytes_of({})}}));
  const auto inventory = std::move(pool.take()[0]);
  EXPECT_THAT(paths_of(inventory), ElementsAre("a/whole.so"));
  ASSERT_THAT(inventory.unreadable, SizeIs(2));
  EXPECT_EQ(inventory.unreadable[0].member, "a/broken.so");
  EXPECT_TRUE(inventory.unreadable[0].is_library);
  EXPECT_THAT(inventory.unreadable[0].why, HasSubstr("(offset 0x"));
  EXPECT_EQ(inventory.unreadable[1].member, "a/tests/broken.elf");
  EXPECT_FALSE(inventory.unreadable[1].is_library);
  EXPECT_THROW(refuse_unreadable_libraries(inventory), wheel::Error);
}

TEST(TakeInventories, OnlyABrokenLibraryIsRefusedByWhatCannotDoWithout) {
  Pool pool;
  pool.add(wheel_of("a", {{.name = "a/tests/broken.elf",
                           .content = "\x7f"
                                      "ELF"}}));
  EXPECT_NO_THROW(refuse_unreadable_libraries(pool.take()[0]));
}

/// The message of what `pool` is refused for, and the number of the wheel that it is about.
std::pair<std::size_t, std::string> refusal_of(const Pool& pool) {
  try {
    refuse_damaged_members(pool.take());
  } catch (const UnreadableMember& error) {
    return {error.wheel(), error.member() + ": " + error.what()};
  }
  return {99, "taken"};
}

/// A wheel `b` with a library whose hash in RECORD is another's.
WheelMaker tampered_wheel() {
  WheelMaker tampered = wheel_of("b", {{.name = "b/libb.so", .content = bytes_of({})}});
  tampered.record =
      "b/libb.so," + wheel::record_hash(wheel::sha256(std::string_view("other"))) + "," +
      std::to_string(tampered.members[0].content.size()) + "\n" +
      tampered.row({.name = tampered.dist_info + "/METADATA", .content = tampered.metadata}) +
      tampered.row({.name = tampered.dist_info + "/WHEEL", .content = tampered.wheel}) +
      tampered.dist_info + "/RECORD,,\n";
  return tampered;
}

TEST(TakeInventories, AMemberThatDoesNotMatchRecordIsDamagedAndTheRestIsThere) {
  Pool pool;
  pool.add(tampered_wheel());
  const auto inventory = std::move(pool.take()[0]);
  ASSERT_THAT(inventory.damaged, SizeIs(1));
  EXPECT_EQ(inventory.damaged[0].member, "b/libb.so");
  EXPECT_EQ(inventory.damaged[0].kind, DamagedMember::Kind::kRecordHash);
  EXPECT_THAT(inventory.damaged[0].why, HasSubstr("RECORD says"));
  EXPECT_THAT(paths_of(inventory), ElementsAre("b/libb.so"));
}

TEST(TakeInventories, WhatIsDamagedIsRefusedWithItsWheel) {
  Pool pool;
  pool.add(wheel_of("a", {{.name = "a/liba.so", .content = bytes_of({})}}));
  pool.add(tampered_wheel());
  const auto [wheel, message] = refusal_of(pool);
  EXPECT_EQ(wheel, 1u);
  EXPECT_THAT(message, HasSubstr("b/libb.so"));
}

TEST(TakeInventories, MoreLibrariesThanAnyRealWheelHasAreRefusedWithTheLargest) {
  Pool pool;
  pool.add(wheel_of("a", {{.name = "a/liba.so", .content = bytes_of({})}}));
  std::vector<ZipMember> members;
  std::vector<std::string> names;
  for (int i = 0; i < 600; ++i) names.push_back("lib" + std::to_string(i) + ".so");
  for (const auto& name : names) {
    members.push_back({.name = "b/" + name, .content = bytes_of({.needed = names})});
  }
  pool.add(wheel_of("b", members));
  const auto [wheel, message] = refusal_of(pool);
  EXPECT_EQ(wheel, 1u);
  EXPECT_THAT(message, HasSubstr("more than any real wheel"));
}

TEST(TakeInventories, ALibraryThatNeedsThousandsIsBroken) {
  Pool pool;
  std::vector<std::string> names;
  for (int i = 0; i < 5000; ++i) names.push_back("l" + std::to_string(i));
  pool.add(wheel_of("a", {{.name = "a/liba.so", .content = bytes_of({.needed = names})}}));
  const auto inventories = pool.take();
  ASSERT_THAT(inventories[0].unreadable, SizeIs(1));
  EXPECT_THAT(inventories[0].unreadable[0].why, HasSubstr("5000 libraries"));
}

TEST(TakeInventories, NamesAmongALibrarysBytesAreEvidence) {
  Pool pool;
  pool.add(wheel_of(
      "a", {{.name = "a/liba.so", .content = bytes_of({}) + std::string("\0liblater.so\0", 13)}}));
  EXPECT_THAT(pool.take()[0].libraries[0].mentions, ElementsAre("liblater.so"));
}

}  // namespace
}  // namespace spokeshave
