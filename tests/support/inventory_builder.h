#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "elf/format.h"
#include "src/glob.h"
#include "src/inventory.h"
#include "src/loading.h"
#include "src/placement.h"
#include "src/split_plan.h"
#include "src/wheel_outline.h"

namespace support {

/// One shared library of a wheel that exists only as numbers and names: what a test leaves out is
/// as an ordinary x86-64 library has it.
struct LibrarySpec {
  std::string path;  ///< in the archive and relative to site-packages
  std::vector<std::string> needed = {};
  std::optional<std::string> rpath = {};
  std::optional<std::string> runpath = {};
  std::string soname = {};  ///< empty: the file name
  std::uint64_t size = 1'000'000;
  std::uint64_t packed = 0;  ///< 0: half of the size
  std::set<std::string> mentions = {};
  std::vector<std::string> opened_by = {};
  bool extension_module = false;  ///< has no SONAME then, as Python's build tools make them
  bool program = false;           ///< to be run; has no SONAME
  bool without_soname = false;
  bool executable_stack = false;
  bool no_default_folders = false;
  std::uint16_t type = elf::ET_DYN;
  std::uint16_t machine = elf::EM_X86_64;
};

inline spokeshave::Library make_library(const LibrarySpec& spec) {
  spokeshave::Library library;
  library.member = spec.path;
  library.installed_path = spec.path;
  library.size = spec.size;
  library.packed_bytes = spec.packed != 0 ? spec.packed : spec.size / 2;
  library.mentions = spec.mentions;
  library.opened_by = spec.opened_by;
  library.image.machine = spec.machine;
  library.image.type = spec.type;
  library.image.size = spec.size;
  library.image.segments = {{.type = elf::PT_LOAD,
                             .flags = elf::PF_R | elf::PF_X,
                             .file_size = spec.size,
                             .memory_size = spec.size,
                             .align = 4096}};
  library.image.needed = spec.needed;
  library.image.rpath = spec.rpath;
  library.image.runpath = spec.runpath;
  library.image.exports_python_init = spec.extension_module;
  library.image.executable_stack = spec.executable_stack;
  library.image.flags_1 = spec.no_default_folders ? elf::DF_1_NODEFLIB : 0;
  if (spec.program) {
    library.image.interpreter = "/lib64/ld-linux-x86-64.so.2";
  }
  const bool nameless = spec.extension_module || spec.program || spec.without_soname;
  if (!nameless || !spec.soname.empty()) {
    library.image.soname =
        spec.soname.empty() ? std::string(spokeshave::file_name(spec.path)) : spec.soname;
  }
  return library;
}

/// A text of a wheel.
struct TextSpec {
  std::string path;
  std::uint64_t size = 100;
};

/// What plan_split() is given of one wheel, `NAME-1.0-cp311-cp311-linux_x86_64.whl`.
struct WheelValues {
  spokeshave::WheelOutline outline;
  spokeshave::Inventory inventory;

  /// The index of the library at `path`.
  std::size_t at(const std::string& path) const {
    for (std::size_t i = 0; i < inventory.libraries.size(); ++i) {
      if (inventory.libraries[i].member == path) return i;
    }
    throw std::out_of_range(path);
  }
};

/// Besides `texts` the wheel has METADATA, WHEEL and RECORD.
inline WheelValues make_wheel(const std::string& name, const std::vector<LibrarySpec>& libraries,
                              const std::vector<TextSpec>& texts = {}) {
  WheelValues wheel;
  wheel.outline.filename = {name, "1.0", "", "cp311", "cp311", "linux_x86_64"};
  wheel.outline.name = name;
  wheel.outline.version = "1.0";
  wheel.outline.dist_info = name + "-1.0.dist-info";
  for (const LibrarySpec& spec : libraries) {
    wheel.inventory.libraries.push_back(make_library(spec));
  }
  std::sort(wheel.inventory.libraries.begin(), wheel.inventory.libraries.end(),
            [](const auto& a, const auto& b) { return a.member < b.member; });
  for (const auto& library : wheel.inventory.libraries) {
    wheel.outline.members.push_back(
        {library.member, library.installed_path, library.size, library.packed_bytes});
  }
  std::vector<TextSpec> all = texts;
  for (const char* text : {"METADATA", "WHEEL", "RECORD"}) {
    all.push_back({wheel.outline.dist_info + "/" + text});
  }
  for (const TextSpec& text : all) {
    wheel.outline.members.push_back({text.path, text.path, text.size, text.size / 2});
  }
  for (const auto& member : wheel.outline.members) {
    wheel.inventory.installed_bytes += member.size;
  }
  return wheel;
}

/// A request with the version that `--suffix split.1` gives.
inline spokeshave::SplitRequest request(std::optional<std::uint64_t> max_installed = {},
                                        std::vector<std::string> move = {}) {
  spokeshave::SplitRequest wanted;
  wanted.limit.installed = max_installed;
  wanted.move = std::move(move);
  wanted.version = "1.0+split.1";
  return wanted;
}

/// Who needs whom in the wheel as it is.
inline spokeshave::NeedGraph needs_of(const spokeshave::Inventory& inventory) {
  std::vector<const std::set<std::string>*> mentions;
  for (const auto& library : inventory.libraries) mentions.push_back(&library.mentions);
  return spokeshave::find_needs(
      spokeshave::installed_before(inventory, spokeshave::Layout::kSitePackages), mentions);
}

/// A plan in which nothing is decided but what goes where: from the path in the wheel to the path
/// in companion 1, `NAME-libs`; all else stays.
inline spokeshave::SplitPlan plan_that_moves(const WheelValues& wheel,
                                             const std::map<std::string, std::string>& moved) {
  spokeshave::SplitPlan plan;
  plan.wheels = spokeshave::name_wheels(wheel.outline, request(), 2);
  for (const auto& library : wheel.inventory.libraries) {
    spokeshave::PlannedLibrary planned;
    const auto place = moved.find(library.member);
    planned.part = place == moved.end() ? 0 : 1;
    planned.installed_path = place == moved.end() ? library.installed_path : place->second;
    plan.libraries.push_back(std::move(planned));
  }
  return plan;
}

}  // namespace support
