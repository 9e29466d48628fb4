#include "wheel/archive.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <system_error>
#include <thread>

#include "tests/support/run_program.h"
#include "tests/support/temp_dir.h"
#include "tests/wheel/zip_support.h"

namespace {

using support::make_zip;
using support::MemoryFile;
using wheel::Archive;

TEST(Archive, ReadsWhatPythonWrote) {
  const support::TempDir folder;
  const std::string path = folder / "a.zip";
  const auto python =
      support::run_program({"python3", "-c",
                            "import sys, zipfile\n"
                            "z = zipfile.ZipFile(sys.argv[1], 'w')\n"
                            "z.writestr('a/ä.txt', 'stored')\n"
                            "z.writestr('b', 'b' * 10000, zipfile.ZIP_DEFLATED)\n"
                            "z.mkdir('c') if hasattr(z, 'mkdir') else z.writestr('c/', '')\n"
                            "with z.open('d', 'w', force_zip64=True) as f: f.write(b'zip64')\n"
                            "z.close()\n",
                            path});
  ASSERT_EQ(python.status, 0) << python.err;
  const Archive archive = Archive::open(path);
  EXPECT_EQ(archive.file_size(), std::filesystem::file_size(path));
  ASSERT_EQ(archive.members().size(), 4u);
  EXPECT_EQ(archive.read_text(*archive.find("a/ä.txt")), "stored");
  EXPECT_EQ(archive.read_text(*archive.find("b")), std::string(10000, 'b'));
  EXPECT_EQ(archive.read_text(*archive.find("d")), "zip64");
  EXPECT_TRUE(archive.find("c/")->is_folder());
  EXPECT_EQ(archive.find("c"), nullptr);
}

TEST(Archive, ReadsWhatPythonWroteToAPipe) {  // with data descriptors
  const support::TempDir folder;
  const std::string path = folder / "a.zip";
  const auto python =
      support::run_program({"python3", "-c",
                            "import io, sys, zipfile\n"
                            "class Pipe(io.RawIOBase):\n"
                            "  def __init__(self, f): self.f = f\n"
                            "  def writable(self): return True\n"
                            "  def write(self, b): return self.f.write(b)\n"
                            "z = zipfile.ZipFile(Pipe(open(sys.argv[1], 'wb')), 'w')\n"
                            "z.writestr('a', 'stored')\n"
                            "z.writestr('b', 'b' * 10000, zipfile.ZIP_DEFLATED)\n"
                            "with z.open('d', 'w', force_zip64=True) as f: f.write(b'zip64')\n"
                            "z.close()\n",
                            path});
  ASSERT_EQ(python.status, 0) << python.err;
  const Archive archive = Archive::open(path);
  EXPECT_EQ(archive.read_text(*archive.find("a")), "stored");
  EXPECT_EQ(archive.read_text(*archive.find("b")), std::string(10000, 'b'));
  EXPECT_EQ(archive.read_text(*archive.find("d")), "zip64");
}

TEST(Archive, OfNoFileIsAnErrorOfTheSystem) {
  EXPECT_THROW(Archive::open("/no/such/file"), std::system_error);
  EXPECT_THROW(Archive::open(-1), std::system_error);
  EXPECT_THROW(Archive::open("/"), wheel::Error);
  EXPECT_THROW(Archive::open("/dev/zero"), wheel::Error);
}

TEST(Archive, KeepsADescriptorOfItsOwn) {
  auto file = std::make_unique<MemoryFile>(make_zip({{.name = "a", .content = "text"}}).bytes);
  const Archive archive = Archive::open(file->descriptor());
  EXPECT_EQ(lseek(file->descriptor(), 0, SEEK_CUR), lseek(file->descriptor(), 0, SEEK_END))
      << "the caller's place in the file must not move";
  file.reset();
  EXPECT_EQ(archive.read_text(archive.members()[0]), "text");
}

TEST(Archive, GivesPackedBytesOfTheMemberOnly) {
  const MemoryFile file(make_zip({{.name = "a", .content = "0123456789", .method = 0}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  const wheel::Member& member = archive.members()[0];
  std::string text(4, '\0');
  archive.read_packed(member, 6, std::as_writable_bytes(std::span(text)));
  EXPECT_EQ(text, "6789");
  EXPECT_THROW(archive.read_packed(member, 7, std::as_writable_bytes(std::span(text))),
               wheel::Error);
  EXPECT_THROW(archive.read_packed(member, ~0ull, std::as_writable_bytes(std::span(text))),
               wheel::Error);
}

TEST(Archive, DoesNotReadATextOverTheLimit) {
  const MemoryFile file(make_zip({{.name = "a", .content = "0123456789"}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  EXPECT_EQ(archive.read_text(archive.members()[0], 10), "0123456789");
  EXPECT_THROW(archive.read_text(archive.members()[0], 9), wheel::Error);
}

TEST(Archive, ThatIsCutWhileItIsOpenIsAnError) {
  const MemoryFile file(
      make_zip({{.name = "a", .content = std::string(5000, 'a'), .method = 0}}).bytes);
  const Archive archive = Archive::open(file.descriptor());
  ASSERT_EQ(ftruncate(file.descriptor(), 100), 0);
  EXPECT_THROW(archive.read_text(archive.members()[0]), wheel::Error);
}

TEST(Archive, IsReadBySeveralThreadsAtOnce) {
  std::mt19937 random(11);
  std::vector<support::ZipMember> members;
  for (int i = 0; i < 8; ++i) {
    members.push_back(
        {.name = std::to_string(i), .content = support::random_content(random, 300000)});
  }
  const MemoryFile file(make_zip(members).bytes);
  const Archive archive = Archive::open(file.descriptor());
  std::vector<std::thread> threads;
  std::vector<std::string> texts(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    threads.emplace_back([&, i] { texts[i] = archive.read_text(archive.members()[i]); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    EXPECT_TRUE(texts[i] == members[i].content) << i;
  }
}

TEST(Archive, OfTwentyThousandMembersIsReadInOneSecond) {
  std::vector<support::ZipMember> members(20000);
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i].name = "folder/" + std::to_string(i);
    members[i].method = 0;
  }
  const MemoryFile file(make_zip(members).bytes);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Archive::open(file.descriptor()).members().size(), members.size());
  // Ten times what it takes with the sanitizers on: what is meant is "not quadratic".
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
