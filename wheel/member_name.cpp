#include "wheel/member_name.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <string>

#include "wheel/error.h"
#include "wheel/utf8.h"

namespace wheel {
namespace {

// Linux: NAME_MAX and PATH_MAX. A longer name can't be unpacked, and pip, uv and installer stop
// half-way.
constexpr std::size_t kLongestPart = 255;
constexpr std::size_t kLongestName = 4095;

[[noreturn]] void refuse(std::string_view name, const std::string& why) {
  throw Error(escaped(name), "its name " + why);
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

// With `/` before every other character. Most names begin like their neighbours: eight bytes at a
// time.
bool is_name_before(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (common - at >= sizeof(std::uint64_t) &&
         std::memcmp(a.data() + at, b.data() + at, sizeof(std::uint64_t)) == 0) {
    at += sizeof(std::uint64_t);
  }
  while (at < common && a[at] == b[at]) {
    ++at;
  }
  if (at == common) {
    return a.size() < b.size();
  }
  const auto rank = [](char c) { return c == '/' ? 0u : static_cast<unsigned char>(c); };
  return rank(a[at]) < rank(b[at]);
}

std::vector<std::uint32_t> order_by_name(const std::vector<Member>& members) {
  std::vector<std::uint32_t> order(members.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return is_name_before(members[a].name, members[b].name);
  });
  // Neighbours tell all, in the time of a sort, however long and deep the names are.
  for (std::size_t i = 1; i < order.size(); ++i) {
    const std::string_view name = members[order[i - 1]].name;
    const std::string_view next = members[order[i]].name;
    if (name == next) {
      throw Error(std::string(name), "its name stands twice in the archive");
    }
    if (next.size() > name.size() && next.starts_with(name) && next[name.size()] == '/') {
      throw Error(std::string(name), "its name is that of a file and of a folder");
    }
  }
  return order;
}

}  // namespace wheel
