#include "src/text_evidence.h"

#include <algorithm>

#include "src/glob.h"
#include "src/python_source.h"

namespace spokeshave {

namespace {

constexpr std::uint64_t kLargestText = 4u << 20;  // bytes; larger ones are data with a text's name
constexpr std::size_t kMostPatterns = 256;        // of one file; torch has 16

bool is_name_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '+' ||
         letter == '.';
}

/// Calls take(word) for every run of letters that file names consist of.
template <typename Take>
void for_each_word(std::string_view text, const Take& take) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    while (begin < text.size() && !is_name_letter(text[begin])) {
      ++begin;
    }
    std::size_t end = begin;
    while (end < text.size() && is_name_letter(text[end])) {
      ++end;
    }
    if (end > begin) {
      take(text.substr(begin, end - begin));
    }
    begin = end;
  }
}

/// `-ltorch_cuda` -> `libtorch_cuda.so`; nothing for other words.
std::string linker_flag_target(std::string_view word) {
  return word.starts_with("-l") ? "lib" + std::string(word.substr(2)) + ".so" : std::string();
}

void take(const std::string& name, std::set<std::string>& into) {
  into.insert(name);
}
void take(const std::string& name, std::vector<std::string>& into) {
  if (std::find(into.begin(), into.end(), name) == into.end()) {
    into.push_back(name);
  }
}

template <typename Into>
void take_if_known(const LibraryNames& names, const std::string& candidate, Into& into) {
  if (names.contains(candidate)) {
    take(candidate, into);
  }
}

/// `libcublas.so.*[0-9]`: a name of a library but for what glob(3) fills in.
bool is_library_pattern(std::string_view name) {
  return name.starts_with("lib") && name.find(".so") != std::string_view::npos &&
         name.find_first_of("*?[") != std::string_view::npos;
}

void take_matches(const LibraryNames& names, const std::string& pattern,
                  std::vector<std::string>& into) {
  for (const std::string& name : names) {
    if (glob_matches(pattern, name)) {
      take(name, into);
    }
  }
}

/// Whether `word` occurs in the text where fits(letter before it, letter behind it).
template <typename Fits>
bool occurs(std::string_view text, std::string_view word, const Fits& fits) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (at > 0 && end < text.size() && fits(text[at - 1], text[end])) {
      return true;
    }
  }
  return false;
}

/// Whether a literal of a Python file may be a name, a pattern or a flag as named_in_python() looks
/// for: `.so` or `.so.` ends its name, `lib` begins it, or `-l` a word. In nine of ten files none
/// does, and taking one apart costs more than unpacking it.
bool may_name_libraries(std::string_view text) {
  const auto is_quote = [](char letter) { return letter == '"' || letter == '\''; };
  return occurs(text, ".so", [&](char, char next) { return next == '.' || is_quote(next); }) ||
         occurs(text, "-l", [&](char last, char) { return !is_name_letter(last); }) ||
         occurs(text, "lib", [&](char last, char) { return last == '/' || is_quote(last); });
}

NamedLibraries named_in_python(std::string_view text, const LibraryNames& names) {
  NamedLibraries named;
  if (names.empty() || !may_name_libraries(text)) {
    return named;
  }
  std::size_t patterns = 0;
  for (const std::string_view literal : string_literals(text)) {
    const std::string name(file_name(literal));
    take_if_known(names, name, named.opened);
    if (name.starts_with("lib")) {
      take_if_known(names, name + ".so", named.opened);
    }
    if (is_library_pattern(name) && patterns < kMostPatterns) {
      ++patterns;
      take_matches(names, name, named.searched);
    }
    for_each_word(literal, [&](std::string_view word) {
      take_if_known(names, linker_flag_target(word), named.linked);
    });
  }
  return named;
}

NamedLibraries named_in_text(std::string_view text, const LibraryNames& names) {
  NamedLibraries named;
  for_each_word(text, [&](std::string_view word) {
    take_if_known(names, std::string(word), named.linked);
    take_if_known(names, linker_flag_target(word), named.linked);
  });
  return named;
}

}  // namespace

bool is_python(std::string_view member) {
  return member.ends_with(".py");
}

bool is_evidence_text(std::string_view member, std::uint64_t size) {
  return size <= kLargestText &&
         (is_python(member) || member.ends_with(".cmake") || member.ends_with(".pc"));
}

NamedLibraries libraries_named(std::string_view member, std::string_view text,
                               const LibraryNames& names) {
  return is_python(member) ? named_in_python(text, names) : named_in_text(text, names);
}

}  // namespace spokeshave
