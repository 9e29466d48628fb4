#include "wheel/index_archive.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_set>

#include "wheel/counted.h"
#include "wheel/error.h"
#include "wheel/index_end.h"
#include "wheel/zip_format.h"
#include "wheel/zip_structure.h"

namespace wheel {
namespace {

constexpr Refusal kDirectoryPlace = {"zip-directory-place", "PyPI and uv"};
constexpr Refusal kDirectoryCount = {"zip-directory-count", "PyPI and uv"};
constexpr Refusal kDirectorySize = {"zip-directory-size", "PyPI and uv"};
constexpr Refusal kPrefix = {"zip-prefix", "PyPI and uv"};
constexpr Refusal kGap = {"zip-gap", "PyPI and uv"};
constexpr Refusal kNoLocalHeader = {"zip-no-local-header", "PyPI and uv"};
constexpr Refusal kHidden = {"zip-hidden-member", "PyPI and uv"};
// warehouse matches the headers by their names, uv by where they stand.
constexpr Refusal kLocalElsewhere = {"zip-no-local-header", "uv"};
constexpr Refusal kHiddenElsewhere = {"zip-hidden-member", "uv"};
constexpr Refusal kDescriptor = {"zip-data-descriptor", "PyPI"};
constexpr Refusal kNameDiffers = {"zip-name-differs", "PyPI and uv"};
constexpr Refusal kSizeDiffers = {"zip-size-differs", "PyPI and uv"};
constexpr Refusal kCrcDiffers = {"zip-crc-differs", "uv"};
constexpr Refusal kMethodDiffers = {"zip-method-differs", "uv"};

/// The central directory as it was found.
struct Directory {
  std::vector<IndexMember> members;
  std::uint64_t begin = 0;
  std::uint64_t shift = 0;  ///< what stands before the archive, bytes
};

bool is_central(FileWindow& file, std::uint64_t offset) {
  return signature_at(file, offset) == zip::central::kSignature;
}

/// Where the central directory really begins: where it is told, or else right before the end
/// records, by its size.
std::optional<std::uint64_t> find_directory(FileWindow& file, const IndexEnd& end) {
  const std::uint64_t by_size = end.begin - std::min(end.begin, end.told.bytes);
  for (const std::uint64_t place : {end.told.offset, by_size}) {
    if (place <= end.begin && (is_central(file, place) || place == end.begin)) {
      return place;
    }
  }
  return std::nullopt;
}

void tell_place(FileWindow& file, const IndexEnd& end, Directory& directory, IndexReport& report) {
  if (directory.begin == end.told.offset) {
    return;
  }
  // Python's zipfile, and all who sign archives with a program in front, take the offsets as
  // counted from where the archive begins.
  const std::uint64_t shift = directory.begin - std::min(directory.begin, end.told.offset);
  const bool shifted = shift != 0 && !directory.members.empty() &&
                       signature_at(file, directory.members.front().header.local_offset + shift) ==
                           zip::local::kSignature;
  if (shifted) {
    directory.shift = shift;
    report.tell(kPrefix, "", counted(shift, "byte stands", "bytes stand") + " before the archive");
    return;
  }
  report.tell(kDirectoryPlace, "",
              "its central directory begins at byte " + std::to_string(directory.begin) +
                  ", its end record says " + std::to_string(end.told.offset));
}

Directory read_directory(FileWindow& file, const IndexEnd& end, std::uint64_t begin,
                         IndexReport& report) {
  Directory directory{.members = {}, .begin = begin, .shift = 0};
  std::uint64_t at = begin;
  while (at < end.begin) {
    auto header = read_index_central(file, at, report);
    if (!header) {
      break;
    }
    at += header->bytes;
    directory.members.push_back({.header = std::move(*header), .data_offset = {}});
    check_member_memory(directory.members.size(), at - begin);
  }
  if (directory.members.size() != end.told.count) {
    report.tell(kDirectoryCount, "",
                "its central directory holds " +
                    counted(directory.members.size(), "member", "members") +
                    ", its end record tells " + std::to_string(end.told.count));
  }
  if (at < end.begin) {
    report.tell(kGap, "",
                counted(end.begin - at, "byte belongs", "bytes belong") +
                    " to nothing, behind the central directory, at byte " + std::to_string(at));
  } else if (at - begin != end.told.bytes) {
    report.tell(kDirectorySize, "",
                "its central directory has " + std::to_string(at - begin) +
                    " bytes, its end record tells " + std::to_string(end.told.bytes));
  }
  tell_place(file, end, directory, report);
  return directory;
}

void compare(const IndexHeader& local, const IndexHeader& central, IndexReport& report) {
  if (local.name != central.name) {
    report.tell(kNameDiffers, central.name, "its local header tells another name");
  }
  // Behind the data they stand once more; left at 0 before it (APPNOTE 4.4.4, bit 3).
  const bool open = local.has_descriptor();
  const auto agree = [&](std::uint64_t a, std::uint64_t b) { return a == b || (open && a == 0); };
  if (!agree(local.packed_bytes, central.packed_bytes) || !agree(local.size, central.size)) {
    report.tell(kSizeDiffers, central.name,
                "its local header tells other sizes than the central directory");
  }
  if (!agree(local.crc, central.crc)) {
    report.tell(kCrcDiffers, central.name,
                "its local header tells another CRC-32 than the central directory");
  }
  if (local.method != central.method) {
    report.tell(kMethodDiffers, central.name,
                "its local header tells another compression than the central directory");
  }
}

/// The members' local headers, from the archive's first byte to its central directory.
class LocalWalk {
 public:
  LocalWalk(FileWindow& file, Directory& directory, IndexReport& report)
      : file_(file), directory_(directory), report_(report) {
    for (std::size_t i = 0; i < directory.members.size(); ++i) {
      by_offset_.emplace(directory.members[i].header.local_offset + directory.shift, i);
      names_.insert(directory.members[i].header.name);
    }
  }

  void run() {
    std::uint64_t met = 0;
    std::uint64_t at = directory_.shift;
    while (at < directory_.begin) {
      const auto local = read_index_local(file_, at, report_);
      if (local) {
        check_member_memory(++met, 0);
        at = behind(*local, at);
      } else {
        const std::uint64_t next = next_known(at);
        report_.tell(kGap, "",
                     counted(next - at, "byte belongs", "bytes belong") +
                         " to no member, at byte " + std::to_string(at));
        at = next;
      }
    }
    tell_unmatched();
  }

 private:
  /// Where the next member begins by the central directory, or the directory itself.
  std::uint64_t next_known(std::uint64_t at) const {
    const auto next = by_offset_.upper_bound(at);
    return next == by_offset_.end() ? directory_.begin : std::min(next->first, directory_.begin);
  }

  bool leads_on(std::uint64_t at) {
    return at == directory_.begin ||
           (at < directory_.begin && signature_at(file_, at) == zip::local::kSignature);
  }

  static std::string hidden_at(std::uint64_t at) {
    return "it has a local header at byte " + std::to_string(at) +
           ", but none in the central directory that leads there";
  }

  void hide(const IndexHeader& local, std::uint64_t at) {
    const auto name = names_.find(local.name);
    if (name == names_.end()) {
      report_.tell(kHidden, local.name, hidden_at(at));
    } else {
      hidden_.emplace(*name, at);
    }
  }

  /// Members without a local header, and local headers at places that none of their name leads to.
  /// warehouse matches them by name: one of the one for one of the other is right for it.
  void tell_unmatched() {
    std::unordered_set<std::string_view> matched;
    for (const IndexMember& member : directory_.members) {
      const std::string& name = member.header.name;
      if (member.data_offset) {
        matched.insert(name);
      } else {
        report_.tell(hidden_.contains(name) ? kLocalElsewhere : kNoLocalHeader, name,
                     "it has no local header where the archive, read from its start, has one");
      }
    }
    for (const auto& [name, at] : hidden_) {
      report_.tell(matched.contains(name) ? kHidden : kHiddenElsewhere, name, hidden_at(at));
    }
  }

  /// Compares the local header at `at` with the central ones that lead to it, and gives where what
  /// belongs to it ends.
  std::uint64_t behind(const IndexHeader& local, std::uint64_t at) {
    const std::uint64_t data = at + local.bytes;
    std::uint64_t packed = local.packed_bytes;
    const auto [first, last] = by_offset_.equal_range(at);
    for (auto place = first; place != last; ++place) {
      IndexMember& member = directory_.members[place->second];
      member.data_offset = data;
      compare(local, member.header, report_);
      const std::uint64_t told = member.header.packed_bytes;
      const bool is_local_good =
          !local.has_descriptor() && packed <= directory_.begin - data && leads_on(data + packed);
      packed = is_local_good ? packed : told;
    }
    if (first == last) {
      hide(local, at);
    }
    if (local.has_descriptor()) {
      report_.tell(kDescriptor, local.name, "its sizes stand in a data descriptor behind its data");
    }
    if (data > directory_.begin || packed > directory_.begin - data) {
      report_.tell(kGap, local.name, "its packed data reaches into the central directory");
      return next_known(at);
    }
    if (!local.has_descriptor()) {
      return data + packed;
    }
    return first == last ? next_known(at)
                         : std::min(descriptor_end(file_, data + packed), directory_.begin);
  }

  FileWindow& file_;
  Directory& directory_;
  IndexReport& report_;
  std::multimap<std::uint64_t, std::size_t> by_offset_;    ///< places in members
  std::unordered_set<std::string_view> names_;             ///< in the central directory
  std::multimap<std::string_view, std::uint64_t> hidden_;  ///< of those, local headers elsewhere
};

}  // namespace

std::vector<IndexMember> read_index_archive(FileWindow& file, IndexReport& report) {
  const IndexEnd end = read_index_end(file, report);
  const auto begin = find_directory(file, end);
  if (!begin) {
    report.tell(kDirectoryPlace, "",
                "there is no central directory where its end record says that it is, at byte " +
                    std::to_string(end.told.offset));
    return {};
  }
  Directory directory = read_directory(file, end, *begin, report);
  LocalWalk(file, directory, report).run();
  return std::move(directory.members);
}

}  // namespace wheel
