#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "elf/loader.h"

namespace support {

/// A dlopen: of a path, or of a bare name by the code of a library that is loaded.
struct Dlopen {
  std::string name = {};
  std::optional<std::size_t> caller = {};
};

/// What a process does with a set of libraries. Their paths lie in a folder that exists.
struct Scenario {
  elf::LoaderKind loader = elf::LoaderKind::kGlibc;
  std::vector<elf::InstalledLibrary> libraries = {};
  std::vector<std::string> ld_library_path = {};
  std::vector<Dlopen> dlopens = {};
};

/// x86-64, as all that the scenarios say of a library in one call.
elf::InstalledLibrary library(elf::InstalledLibrary described);

/// The scenario as a person reads it.
std::string described(const Scenario& scenario);

/// What the model is told: the system brings only libc.so.6 and libm.so.6.
elf::Environment environment_of(const Scenario& scenario);
/// What $LIB stands for in the ld.so of this machine.
std::string lib_of_this_system();
/// Those libraries that the model counts as brought by the system.
bool is_system(std::string_view soname);

/// As LD_LIBRARY_PATH says it.
std::string joined(const std::vector<std::string>& folders);

/// Writes the libraries as tiny ones of our own making, and the links.
void write_libraries(const Scenario& scenario);
/// Only the links, by turns symbolic and hard.
void write_links(const Scenario& scenario);

/// Runs the scenario, which is written, in a process of its own with the real loader: the system's
/// ld.so, or ld-musl. Returns what came of it, as text: for each dlopen whether it succeeded and
/// which libraries are loaded after it, in order (the number in the set of the path by which each
/// was opened); at the end, for each library that is loaded, all that can be reached from it
/// through NEEDED.
std::string real_transcript(const Scenario& scenario);

/// The same text, from the model.
std::string model_transcript(const Scenario& scenario);

/// The dlopens of the scenario, done by the model; the caller looks on after each. Says by which
/// path of the set each library was opened, which follows from what the model says of each need.
class ModelRun {
 public:
  explicit ModelRun(const Scenario& scenario);

  struct Step {
    std::vector<elf::Resolution> resolutions = {};
    bool succeeded = false;
  };
  Step step(const Dlopen& dlopen);

  const std::vector<std::size_t>& loaded() const { return loaded_; }
  bool is_loaded(std::size_t library) const { return process_.is_loaded(library); }
  /// The path, absolute and normalised, by which the library was opened.
  const std::string& opened_path(std::size_t library) const { return opened_.at(library); }
  /// The path, absolute and normalised, of the file that a search or a path led to.
  std::string path_taken(const elf::Resolution& met) const;

 private:
  void note_opened(const elf::Resolution& met);

  const Scenario& scenario_;
  elf::Process process_;
  std::vector<std::size_t> loaded_;
  std::map<std::size_t, std::string> opened_;
};

/// The library that lies at this path or that a link there leads to. Throws std::out_of_range.
std::size_t library_at(const Scenario& scenario, const std::string& path);

}  // namespace support
