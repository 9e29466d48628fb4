#include "wheel/index_members.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "wheel/utf8.h"
#include "wheel/zip_format.h"

namespace wheel {
namespace {

constexpr Refusal kEmptyName = {"zip-name-empty", "uv"};
constexpr Refusal kNotUtf8 = {"zip-name-utf8", "PyPI and uv"};
constexpr Refusal kNotMarked = {"zip-name-unmarked", "PyPI and uv"};
constexpr Refusal kControl = {"zip-name-control", "PyPI and uv"};
constexpr Refusal kOther = {"zip-name-control", "uv"};
constexpr Refusal kEscapes = {"zip-name-escapes", "pip"};
constexpr Refusal kTwice = {"zip-duplicate-name", "PyPI and uv"};
constexpr Refusal kTwiceAlike = {"zip-duplicate-name", "PyPI"};
constexpr Refusal kFolder = {"zip-folder-contents", "uv"};
constexpr Refusal kRatio = {"zip-ratio", "PyPI"};

// warehouse, legacy.py: COMPRESSION_RATIO_MIN_SIZE, COMPRESSION_RATIO_THRESHOLD.
constexpr std::uint64_t kRatioBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostRatio = 50;

/// Whether a name leads out of the folder that it is unpacked to.
bool escapes(std::string_view name) {
  if (name.starts_with('/')) {
    return true;
  }
  std::size_t depth = 0;
  while (!name.empty()) {
    const std::string_view part = name.substr(0, name.find('/'));
    if (part == ".." && depth-- == 0) {
      return true;
    }
    depth += part.empty() || part == "." || part == ".." ? 0 : 1;
    name.remove_prefix(std::min(part.size() + 1, name.size()));
  }
  return false;
}

void check_name(const IndexHeader& header, IndexReport& report) {
  const std::string_view name = header.name;
  if (name.empty()) {
    report.tell(kEmptyName, name, "its name is empty");
  }
  if (!is_utf8(name)) {
    report.tell(kNotUtf8, name, "its name is not UTF-8");
    return;
  }
  const auto byte_is = [&](auto&& test) {
    return std::any_of(name.begin(), name.end(),
                       [&](char c) { return test(static_cast<unsigned char>(c)); });
  };
  if (byte_is([](unsigned char b) { return b < 0x20 || b == 0x7f; })) {
    report.tell(kControl, name, "its name holds a control character");
  } else if (!is_printable(name)) {
    report.tell(kOther, name, "its name holds a character that is not printed");
  }
  if ((header.flags & zip::kUtf8) == 0 && byte_is([](unsigned char b) { return b >= 0x80; })) {
    report.tell(kNotMarked, name, "its name is not ASCII and not marked as UTF-8");
  }
  if (escapes(name)) {
    report.tell(kEscapes, name, "its name leads out of the folder that it is installed to");
  }
}

void check_ratio(const std::vector<IndexMember>& members, std::uint64_t file_size,
                 IndexReport& report) {
  std::uint64_t sum = 0;
  for (const IndexMember& member : members) {
    sum += std::min(member.header.size, ~std::uint64_t{0} - sum);
  }
  if (sum > kRatioBytes && sum > kMostRatio * file_size) {
    report.tell(kRatio, "",
                "it unpacks to " + std::to_string(sum) + " bytes, more than " +
                    std::to_string(kMostRatio) + " times its " + std::to_string(file_size));
  }
}

}  // namespace

void check_index_members(const std::vector<IndexMember>& members, std::uint64_t file_size,
                         IndexReport& report) {
  std::unordered_map<std::string_view, const IndexHeader*> by_name;
  for (const IndexMember& member : members) {
    const IndexHeader& header = member.header;
    check_name(header, report);
    if (const auto [other, is_new] = by_name.emplace(header.name, &header); !is_new) {
      // uv takes two members of one name where the contents are the same.
      const bool alike = other->second->crc == header.crc && other->second->size == header.size &&
                         other->second->local_offset != header.local_offset;
      report.tell(alike ? kTwiceAlike : kTwice, header.name,
                  "its name stands twice in the archive");
    }
    if (header.is_folder() && (header.size != 0 || header.crc != 0)) {
      report.tell(kFolder, header.name, "it is a folder, but has contents");
    }
  }
  check_ratio(members, file_size, report);
}

}  // namespace wheel
