#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

// The names of files in a diff: how they are written, and which of them may be touched.
namespace spokeshave {

/// What a `--- ` or `+++ ` line says behind these four letters.
struct DiffHeaderName {
  std::string name;           ///< as written, its quotes and what stands behind it taken off
  bool time_is_zero = false;  ///< 1970-01-01 00:00:00 UTC stands behind it
};

/// Takes a name out of quotes where it begins with `"`: `\t`, `\\`, `\"`, `\303`, as git writes
/// them (quote.c). `rest`, where asked for, gets what stands behind the closing quote. Nothing
/// where the quoting is broken.
std::optional<std::string> unquoted(std::string_view text, std::string_view* rest = nullptr);

/// A name ends at a tab, or at a time that is written behind a space; else with the line. Nothing
/// where the quoting is broken.
std::optional<DiffHeaderName> read_header_name(std::string_view text);

/// The two names behind `diff --git `. Unquoted they may hold spaces: then they are the two that
/// are equal once `strip_count` folders are left out. Nothing where there is no such pair.
std::optional<std::pair<std::string, std::string>> split_git_names(std::string_view text,
                                                                   unsigned strip_count);

/// The name less its first `strip_count` folders, less `.` and empty parts. Slashes in a row count
/// once, and one in front counts as an empty folder, as patch(1) counts. Nothing where it has not
/// as many folders.
std::optional<std::string> stripped_name(std::string_view name, unsigned strip_count);

/// Why a diff may not touch this path inside the wheel; empty where it may. For
/// `... names "X", which `.
std::string why_refused(std::string_view path);

}  // namespace spokeshave
