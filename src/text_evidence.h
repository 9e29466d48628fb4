#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace spokeshave {

/// The file names of a wheel's libraries, bare.
using LibraryNames = std::set<std::string, std::less<>>;

/// Whether a member is a text in which libraries may be named: Python, cmake, pkg-config; not
/// larger than a few MB.
bool is_evidence_text(std::string_view member, std::uint64_t size);
bool is_python(std::string_view member);

/// The libraries that a text names.
struct NamedLibraries {
  std::set<std::string>
      opened;  ///< a whole string literal of a Python file, with or without a folder in front and
               ///< `.so` behind
               ///< (`libtorch_global_deps`): that is how code opens a library by path
  std::set<std::string>
      linked;  ///< `-lNAME` anywhere, and every file name in texts other than Python
};

/// `libcublas.so.*[0-9]`, a pattern to search with, names nothing.
NamedLibraries libraries_named(std::string_view member, std::string_view text,
                               const LibraryNames& names);

}  // namespace spokeshave
