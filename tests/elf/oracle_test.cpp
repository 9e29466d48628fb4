// Every library of this machine, its cross compilers' ones included, through our parser, readelf's
// and LIEF's; and a rewrite of many.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "elf/error.h"
#include "elf/image.h"
#include "elf/source.h"
#include "tests/support/elf_dump.h"
#include "tests/support/lief_oracle.h"
#include "tests/support/run_program.h"
#include "tests/support/specimen.h"

namespace {

namespace fs = std::filesystem;
using support::Dump;
using testing::IsEmpty;

/// A file's bytes, mapped.
class MappedFile {
 public:
  explicit MappedFile(const fs::path& file) : size_(fs::file_size(file)) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    start_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    ::close(fd);
    if (start_ == MAP_FAILED) throw std::runtime_error("cannot map " + file.string());
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() { ::munmap(start_, size_); }
  std::span<const std::byte> bytes() const {
    return {static_cast<const std::byte*>(start_), size_};
  }

 private:
  std::size_t size_;
  void* start_ = nullptr;
};

bool is_library(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  char start[18] = {};
  stream.read(start, sizeof start);
  const bool little = start[5] == 1;
  const int type = static_cast<unsigned char>(little ? start[16] : start[17]);
  return stream && std::string_view(start, 4) == "\177ELF" && (type == 2 || type == 3);
}

std::vector<fs::path> libraries_of_this_machine() {
  std::vector<fs::path> result;
  for (const char* root : {"/usr/lib", "/usr/aarch64-linux-gnu/lib", "/usr/i686-linux-gnu/lib",
                           "/usr/s390x-linux-gnu/lib"}) {
    std::error_code ignored;
    for (fs::recursive_directory_iterator
             entry(root, fs::directory_options::skip_permission_denied, ignored),
         end;
         entry != end; entry.increment(ignored)) {
      if (entry->is_regular_file() && !entry->is_symlink() && is_library(entry->path()))
        result.push_back(entry->path());
    }
  }
  std::ranges::sort(result);
  return result;
}

/// Every nth, so that a quick run still meets all kinds.
std::vector<fs::path> every(std::size_t nth, const std::vector<fs::path>& files,
                            std::uint64_t max_bytes) {
  std::vector<fs::path> result;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i % nth == 0 && fs::file_size(files[i]) <= max_bytes) result.push_back(files[i]);
  }
  return result;
}

support::Names names_in(const elf::Image& image) {
  return {image.needed, image.soname, image.rpath, image.runpath};
}

void expect_same_segments(const elf::Image& image, const Dump& dump) {
  ASSERT_EQ(image.segments.size(), dump.segments.size());
  const std::map<std::uint32_t, std::string> types{{1, "LOAD"},
                                                   {2, "DYNAMIC"},
                                                   {3, "INTERP"},
                                                   {4, "NOTE"},
                                                   {6, "PHDR"},
                                                   {7, "TLS"},
                                                   {0x6474e550, "GNU_EH_FRAME"},
                                                   {0x6474e551, "GNU_STACK"},
                                                   {0x6474e552, "GNU_RELRO"}};
  for (std::size_t i = 0; i < image.segments.size(); ++i) {
    const elf::Segment& ours = image.segments[i];
    const support::DumpedSegment& theirs = dump.segments[i];
    if (const auto type = types.find(ours.type); type != types.end()) {
      EXPECT_EQ(type->second, theirs.type);
    }
    std::string flags{(ours.flags & 4) != 0 ? 'R' : ' ', (ours.flags & 2) != 0 ? 'W' : ' ',
                      (ours.flags & 1) != 0 ? 'E' : ' '};
    flags.erase(flags.find_last_not_of(' ') + 1);
    flags.erase(0, flags.find_first_not_of(' '));
    EXPECT_EQ((support::DumpedSegment{theirs.type, ours.offset, ours.vaddr, ours.file_size,
                                      ours.memory_size, flags, ours.align}),
              theirs);
  }
}

void expect_same_dynamic(const elf::Image& image, const Dump& dump) {
  std::vector<std::uint64_t> ours;
  std::vector<std::uint64_t> theirs;
  const std::uint64_t mask = dump.elf_class == "ELF32" ? 0xffffffff : ~std::uint64_t{0};
  for (const elf::DynamicEntry& entry : image.dynamic) ours.push_back(entry.tag & mask);
  for (const support::DumpedDynamic& entry : dump.dynamic) theirs.push_back(entry.tag);
  EXPECT_EQ(ours, theirs);
}

void expect_same_versions(const elf::Image& image, const Dump& dump) {
  std::vector<std::string> files;
  std::vector<std::string> names;
  for (const elf::VersionNeed& need : image.version_needs) {
    files.push_back(need.file);
    names.insert(names.end(), need.names.begin(), need.names.end());
  }
  EXPECT_EQ(files, dump.version_need_files);
  EXPECT_EQ(names, dump.version_need_names);
  EXPECT_EQ(image.version_definitions, dump.version_definitions);
}

void expect_same_reading(const elf::Image& image, const Dump& dump) {
  const std::map<std::uint16_t, std::string> machines{{3, "Intel 80386"},
                                                      {22, "IBM S/390"},
                                                      {62, "Advanced Micro Devices X86-64"},
                                                      {183, "AArch64"}};
  EXPECT_EQ(image.format.elf_class == elf::Class::k64 ? "ELF64" : "ELF32", dump.elf_class);
  EXPECT_EQ(image.format.byte_order == elf::ByteOrder::kBig,
            dump.data.find("big") != std::string::npos);
  if (const auto machine = machines.find(image.machine); machine != machines.end()) {
    EXPECT_EQ(machine->second, dump.machine);
  }
  EXPECT_EQ(image.type == 3, dump.type.starts_with("DYN"));
  EXPECT_EQ(image.program_headers_offset, dump.program_headers_offset);
  EXPECT_EQ(image.section_headers_offset, dump.section_headers_offset);
  EXPECT_EQ(names_in(image), dump.names());
  expect_same_segments(image, dump);
  expect_same_dynamic(image, dump);
  expect_same_versions(image, dump);
}

TEST(Oracle, WeReadEveryLibraryOfThisMachineAsReadelfDoes) {
  const std::vector<fs::path> files = libraries_of_this_machine();
  ASSERT_GT(files.size(), 100u);
  for (std::size_t begin = 0; begin < files.size(); begin += 200) {
    const std::vector<fs::path> batch(
        files.begin() + static_cast<std::ptrdiff_t>(begin),
        files.begin() + static_cast<std::ptrdiff_t>(std::min(files.size(), begin + 200)));
    const auto dumps = support::dump_headers(batch);
    for (const fs::path& file : batch) {
      SCOPED_TRACE(file);
      const MappedFile mapped(file);
      elf::MemorySource source(mapped.bytes());
      ASSERT_TRUE(dumps.contains(file));
      expect_same_reading(elf::parse(source), dumps.at(file));
    }
  }
}

TEST(Oracle, WeSeeThePythonModulesThatNmSees) {
  const std::vector<fs::path> files = libraries_of_this_machine();
  std::vector<std::string> argv{"nm", "-D", "-A", "--defined-only"};
  for (const fs::path& file : files) {
    if (file.string().find("python") != std::string::npos) argv.push_back(file.string());
  }
  const auto symbols = support::run_program(argv).out;
  std::set<std::string> modules;
  std::istringstream lines(symbols);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(" T PyInit_") != std::string::npos)
      modules.insert(line.substr(0, line.find(':')));
  }
  ASSERT_FALSE(modules.empty());
  for (std::size_t i = 4; i < argv.size(); ++i) {
    const MappedFile mapped(argv[i]);
    elf::MemorySource source(mapped.bytes());
    EXPECT_EQ(elf::parse(source).exports_python_init, modules.contains(argv[i])) << argv[i];
  }
}

TEST(Oracle, LiefReadsTheSame) {
  if (!support::built_with_lief()) GTEST_SKIP() << "built without LIEF";
#ifdef SPOKESHAVE_TEST_TOOLCHAINS
  const auto files = every(1, libraries_of_this_machine(), 20'000'000);
#else
  const auto files = every(20, libraries_of_this_machine(), 1'000'000);
#endif
  for (const fs::path& file : files) {
    SCOPED_TRACE(file);
    const MappedFile mapped(file);
    elf::MemorySource source(mapped.bytes());
    const elf::Image image = elf::parse(source);
    const bool is_x32 = image.machine == 62 && image.format.elf_class == elf::Class::k32;
    if (is_x32) continue;  // LIEF cannot
    const auto reading = support::read_with_lief(file);
    ASSERT_TRUE(reading.has_value());
    EXPECT_EQ(names_in(image), reading->names);
    EXPECT_EQ(image.machine, reading->machine);
    EXPECT_EQ(image.type, reading->type);
    EXPECT_EQ(image.interpreter, reading->interpreter);
    std::vector<std::uint64_t> loads;
    for (const elf::Segment& segment : image.segments) {
      if (segment.type == 1) loads.push_back(segment.vaddr);
    }
    EXPECT_EQ(loads, reading->load_addresses);
    std::vector<std::string> files_of_versions;
    for (const elf::VersionNeed& need : image.version_needs) files_of_versions.push_back(need.file);
    EXPECT_EQ(files_of_versions, reading->version_need_files);
  }
}

/// What ld.so says when it relocates a library, without running any of it; addresses differ from
/// run to run.
std::string relocation_report(const fs::path& file) {
  const auto result =
      support::run_program({"ldd", "-r", file.string()},
                           {{"LC_ALL", "C"}, {"LD_LIBRARY_PATH", file.parent_path().string()}});
  const std::string text = result.out + result.err;
  std::string lines = std::regex_replace(text, std::regex(R"(\(0x[0-9a-f]+\))"), "");
  for (auto at = lines.find(file.string()); at != std::string::npos; at = lines.find(file.string()))
    lines.erase(at, file.string().size());
  return lines;
}

/// A library of the system, rewritten: nothing but the names may differ, and ld.so still finds
/// every symbol.
void expect_rewritten_whole(const fs::path& file, bool relocate) {
  SCOPED_TRACE(file);
  support::Specimen lib(file);
  const auto names = lib.names();
  // What it has of a path it keeps: libpulse.so.0 finds a library of its own by it.
  const std::string own = names.runpath.value_or(names.rpath.value_or(""));
  elf::Edits edits{
      .search_path = (own.empty() ? "" : own + ":") + "/nonesuch/" + support::long_text(100),
      .soname = "libspecimen-a34b3233.so.7"};
  try {
    lib.edit(edits);
  } catch (const elf::Error& error) {
    EXPECT_TRUE(!names.soname || !(names.rpath || names.runpath))
        << "refused without need: " << error.what();
    return;
  }
  EXPECT_THAT(lib.findings(), IsEmpty());
  if (relocate) {
    EXPECT_EQ(relocation_report(lib.file()), relocation_report(lib.before()));
  }
}

TEST(Oracle, LibrariesOfThisMachineAreRewrittenWhole) {
#ifdef SPOKESHAVE_TEST_TOOLCHAINS
  const std::size_t stride = 5;
#else
  const std::size_t stride = 60;
#endif
  for (const fs::path& file : every(stride, libraries_of_this_machine(), 30'000'000)) {
    const MappedFile mapped(file);
    elf::MemorySource source(mapped.bytes());
    const elf::Image image = elf::parse(source);
    if (image.dynamic.empty()) continue;
    expect_rewritten_whole(
        file, file.string().starts_with("/usr/lib/x86_64-linux-gnu/") && image.needed.size() < 20);
  }
}

}  // namespace
