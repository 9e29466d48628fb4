#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/finding.h"
#include "src/inventory.h"
#include "src/need_graph.h"

// What `inspect` knows of a set of wheels: values only, which its outputs render.
namespace spokeshave {

/// One wheel of the set.
struct InspectedWheel {
  std::string file_name;
  std::string name;     ///< as METADATA has it
  std::string version;  ///< as METADATA has it
  std::string platform_tag;
  std::uint64_t packed_bytes = 0;         ///< of the wheel's file
  std::vector<std::string> requirements;  ///< normalised names of Requires-Dist, ascending
  Inventory inventory;
};

/// One library of the set; its index is what NeedGraph and Finding mean by a library.
struct InspectedLibrary {
  const Library* library = nullptr;    ///< in `wheels[wheel].inventory`
  std::size_t wheel = 0;               ///< index into Inspection::wheels
  std::vector<std::string> opened_by;  ///< Python files of the set that open it by name or path
  std::string shown;  ///< its file name, or where another has the same one its installed path
  LoadedBy loaded_by = LoadedBy::kNobody;
  /// Where it stands among what an import or a program opens itself, and not only as something's
  /// need; counted from 0.
  std::optional<std::size_t> start = {};
};

/// Not to be copied: `libraries` point into `wheels`.
struct Inspection {
  Inspection() = default;
  Inspection(Inspection&&) = default;
  Inspection& operator=(Inspection&&) = default;

  Layout layout = Layout::kSitePackages;
  elf::LoaderKind loader = elf::LoaderKind::kGlibc;
  std::vector<InspectedWheel> wheels;       ///< in the order given
  std::vector<InspectedLibrary> libraries;  ///< by wheel, then ascending by path
  NeedGraph graph;
  std::vector<Finding> findings;  ///< problems first
};

/// Simulates how the libraries of the wheels come to be loaded, and looks for what is wrong. Pure.
Inspection inspect(std::vector<InspectedWheel>&& wheels, Layout layout);

/// Objects for a linker, and what runs on a GPU, are ELF files that no loader is asked for.
bool is_for_the_loader(const elf::Image& image);

/// `library`, `extension module` or `program`.
const char* kind_of(const Library& library);

/// `nvidia-cublas-cu12 12.1.3.1`, fit for a terminal.
std::string wheel_words(const InspectedWheel& wheel);

/// A path of the loader model as the user knows it: behind the name of the wheel where each has a
/// folder of its own.
std::string shown_path(const Inspection& inspection, const std::string& path);

/// `RPATH`, `loaded before`, ...: a rule by itself.
const char* rule_name(elf::Rule rule);

/// `RPATH`, `RUNPATH of libx.so`, ...: the rule that met a need, in words.
std::string rule_words(const Need& need, const Inspection& inspection);

/// Who brings a library that is not in the set: `system`, `driver` or `another wheel`.
const char* brought_by(const std::string& soname);

}  // namespace spokeshave
