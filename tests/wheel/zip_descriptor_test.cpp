#include "wheel/zip_descriptor.h"

#include <gtest/gtest.h>
#include <zip.h>

#include <stdexcept>

#include "tests/wheel/zip_support.h"

namespace {

using support::MemoryFile;
using wheel::ZipDescriptor;

/// A source of libzip's over `file`, freed at the end.
class Source {
 public:
  explicit Source(ZipDescriptor& file) : source_(file.source()) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() { zip_source_free(source_); }
  zip_source_t* operator*() const { return source_; }

  void write(const std::string& text, std::int64_t offset) {
    ASSERT_EQ(zip_source_seek_write(source_, offset, SEEK_SET), 0);
    ASSERT_EQ(zip_source_write(source_, text.data(), text.size()), zip_int64_t(text.size()));
  }

 private:
  zip_source_t* source_;
};

std::string bytes_of(const MemoryFile& file, std::size_t size) {
  std::string text(size, '\0');
  EXPECT_EQ(pread(file.descriptor(), text.data(), size, 0), ssize_t(size));
  return text;
}

TEST(ZipDescriptor, ReadsByOffset) {
  const MemoryFile file("0123456789");
  ZipDescriptor descriptor(file.descriptor(), 10);
  const Source source(descriptor);
  ASSERT_EQ(zip_source_open(*source), 0);
  std::string text(20, ' ');
  ASSERT_EQ(zip_source_seek(*source, -4, SEEK_END), 0);
  EXPECT_EQ(zip_source_read(*source, text.data(), 20), 4);
  EXPECT_EQ(text.substr(0, 4), "6789");
  EXPECT_EQ(zip_source_tell(*source), 10);
  EXPECT_EQ(zip_source_seek(*source, 11, SEEK_SET), -1);
  zip_source_close(*source);
}

TEST(ZipDescriptor, WritesBackOverWhatIsAndIsNotInTheFileYet) {
  const MemoryFile file;
  ZipDescriptor descriptor(file.descriptor(), 0);
  Source source(descriptor);
  ASSERT_EQ(zip_source_begin_write(*source), 0);
  const std::string large(3u << 20, 'x');
  source.write("head" + large + "tail", 0);
  source.write("HEAD", 0);
  source.write("more", 4 + std::int64_t(large.size()) + 4);
  source.write("TAIL", 4 + std::int64_t(large.size()));
  ASSERT_EQ(zip_source_commit_write(*source), 0);
  EXPECT_EQ(bytes_of(file, large.size() + 12), "HEAD" + large + "TAILmore");
  EXPECT_EQ(descriptor.failure(), nullptr);
}

TEST(ZipDescriptor, KeepsWhatWasThrown) {
  ZipDescriptor descriptor(-1, 0);
  Source source(descriptor);
  ASSERT_EQ(zip_source_begin_write(*source), 0);
  source.write("text", 0);
  EXPECT_EQ(zip_source_commit_write(*source), -1);
  EXPECT_THROW(std::rethrow_exception(descriptor.failure()), std::system_error);
}

}  // namespace
