#include "wheel/member_name.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "wheel/error.h"

namespace wheel {
namespace {

// Linux: NAME_MAX and PATH_MAX. A longer name can't be unpacked, and pip, uv and installer stop
// half-way.
constexpr std::size_t kLongestPart = 255;
constexpr std::size_t kLongestName = 4095;

/// A name that may hold anything, fit for a message: bytes that are not printable ASCII as \xNN.
std::string shown(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : name.substr(0, 100)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
  }
  return name.size() > 100 ? text + "..." : text;
}

[[noreturn]] void refuse(std::string_view name, const std::string& why) {
  throw Error(shown(name), "its name " + why);
}

/// The code point at `at`, which moves past it; -1 where the bytes are not UTF-8 (RFC 3629: no
/// overlong form, no surrogate).
std::int32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  const std::size_t size = lead < 0x80             ? 1
                           : (lead & 0xe0) == 0xc0 ? 2
                           : (lead & 0xf0) == 0xe0 ? 3
                           : (lead & 0xf8) == 0xf0 ? 4
                                                   : 0;
  if (size == 0 || size > text.size() - at) {
    return -1;
  }
  std::int32_t point = size == 1 ? lead : lead & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) {
      return -1;
    }
    point = point << 6 | (byte(at + i) & 0x3f);
  }
  at += size;
  constexpr std::int32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return point < kSmallest[size] || point > 0x10ffff || surrogate ? -1 : point;
}

void check_characters(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    const std::int32_t point = next_code_point(name, at);
    if (point < 0) {
      refuse(name, "is not UTF-8");
    }
    if (point < 0x20 || (point >= 0x7f && point <= 0x9f)) {
      refuse(name, "holds a control character");
    }
    if (point == '\\') {
      refuse(name, "holds a backslash, which some unpackers take for a folder's end");
    }
  }
}

void check_part(std::string_view name, std::string_view part) {
  if (part.empty()) {
    refuse(name, "holds an empty folder name");
  }
  if (part == "." || part == "..") {
    refuse(name, "leads through \"" + std::string(part) + "\"");
  }
  if (part.size() > kLongestPart) {
    refuse(name, "holds a part of " + std::to_string(part.size()) + " bytes; file systems take " +
                     std::to_string(kLongestPart));
  }
}

bool is_drive(std::string_view name) {
  const char c = name.empty() ? '0' : name[0];
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter && name.size() > 1 && name[1] == ':';
}

}  // namespace

void check_member_name(std::string_view name) {
  if (name.empty()) {
    refuse(name, "is empty");
  }
  if (name.size() > kLongestName) {
    refuse(name, "is " + std::to_string(name.size()) + " bytes long; file systems take " +
                     std::to_string(kLongestName));
  }
  check_characters(name);
  if (name.front() == '/') {
    refuse(name, "is absolute");
  }
  if (is_drive(name)) {
    refuse(name, "begins with a drive letter");
  }
  std::string_view rest = name.back() == '/' ? name.substr(0, name.size() - 1) : name;
  for (std::size_t slash = 0; slash != std::string_view::npos;) {
    slash = rest.find('/');
    check_part(name, rest.substr(0, slash));
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  }
}

void check_names_differ(const std::vector<Member>& members) {
  // With `/` before every other character, what lies in a folder follows the folder's name
  // directly. So neighbours tell all, in the time of a sort, however long and deep the names are.
  const auto rank = [](char c) { return c == '/' ? 0u : static_cast<unsigned char>(c); };
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const Member& member : members) {
    names.emplace_back(member.name);
  }
  std::sort(names.begin(), names.end(), [&](std::string_view a, std::string_view b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                        [&](char x, char y) { return rank(x) < rank(y); });
  });
  for (std::size_t i = 1; i < names.size(); ++i) {
    const std::string_view name = names[i - 1];
    const std::string_view next = names[i];
    if (name == next) {
      throw Error(std::string(name), "its name stands twice in the archive");
    }
    if (next.size() > name.size() && next.starts_with(name) && next[name.size()] == '/') {
      throw Error(std::string(name), "its name is that of a file and of a folder");
    }
  }
}

}  // namespace wheel
