#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elf {

/// What the dynamic string tokens stand for (ld.so(8), "Dynamic string tokens").
struct Tokens {
  std::string origin;  ///< $ORIGIN: the folder of the file that holds the path, as it was opened
  std::string lib = "lib64";        ///< $LIB
  std::string platform = "x86_64";  ///< $PLATFORM
};

/// Replaces $ORIGIN, ${ORIGIN}, $LIB, ${LIB}, $PLATFORM and ${PLATFORM}; any other `$` is plain
/// text. Pure.
std::string expand_tokens(std::string_view text, const Tokens& tokens);

/// Splits a DT_RPATH or DT_RUNPATH at its colons and expands $ORIGIN, ${ORIGIN}, $LIB, ${LIB},
/// $PLATFORM, ${PLATFORM} in each entry; the result has one string for each entry, in order, empty
/// ones included (glibc skips them after expansion). Paths are not normalised. Pure.
std::vector<std::string> expand_search_path(std::string_view path, const Tokens& tokens);

/// The same by musl's rules (1.2.3, ldso/dynlink.c, fixup_rpath and path_open): entries end at a
/// colon or a line's end; $ORIGIN and ${ORIGIN} are the only tokens, and a `$ORIGINAL` begins with
/// one. None where the path has any other `$`: musl then uses none of its entries. Pure.
std::optional<std::vector<std::string>> expand_musl_search_path(std::string_view path,
                                                                const std::string& origin);

/// `/a/b/../c//d/.` -> `/a/c/d`, by the letters only, as if there were no symbolic links. Pure.
std::string normalise_path(std::string_view path);

/// The way from one folder to another, both absolute or both relative to the same root, as a search
/// path entry: relative_origin("torch/lib", "cudatorch/lib") -> `$ORIGIN/../../cudatorch/lib`;
/// equal folders -> `$ORIGIN`. Pure.
/// Throws std::invalid_argument for one absolute and one relative folder, and for a way that leads
/// through unknown folders (from `../a` to `b`).
std::string relative_origin(std::string_view from_folder, std::string_view to_folder);

}  // namespace elf
