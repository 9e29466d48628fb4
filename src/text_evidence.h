#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace spokeshave {

/// The file names of the libraries of a wheel, or of a set of wheels, bare.
using LibraryNames = std::set<std::string, std::less<>>;

/// Whether a member is a text in which libraries may be named: Python, cmake, pkg-config; not
/// larger than a few MB.
bool is_evidence_text(std::string_view member, std::uint64_t size);
bool is_python(std::string_view member);

/// The libraries that a text names, each once.
struct NamedLibraries {
  /// A whole string literal of a Python file, with or without a folder in front and `.so` behind
  /// (`libtorch_global_deps`): that is how code opens a library by path. In order of appearance.
  std::vector<std::string> opened;
  /// What a pattern of a Python file (`libcublas.so.*[0-9]`) finds: that is how code searches
  /// sys.path for a library. In order of appearance, then ascending.
  std::vector<std::string> searched;
  /// `-lNAME` anywhere, and every file name in texts other than Python.
  std::set<std::string> linked;
};

NamedLibraries libraries_named(std::string_view member, std::string_view text,
                               const LibraryNames& names);

}  // namespace spokeshave
