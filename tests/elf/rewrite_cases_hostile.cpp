// Files that are huge, broken or no libraries: refused with a reason or rewritten right, never
// half.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "elf/error.h"
#include "elf/image.h"
#include "elf/source.h"
#include "tests/support/elf_poke.h"
#include "tests/support/run_program.h"
#include "tests/support/specimen.h"

namespace {

namespace at = support::at;
namespace fs = std::filesystem;
using support::ElfPoke;
using support::kRichSource;
using support::kRichSteps;
using support::long_text;
using support::Specimen;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

/// A source over a file on disk that counts what is read of it.
class FileSource final : public elf::Source {
 public:
  explicit FileSource(const fs::path& file)
      : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)), size_(fs::file_size(file)) {}
  ~FileSource() override { ::close(fd_); }
  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> out) override {
    ASSERT_LE(offset, size_);
    ASSERT_LE(out.size(), size_ - offset);
    bytes_read += out.size();
    ASSERT_EQ(::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset)),
              static_cast<ssize_t>(out.size()));
  }
  std::uint64_t bytes_read = 0;

 private:
  int fd_;
  std::uint64_t size_;
};

/// Applies a rewrite to a sparse file without reading it.
void apply_on_disk(const fs::path& file, const elf::Rewrite& rewrite) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  const auto write = [fd](std::uint64_t offset, std::span<const std::byte> bytes) {
    EXPECT_EQ(::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)),
              static_cast<ssize_t>(bytes.size()));
  };
  for (const elf::Patch& patch : rewrite.patches) write(patch.offset, patch.bytes);
  write(rewrite.original_size, rewrite.tail);
  ::close(fd);
}

support::LoadResult load(const fs::path& file) {
  auto steps = kRichSteps;
  steps.insert(steps.begin(), "open:" + file.string());
  return support::load_and_call({.steps = steps});
}

/// A library that a hole makes bigger; its section headers are moved behind the hole when asked.
fs::path grown(const support::TempDir& folder, const support::Recipe& recipe, std::uint64_t size,
               bool sections_last) {
  const fs::path file = folder / recipe.name;
  fs::copy(support::build(recipe), file);
  if (sections_last) {
    ElfPoke poke(file);
    const auto begin = static_cast<std::ptrdiff_t>(poke.get(at::kShoff, 8));
    std::vector<char> headers(poke.bytes().begin() + begin, poke.bytes().end());
    poke.put(at::kShoff, 8, size).save();
    fs::resize_file(file, size);
    std::FILE* stream = std::fopen(file.c_str(), "r+b");
    ::fseeko(stream, static_cast<off_t>(size), SEEK_SET);
    std::fwrite(headers.data(), 1, headers.size(), stream);
    std::fclose(stream);
  } else {
    fs::resize_file(file, size);
  }
  return file;
}

// Row 37: offsets beyond 2 and 4 GiB; what is read and made does not grow with the file.
TEST(RewriteHuge, SparseFilesOfManyGigabytes) {
  const support::Recipe recipe{.source = kRichSource, .flags = {"-Wl,-rpath,x"}};
  for (const std::string build_id : {"-Wl,--build-id=sha1", "-Wl,--build-id=none"}) {
    for (const std::uint64_t size : {3 * kGiB, 5 * kGiB + 12345}) {
      for (const bool sections_last : {false, true}) {
        SCOPED_TRACE(testing::Message() << size << " " << sections_last << " " << build_id);
        support::TempDir folder;
        auto this_recipe = recipe;
        this_recipe.flags.push_back(build_id);
        const fs::path file = grown(folder, this_recipe, size, sections_last);
        const auto before = load(file);
        FileSource source(file);
        const elf::Image image = elf::parse(source);
        const elf::Rewrite rewrite = elf::rewrite(source, image, {.search_path = long_text(300)});
        EXPECT_LT(source.bytes_read, 1'000'000u);
        EXPECT_LT(rewrite.tail.size(), 4096u);

        apply_on_disk(file, rewrite);
        EXPECT_EQ(load(file), before);
        EXPECT_EQ(before.status, 0) << before.text;
        const support::Dump dump = support::dump(file);
        EXPECT_THAT(dump.complaints, IsEmpty());
        EXPECT_EQ(dump.names().runpath, long_text(300));
        EXPECT_GT(dump.loads().back().offset, size - 1);
      }
    }
  }
}

// Row 37: in a 32-bit file an offset beyond 4 GiB cannot be written down.
TEST(RewriteHuge, ASmallClassFileBeyondFourGigabytesIsRefused) {
  NEEDS_PROGRAMS("i686-linux-gnu-gcc");
  support::TempDir folder;
  const fs::path file = grown(
      folder, {.source = kRichSource, .flags = {"-Wl,-rpath,x"}, .compiler = "i686-linux-gnu-gcc"},
      5 * kGiB, false);
  FileSource source(file);
  const elf::Image image = elf::parse(source);
  EXPECT_THROW(elf::rewrite(source, image, {.search_path = long_text(300)}), elf::Error);
  EXPECT_EQ(elf::rewrite(source, image, {.remove_search_path = true}).tail.size(), 0u);
}

struct Poke {
  std::string name;
  void (*poke)(ElfPoke&);
};
void PrintTo(const Poke& poke, std::ostream* out) {
  *out << poke.name;
}
class RewriteBroken : public testing::TestWithParam<Poke> {};

// Row 41: one field is wrong, and it is seen. (That nothing is read out of bounds the sanitizers
// see.)
TEST_P(RewriteBroken, IsRefusedWithAReason) {
  for (const std::string build_id : {"-Wl,--build-id=sha1", "-Wl,--build-id=none"}) {
    Specimen lib(
        {.source = kRichSource, .flags = {"-Wl,-rpath,x", "-Wl,-soname,libspecimen.so", build_id}},
        [](const auto& file) {
          ElfPoke poke(file);
          GetParam().poke(poke);
          poke.save();
        });
    const auto bytes = support::read_file(lib.file());
    try {
      lib.edit({.search_path = long_text(300)});
      FAIL() << "rewritten as if nothing were wrong";
    } catch (const elf::Error& error) {
      EXPECT_THAT(std::string(error.what()), Not(IsEmpty()));
    }
    EXPECT_EQ(support::read_file(lib.file()), bytes);
  }
}

constexpr std::uint64_t kHuge = 0x7fff'ffff'ffff'f000;
constexpr std::uint64_t kAllOnes = ~std::uint64_t{0};

void put_dynamic(ElfPoke& file, std::uint64_t tag, std::uint64_t value) {
  file.put(file.dynamic(tag) + at::kDynamicValue, 8, value);
}

INSTANTIATE_TEST_SUITE_P(
    OneField, RewriteBroken,
    testing::Values(
        Poke{"not_elf", [](ElfPoke& f) { f.put(0, 4, 0x464c457e); }},
        Poke{"class", [](ElfPoke& f) { f.put(at::kClass, 1, 3); }},
        Poke{"byte_order", [](ElfPoke& f) { f.put(at::kData, 1, 0); }},
        Poke{"big_endian_lie", [](ElfPoke& f) { f.put(at::kData, 1, 2); }},
        Poke{"phoff_past_end", [](ElfPoke& f) { f.put(at::kPhoff, 8, f.bytes().size()); }},
        Poke{"phoff_wraps", [](ElfPoke& f) { f.put(at::kPhoff, 8, kAllOnes - 8); }},
        Poke{"phentsize", [](ElfPoke& f) { f.put(at::kPhentsize, 2, 32); }},
        Poke{"phnum_too_many", [](ElfPoke& f) { f.put(at::kPhnum, 2, 0xfffe); }},
        Poke{"no_loads",
             [](ElfPoke& f) {
               for (int i = 0; i < 4; ++i) f.put(f.segment(support::kPtLoad), 4, 0);
             }},
        Poke{"load_past_end",
             [](ElfPoke& f) {
               f.put(f.segment(support::kPtLoad, 3) + at::kSegmentFileSize, 8, kHuge);
             }},
        Poke{"load_filesz_above_memsz",
             [](ElfPoke& f) {
               f.put(f.segment(support::kPtLoad, 1) + at::kSegmentMemorySize, 8, 1);
             }},
        Poke{"load_not_congruent",
             [](ElfPoke& f) {
               f.put(f.segment(support::kPtLoad, 1) + at::kSegmentOffset, 8, 0x1010);
             }},
        Poke{"loads_not_ascending",
             [](ElfPoke& f) {
               f.put(f.segment(support::kPtLoad, 1) + at::kSegmentVaddr, 8, 0x900000);
             }},
        Poke{"load_memory_wraps",
             [](ElfPoke& f) {
               f.put(f.segment(support::kPtLoad, 3) + at::kSegmentMemorySize, 8, kAllOnes - 0x1000);
             }},
        Poke{"dynamic_unmapped",
             [](ElfPoke& f) {
               f.put(f.segment(support::kPtDynamic) + at::kSegmentVaddr, 8, 0x55550000);
             }},
        Poke{"dynamic_without_end",
             [](ElfPoke& f) {
               f.put(f.segment(support::kPtDynamic) + at::kSegmentFileSize, 8, 16 * 4)
                   .put(f.segment(support::kPtDynamic) + at::kSegmentMemorySize, 8, 16 * 4);
             }},
        Poke{"strtab_unmapped", [](ElfPoke& f) { put_dynamic(f, 5, 0x55550000); }},
        Poke{"strtab_missing", [](ElfPoke& f) { f.put(f.dynamic(5), 8, 0x6ffffef0); }},
        Poke{"strsz_past_end", [](ElfPoke& f) { put_dynamic(f, 10, kHuge); }},
        Poke{"strsz_zero", [](ElfPoke& f) { put_dynamic(f, 10, 0); }},
        Poke{"runpath_outside_table", [](ElfPoke& f) { put_dynamic(f, 29, 0x100000); }},
        Poke{"needed_outside_table", [](ElfPoke& f) { put_dynamic(f, 1, kAllOnes); }},
        Poke{"soname_outside_table", [](ElfPoke& f) { put_dynamic(f, 14, 0x7fffffff); }},
        Poke{"verneed_unmapped", [](ElfPoke& f) { put_dynamic(f, 0x6ffffffe, 0x55550000); }}),
    [](const auto& test) { return test.param.name; });

class RewriteOdd : public testing::TestWithParam<Poke> {};

// ld.so does not look at these fields, and loads the file.
TEST_P(RewriteOdd, IsRewrittenAsLongAsItLoads) {
  Specimen lib({.source = kRichSource, .flags = {"-Wl,-rpath,x"}}, [](const auto& file) {
    ElfPoke poke(file);
    GetParam().poke(poke);
    poke.save();
  });
  ASSERT_EQ(load(lib.file()).status, 0);
  lib.edit({.search_path = long_text(300)});
  EXPECT_THAT(lib.findings(kRichSteps), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    OneField, RewriteOdd,
    testing::Values(
        Poke{"align_not_power_of_two",
             [](ElfPoke& f) {
               f.put(f.segment(support::kPtLoad, 3) + at::kSegmentAlign, 8, 0x1001);
             }},
        Poke{"align_zero",
             [](ElfPoke& f) { f.put(f.segment(support::kPtLoad, 3) + at::kSegmentAlign, 8, 0); }},
        Poke{"header_version", [](ElfPoke& f) { f.put(at::kEhsize, 2, 0); }},
        Poke{"section_names_index", [](ElfPoke& f) { f.put(at::kShstrndx, 2, 0); }},
        Poke{"no_stack_header", [](ElfPoke& f) { f.put(f.segment(support::kPtGnuStack), 4, 0); }}),
    [](const auto& test) { return test.param.name; });

/// Every byte of headers and dynamic table, one at a time: refused, or as loadable as it was.
/// Loading is tried where it costs nothing: by our own parse, and by readelf's silence on the
/// names.
TEST(RewriteBrokenBytes, AnyByteOfTheTablesMayBeWrong) {
  const auto file = support::build({.source = kRichSource, .flags = {"-Wl,-rpath,x"}});
  ElfPoke original(file);
  const auto dynamic = original.segment(support::kPtDynamic);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges{
      {0, 64 + original.get(at::kPhnum, 2) * at::kSegmentSize},
      {original.get(dynamic + at::kSegmentOffset, 8),
       original.get(dynamic + at::kSegmentOffset, 8) +
           original.get(dynamic + at::kSegmentFileSize, 8)},
      {original.get(at::kShoff, 8), original.bytes().size()}};
  int rewritten = 0;
  int refused = 0;
  for (const auto& [begin, end] : ranges) {
    for (std::uint64_t offset = begin; offset < end; ++offset) {
      for (const int change : {1, 0x80, 0xff}) {
        ElfPoke poke = original;
        poke.put(offset, 1, poke.get(offset, 1) ^ static_cast<std::uint64_t>(change));
        elf::MemorySource source(std::as_bytes(std::span(poke.bytes())));
        try {
          const elf::Image image = elf::parse(source);
          const auto rewrite = elf::rewrite(source, image, {.search_path = long_text(100)});
          const auto bytes = support::applied(poke.bytes(), rewrite);
          elf::MemorySource again(std::as_bytes(std::span(bytes)));
          const elf::Image after = elf::parse(again);
          EXPECT_EQ(after.runpath ? after.runpath : after.rpath, long_text(100))
              << "offset " << offset << " ^ " << change;
          ++rewritten;
        } catch (const elf::Error& error) {
          EXPECT_NE(std::string(error.what()), "");
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(rewritten, 0);
  EXPECT_GT(refused, 0);
}

// Every length of a cut file: parse and rewrite end, with an error or without.
TEST(RewriteBrokenBytes, ACutFileIsRefused) {
  const auto bytes =
      support::read_file(support::build({.source = kRichSource, .flags = {"-Wl,-rpath,x"}}));
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 50) {
    const std::span<const char> cut(bytes.data(), size);
    elf::MemorySource source(std::as_bytes(cut));
    try {
      const elf::Image image = elf::parse(source);
      elf::rewrite(source, image, {.search_path = long_text(100)});
      EXPECT_GT(size, 0x3000u);  // behind the last load only section headers are missing
    } catch (const elf::Error& error) {
      EXPECT_NE(std::string(error.what()), "");
    }
  }
}

std::string refusal(const fs::path& file) {
  Specimen specimen(file);
  try {
    specimen.edit({.search_path = "/x"});
  } catch (const elf::Error& error) {
    EXPECT_EQ(support::read_file(specimen.file()), support::read_file(specimen.before()));
    return error.what();
  }
  return "";
}

// Row 42.
TEST(RewriteRefuses, WhatHasNoDynamicTable) {
  const auto object = support::build(
      {.source = kRichSource, .flags = {"-c"}, .name = "object.o", .executable = true});
  const auto program = support::build({.source = "int main(void) { return 0; }",
                                       .flags = {"-static"},
                                       .name = "static",
                                       .executable = true});
  EXPECT_THAT(refusal(object), Not(IsEmpty()));
  EXPECT_THAT(refusal(program), Not(IsEmpty()));
}

// Row 42: the dynamic table of a .debug file is NOBITS: its bytes are those of something else.
TEST(RewriteRefuses, DebugInformation) {
  support::TempDir folder;
  const auto library = support::build({.source = kRichSource, .flags = {"-g", "-Wl,-rpath,x"}});
  const fs::path debug = folder / "libspecimen.so.debug";
  ASSERT_EQ(support::run_program({"objcopy", "--only-keep-debug", library.string(), debug.string()})
                .status,
            0);
  EXPECT_THAT(refusal(debug), Not(IsEmpty()));
  if (support::has_program("eu-strip")) {
    fs::copy(library, folder / "stripped");
    ASSERT_EQ(
        support::run_program({"eu-strip", "-f", debug.string(), (folder / "stripped").string()})
            .status,
        0);
    EXPECT_THAT(refusal(debug), Not(IsEmpty()));
  }
}

}  // namespace
