#include "wheel/tags.h"

#include <algorithm>
#include <set>

#include "wheel/error.h"
#include "wheel/text_cursor.h"

namespace wheel {
namespace {

constexpr std::size_t kLongest = 255;  // bytes of a file name (NAME_MAX)

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// The tags of one kind, each of lower-case letters, digits and `_`.
std::vector<std::string> checked_tags(std::string_view tags, const std::string& kind) {
  if (tags.size() > kLongest) {
    throw Error("", "the " + kind + " tag is longer than a file name can be (255 bytes)");
  }
  std::vector<std::string> parts = split(tags, '.');
  std::set<std::string> seen;
  for (const std::string& tag : parts) {
    if (tag.empty()) {
      throw Error("", quoted(tags) + " has an empty " + kind + " tag; several stand with one `.` " +
                          "between");
    }
    const auto odd = std::find_if_not(
        tag.begin(), tag.end(), [](char c) { return is_digit(c) || is_lower(c) || c == '_'; });
    if (odd != tag.end()) {
      throw Error("", quoted(tag) + " is no " + kind +
                          " tag: it is made of lower-case letters, digits and `_`");
    }
    if (!seen.insert(tag).second) {
      throw Error("", quoted(tags) + " names " + quoted(tag) + " twice");
    }
  }
  return parts;
}

/// Takes `17_x86_64`'s number and its `_`; whether they were there.
bool take_number(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0 || end == text.size() || text[end] != '_') {
    return false;
  }
  text.remove_prefix(end + 1);
  return true;
}

/// `x86_64`: an architecture begins with a letter.
bool is_architecture(std::string_view text) {
  return !text.empty() && is_lower(text.front());
}

bool is_platform(std::string_view tag) {
  if (tag == "any") {
    return true;
  }
  if (!is_linux_platform(tag)) {
    return false;
  }
  for (const std::string_view plain :
       {"linux_", "manylinux1_", "manylinux2010_", "manylinux2014_"}) {
    if (tag.starts_with(plain)) {
      return is_architecture(tag.substr(plain.size()));
    }
  }
  for (const std::string_view numbered : {"manylinux_", "musllinux_"}) {
    if (tag.starts_with(numbered)) {
      std::string_view rest = tag.substr(numbered.size());
      return take_number(rest) && take_number(rest) && is_architecture(rest);
    }
  }
  return false;
}

}  // namespace

void check_python_tag(std::string_view tags) {
  for (const std::string& tag : checked_tags(tags, "python")) {
    if (!is_lower(tag.front())) {
      throw Error("", quoted(tag) + " is no python tag: it begins with a letter, as in py3, cp311");
    }
  }
}

void check_abi_tag(std::string_view tags) {
  checked_tags(tags, "abi");
}

void check_platform_tag(std::string_view tags) {
  for (const std::string& tag : checked_tags(tags, "platform")) {
    if (!is_platform(tag)) {
      throw Error("", quoted(tag) +
                          " is no platform of Linux, as linux_x86_64, manylinux2014_x86_64, "
                          "manylinux_2_17_x86_64 and musllinux_1_2_x86_64 are, nor `any`");
    }
  }
}

void check_build(std::string_view build) {
  const bool begins_well = !build.empty() && is_digit(build.front());
  const bool is_proper = std::all_of(build.begin(), build.end(), [](char c) {
    return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '.';
  });
  if (!begins_well || !is_proper || build.size() > kLongest) {
    throw Error("", quoted(build) +
                        " is no build number: it begins with a digit, and letters, digits, `_` "
                        "and `.` may follow");
  }
}

std::vector<std::string> expanded_tags(const Filename& filename) {
  std::vector<std::string> expanded;
  for (const std::string& python : split(filename.python_tag, '.')) {
    for (const std::string& abi : split(filename.abi_tag, '.')) {
      for (const std::string& platform : split(filename.platform_tag, '.')) {
        expanded.push_back(python + '-' + abi + '-' + platform);
      }
    }
  }
  return expanded;
}

}  // namespace wheel
