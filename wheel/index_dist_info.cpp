#include "wheel/index_dist_info.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "wheel/deflate.h"
#include "wheel/error.h"
#include "wheel/file_window.h"
#include "wheel/index_texts.h"
#include "wheel/member_decoder.h"
#include "wheel/zip_format.h"

namespace wheel {
namespace {

constexpr Refusal kNoDistInfo = {"dist-info-missing", "PyPI and uv"};
constexpr Refusal kDistInfos = {"dist-info-count", "pip and uv"};
constexpr Refusal kDistInfoName = {"dist-info-name", "PyPI"};
constexpr Refusal kForeignDistInfo = {"dist-info-name", "PyPI and uv"};
constexpr Refusal kTextMissing = {"dist-info-file", "PyPI and uv"};
constexpr Refusal kUnreadable = {"dist-info-unreadable", "PyPI and uv"};
constexpr Refusal kScheme = {"data-scheme", "pip and uv"};
constexpr Refusal kScriptFolder = {"data-script-folder", "uv"};

constexpr std::string_view kDistInfo = ".dist-info";
constexpr std::uint64_t kLargestText = std::uint64_t{64} << 20;

/// The whole of a member that is stored or deflated, unpacked. Throws wheel::Error where its packed
/// data does not hold what is told, or its CRC does not match.
std::string unpack(int descriptor, const IndexHeader& header, std::uint64_t data_offset) {
  const bool deflated = header.method == zip::kDeflateMethod;
  if (!deflated && header.packed_bytes != header.size) {
    throw Error(header.name, "it is stored, but its packed and unpacked sizes differ");
  }
  const Member plain{.name = header.name,
                     .method = deflated ? Method::kDeflated : Method::kStored,
                     .packed_bytes = header.packed_bytes,
                     .size = header.size,
                     .data_offset = data_offset,
                     .crc = header.crc};
  const auto decoder = quick_decoder(
      [&](std::uint64_t offset, std::span<std::byte> out) {
        read_at(descriptor, data_offset + offset, out);
      },
      plain);
  std::string text(static_cast<std::size_t>(header.size), '\0');
  decoder->decode(std::as_writable_bytes(std::span(text)));
  decoder->finish();
  if (crc32_of(text) != header.crc) {
    throw Error(header.name, "its contents do not match its CRC-32");
  }
  return text;
}

class DistInfo {
 public:
  DistInfo(int descriptor, const std::vector<IndexMember>& members, const Filename& filename,
           IndexReport& report)
      : descriptor_(descriptor), members_(members), filename_(filename), report_(report) {
    for (const IndexMember& member : members) {
      by_name_.emplace(member.header.name, &member);
    }
  }

  void check() {
    check_data();
    const auto folder = find();
    if (!folder) {
      return;
    }
    const IndexTexts texts{.folder = *folder,
                           .metadata = read(*folder + "/METADATA", true),
                           .wheel = read(*folder + "/WHEEL", true),
                           .record = read(*folder + "/RECORD", true),
                           .entry_points = read(*folder + "/entry_points.txt", false)};
    check_index_texts(texts, names(), filename_, report_);
  }

 private:
  std::set<std::string_view> names() const {
    std::set<std::string_view> names;
    for (const auto& [name, member] : by_name_) {
      names.insert(name);
    }
    return names;
  }

  /// The .dist-info folder: the one that the file name asks for, or the only one.
  std::optional<std::string> find() {
    std::set<std::string, std::less<>> folders;
    for (const auto& [name, member] : by_name_) {
      const std::string_view first = name.substr(0, name.find('/'));
      if (first.size() < name.size() && first.ends_with(kDistInfo)) {
        folders.emplace(first);
      }
    }
    if (folders.empty()) {
      report_.tell(kNoDistInfo, "", "it has no .dist-info folder");
      return std::nullopt;
    }
    if (folders.size() > 1) {
      report_.tell(kDistInfos, "",
                   "it has more than one .dist-info folder: " + *folders.begin() + " and " +
                       *std::next(folders.begin()));
    }
    const std::string expected =
        filename_.distribution + "-" + filename_.version + std::string(kDistInfo);
    if (folders.contains(expected)) {
      return expected;
    }
    const std::string& other = *folders.begin();
    const bool foreign = !normalise_name(other).starts_with(normalise_name(filename_.distribution));
    report_.tell(foreign ? kForeignDistInfo : kDistInfoName, other,
                 "by the file name it should be " + expected);
    return other;
  }

  std::optional<std::string> read(const std::string& name, bool required) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) {
      if (required) {
        report_.tell(kTextMissing, name, "it is not there; a wheel must have it");
      }
      return std::nullopt;
    }
    const IndexHeader& header = found->second->header;
    const auto& data_offset = found->second->data_offset;
    const bool known_method =
        header.method == zip::kStoredMethod || header.method == zip::kDeflateMethod;
    if (!data_offset || !known_method) {
      return std::nullopt;  // which has been told
    }
    if (header.size > kLargestText) {
      throw Error(name, "it has " + std::to_string(header.size) + " bytes; more than " +
                            std::to_string(kLargestText) + " are not read of a text");
    }
    try {
      return unpack(descriptor_, header, *data_offset);
    } catch (const Error& error) {
      report_.tell(kUnreadable, name, error.what());
      return std::nullopt;
    }
  }

  void check_data() {
    const std::string data = filename_.distribution + "-" + filename_.version + ".data/";
    for (auto place = by_name_.lower_bound(data);
         place != by_name_.end() && place->first.starts_with(data); ++place) {
      const std::string_view rest = place->first.substr(data.size());
      const std::string_view scheme = rest.substr(0, rest.find('/'));
      const std::string_view path = rest.substr(std::min(scheme.size() + 1, rest.size()));
      constexpr std::array<std::string_view, 5> kSchemes = {"purelib", "platlib", "headers",
                                                            "scripts", "data"};
      if (!rest.empty() && std::find(kSchemes.begin(), kSchemes.end(), scheme) == kSchemes.end()) {
        report_.tell(kScheme, place->first,
                     "installers know only purelib, platlib, headers, scripts and data below "
                     ".data");
      }
      if (scheme == "scripts" && path.find('/') != std::string_view::npos) {
        report_.tell(kScriptFolder, place->first,
                     "it lies in a folder in .data/scripts, where only files may lie");
      }
    }
  }

  int descriptor_;
  const std::vector<IndexMember>& members_;
  const Filename& filename_;
  IndexReport& report_;
  std::map<std::string_view, const IndexMember*> by_name_;
};

}  // namespace

void check_index_dist_info(int descriptor, const std::vector<IndexMember>& members,
                           const Filename& filename, IndexReport& report) {
  DistInfo(descriptor, members, filename, report).check();
}

}  // namespace wheel
