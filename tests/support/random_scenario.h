#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/support/real_loader.h"

namespace support {

/// Makes up sets of libraries and what a process does with them, from a seed.
class RandomScenario {
 public:
  /// Of which kind the files will be.
  enum class Files {
    kTiny,    ///< our own: they may hold anything
    kLinked,  ///< made by a linker, which writes no empty path
  };
  /// The libraries will lie below `root`, an absolute path without symbolic links and three folders
  /// deep: some search paths lead two folders above it, where no library may lie.
  RandomScenario(std::uint64_t seed, std::string root, elf::LoaderKind loader, Files files);

  /// All but the dlopens.
  Scenario libraries();
  /// Adds them; the libraries are described as they lie on disk by now.
  void add_dlopens(Scenario& scenario);

 private:
  bool chance(int percent);
  std::size_t below(std::size_t n);
  const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  void add_libraries(Scenario& scenario);
  void add_links(Scenario& scenario);
  void fill(elf::InstalledLibrary& library, const Scenario& scenario);
  std::string need(const Scenario& scenario);
  std::string search_path();
  std::string entry();

  std::mt19937_64 random_;
  std::string root_;
  std::vector<std::string> folders_;
  elf::LoaderKind loader_;
  Files files_;
};

}  // namespace support
