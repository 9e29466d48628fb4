#include "elf/search_path.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

namespace elf {
namespace {

bool is_identifier_byte(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// The length of token `name` at the start of `text` (what follows a `$`), braces included; 0 where
/// it is not that token:
/// `$ORIGINAL` and `${ORIGIN` are plain text (glibc 2.36, elf/dl-load.c, is_dst).
std::size_t token_length(std::string_view text, std::string_view name) {
  const bool braced = text.starts_with('{');
  if (braced) text.remove_prefix(1);
  if (!text.starts_with(name)) return 0;
  const std::string_view rest = text.substr(name.size());
  if (braced) return rest.starts_with('}') ? name.size() + 2 : 0;
  return !rest.empty() && is_identifier_byte(rest.front()) ? 0 : name.size();
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find_first_of(separators, begin);
    if (end == std::string_view::npos) {
      parts.push_back(text.substr(begin));
      return parts;
    }
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

/// The components of a path with `.`, `..` and doubled slashes resolved by the letters. In a
/// relative path a `..` that leads above its start stays.
std::vector<std::string_view> components(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view part : split(path, "/")) {
    if (part.empty() || part == ".") continue;
    const bool goes_up = part == "..";
    if (goes_up && !kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!goes_up || !path.starts_with('/')) {
      kept.push_back(part);
    }
  }
  return kept;
}

}  // namespace

std::string expand_tokens(std::string_view text, const Tokens& tokens) {
  std::string expanded;
  while (!text.empty()) {
    const std::size_t plain = text.find('$');
    expanded += text.substr(0, plain);
    if (plain == std::string_view::npos) break;
    text.remove_prefix(plain + 1);
    if (const auto origin = token_length(text, "ORIGIN"); origin != 0) {
      expanded += tokens.origin;
      text.remove_prefix(origin);
    } else if (const auto platform = token_length(text, "PLATFORM"); platform != 0) {
      expanded += tokens.platform;
      text.remove_prefix(platform);
    } else if (const auto lib = token_length(text, "LIB"); lib != 0) {
      expanded += tokens.lib;
      text.remove_prefix(lib);
    } else {
      expanded += '$';
    }
  }
  return expanded;
}

std::vector<std::string> expand_search_path(std::string_view path, const Tokens& tokens) {
  std::vector<std::string> expanded;
  for (const std::string_view entry : split(path, ":")) {
    expanded.push_back(expand_tokens(entry, tokens));
  }
  return expanded;
}

std::optional<std::vector<std::string>> expand_musl_search_path(std::string_view path,
                                                                const std::string& origin) {
  constexpr std::array<std::string_view, 2> kTokens{"$ORIGIN", "${ORIGIN}"};
  std::string expanded;
  for (std::size_t plain = path.find('$'); plain != std::string_view::npos;
       plain = path.find('$')) {
    expanded += path.substr(0, plain);
    path.remove_prefix(plain);
    const auto* const token = std::ranges::find_if(
        kTokens, [&](std::string_view name) { return path.starts_with(name); });
    if (token == kTokens.end()) return std::nullopt;
    expanded += origin;
    path.remove_prefix(token->size());
  }
  expanded += path;
  const auto entries = split(expanded, ":\n");
  return std::vector<std::string>(entries.begin(), entries.end());
}

std::string normalise_path(std::string_view path) {
  std::string normal = path.starts_with('/') ? "/" : "";
  for (const std::string_view part : components(path)) {
    if (!normal.empty() && normal.back() != '/') normal += '/';
    normal += part;
  }
  return normal.empty() ? "." : normal;
}

std::string relative_origin(std::string_view from_folder, std::string_view to_folder) {
  if (from_folder.starts_with('/') != to_folder.starts_with('/')) {
    throw std::invalid_argument("relative_origin: one folder is absolute and the other is not");
  }
  const auto from = components(from_folder);
  const auto to = components(to_folder);
  std::size_t common = 0;
  while (common < from.size() && common < to.size() && from[common] == to[common]) ++common;

  std::string entry = "$ORIGIN";
  for (std::size_t i = common; i < from.size(); ++i) {
    if (from[i] == "..") {
      throw std::invalid_argument("relative_origin: the folder lies outside the common root");
    }
    entry += "/..";
  }
  for (std::size_t i = common; i < to.size(); ++i) (entry += '/') += to[i];
  return entry;
}

}  // namespace elf
