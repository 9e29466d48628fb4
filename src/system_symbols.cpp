#include "src/system_symbols.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "elf/error.h"
#include "elf/format.h"
#include "elf/source.h"
#include "src/symbol_reader.h"

namespace spokeshave {

namespace {

/// A regular file on disk as the ELF core wants to read it.
class FileSource final : public elf::Source {
 public:
  explicit FileSource(const std::string& path)
      : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    struct stat about {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &about) != 0) fail();
    if (!S_ISREG(about.st_mode)) fail(EINVAL);
    size_ = static_cast<std::uint64_t>(about.st_size);
  }
  ~FileSource() override {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  std::uint64_t size() const override { return size_; }
  void read(std::uint64_t offset, std::span<std::byte> out) override {
    while (!out.empty()) {
      const ssize_t got = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) fail(got == 0 ? EIO : errno);
      out = out.subspan(static_cast<std::size_t>(got));
      offset += static_cast<std::uint64_t>(got);
    }
  }

 private:
  [[noreturn]] void fail(int why = errno) const {
    throw std::system_error(why, std::generic_category(), path_);
  }

  std::string path_;
  int descriptor_;
  std::uint64_t size_ = 0;
};

const char* multiarch_folder(const elf::Image& image) {
  switch (image.machine) {
    case elf::EM_X86_64:
      return "x86_64-linux-gnu";
    case elf::EM_386:
      return "i386-linux-gnu";
    case elf::EM_AARCH64:
      return "aarch64-linux-gnu";
    case elf::EM_ARM:
      return "arm-linux-gnueabihf";
    case elf::EM_PPC64:
      return "powerpc64le-linux-gnu";
    case elf::EM_S390:
      return "s390x-linux-gnu";
    case elf::EM_RISCV:
      return "riscv64-linux-gnu";
    default:
      return nullptr;
  }
}

/// Nothing where there is no such file, or one for another ABI.
std::optional<elf::SymbolListing> read_file(const std::string& path, const elf::Image& wanted) {
  try {
    FileSource file(path);
    const elf::Image image = elf::parse(file);
    if (!image.same_abi(wanted)) return std::nullopt;
    SymbolReading reading =
        read_in_child([&] { return elf::list_symbols(file, image); }, reading_limits(file.size()));
    if (auto* listing = std::get_if<elf::SymbolListing>(&reading)) return std::move(*listing);
  } catch (const elf::Error&) {         // a linker script, such as glibc's libc.so
  } catch (const std::system_error&) {  // no such file
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> default_library_folders(const elf::Image& of_this_abi) {
  std::vector<std::string> folders;
  if (const char* multiarch = multiarch_folder(of_this_abi)) {
    folders = {std::string("/lib/") + multiarch, std::string("/usr/lib/") + multiarch};
  }
  if (of_this_abi.format.is_64()) folders.insert(folders.end(), {"/lib64", "/usr/lib64"});
  folders.insert(folders.end(), {"/lib", "/usr/local/lib", "/usr/lib"});
  return folders;
}

std::vector<SystemLibrary> read_system_libraries(const WantedLibraries& wanted,
                                                 const std::vector<std::string>& folders) {
  std::vector<SystemLibrary> found;
  for (const auto& [soname, image] : wanted) {
    if (soname.find('/') != std::string::npos) continue;
    for (const auto& folder : folders) {
      if (auto listing = read_file(std::filesystem::path(folder) / soname, *image)) {
        found.push_back({soname, std::move(*listing)});
        break;
      }
    }
  }
  return found;
}

std::vector<SystemLibrary> read_system_libraries(const WantedLibraries& wanted) {
  std::vector<SystemLibrary> found;
  for (const auto& [soname, image] : wanted) {
    auto one = read_system_libraries({{soname, image}}, default_library_folders(*image));
    found.insert(found.end(), std::make_move_iterator(one.begin()),
                 std::make_move_iterator(one.end()));
  }
  return found;
}

}  // namespace spokeshave
