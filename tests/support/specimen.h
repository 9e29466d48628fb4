#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "elf/rewrite.h"
#include "tests/support/compile.h"
#include "tests/support/elf_judges.h"
#include "tests/support/temp_dir.h"

namespace support {

/// One library as it was and as our rewriter leaves it, in a folder of its own.
class Specimen {
 public:
  using Preparation = std::function<void(const std::filesystem::path&)>;
  /// Builds the library; `prepare` may damage or alter it before the test begins.
  explicit Specimen(const Recipe& recipe, const Preparation& prepare = {});
  /// A copy of a file that is there.
  explicit Specimen(const std::filesystem::path& file, const Preparation& prepare = {});

  const std::filesystem::path& before() const { return before_; }
  const std::filesystem::path& file() const { return file_; }
  std::filesystem::path folder() const { return folder_.path(); }
  Names names() const { return names_of(file_); }
  std::uint64_t growth() const;  ///< bytes that the edits so far have added

  /// Rewrites the file on disk, after it has held the Rewrite to what its header promises. Throws
  /// what elf::parse and elf::rewrite throw, and then leaves the file as it is.
  elf::Rewrite edit(const elf::Edits& edits);

  /// Every judge's findings on all edits so far; where there are `steps` (`call:NAME` ...), also
  /// what ld.so and the code say that differs from what they said of the original, which must load.
  /// `where` gives machine and LD_LIBRARY_PATH.
  Findings findings(const std::vector<std::string>& steps = {}, LoadPlan where = {}) const;

 private:
  TempDir folder_;
  std::filesystem::path before_;
  std::filesystem::path file_;
  Names wanted_;
};

/// A file's bytes with a rewrite laid over them, piece by piece as a stream would do it.
std::vector<char> applied(const std::vector<char>& original, const elf::Rewrite& rewrite);

/// A library with what real ones have: thread-local storage, zeroed storage, a constructor,
/// relocations, calls of libc. kRichSteps uses it all.
extern const char* const kRichSource;
extern const std::vector<std::string> kRichSteps;

/// Text that repeats `unit` until it is `size` long.
std::string long_text(std::size_t size, const std::string& unit = "/a/long/folder");

}  // namespace support
