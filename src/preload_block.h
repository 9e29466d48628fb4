#pragma once

#include <string>
#include <string_view>
#include <vector>

// The block of Python that loads libraries before the package's own code runs.
namespace spokeshave {

/// One library to load, in order.
struct PreloadLibrary {
  std::string path;         ///< relative to the folder that the wheel is installed into:
                            ///< `cudatorch/lib/libtorch_cuda.so`
  std::string soname;       ///< what a later NEEDED is compared with
  std::string requirement;  ///< the wheel that brings it, to be named when it is missing:
                            ///< `cudatorch==2.1.2+split.1`
  bool needs_other_wheels =
      false;  ///< some need of it (or of what it needs) is met by a wheel that was not looked at
  bool global = false;  ///< with RTLD_GLOBAL: its symbols serve libraries that do not need it
};

/// The text of `def _spokeshave_preload(package, file, levels, libraries)`, with its last line's
/// end, and its last argument, a literal, without: for what loads the same from elsewhere
/// (src/preload_formats.h). ASCII.
std::string_view preload_function();
std::string preload_literal(const std::vector<PreloadLibrary>& libraries,
                            std::string_view indentation);

/// The block, `\n` between its lines, from its begin marker to its end marker. `init_path` is the
/// file that it goes into, as a path inside the wheel (`torch/__init__.py`): how deep it lies tells
/// the block where its own wheel is installed.
std::string preload_block(const std::vector<PreloadLibrary>& libraries, std::string_view init_path);

/// The module with the block in its place (first_statement_offset), in the module's own line
/// ending; a block that is there already is replaced. Everything else stays byte for byte. Throws
/// Failure where the source does not scan, or a begin marker lacks its end.
std::string with_preload_block(std::string_view source, std::string_view block);

/// The module without the block, as it was before: its last line may lack its end again. The same
/// text where there is none. Throws Failure where a begin marker lacks its end.
std::string without_preload_block(std::string_view source);

}  // namespace spokeshave
