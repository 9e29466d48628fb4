#include "wheel/wheel_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "wheel/error.h"
#include "wheel/sha256.h"
#include "wheel/version.h"

namespace wheel {
namespace {

constexpr std::string_view kDistInfo = ".dist-info";
constexpr std::string_view kData = ".data";

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

std::string_view first_part(std::string_view name) {
  return name.substr(0, name.find('/'));
}

bool is_nested(std::string_view name) {
  return name.find('/') != std::string_view::npos;
}

void check_platform(const Filename& filename) {
  std::string_view rest = filename.platform_tag;
  while (!rest.empty()) {
    const std::string_view tag = rest.substr(0, rest.find('.'));
    if (tag != "any" && !is_linux_platform(tag)) {
      throw Error("", "it is a wheel for the platform " + std::string(tag) +
                          "; only those for Linux, or for any platform, can be read");
    }
    rest.remove_prefix(std::min(tag.size() + 1, rest.size()));
  }
}

std::optional<std::string> normal_version(std::string_view text) {
  std::string version(text);
  std::replace(version.begin(), version.end(), '_', '-');  // as file names escape it
  try {
    return normalise_version(version);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Whether `NAME-VERSION`, as .dist-info and .data folders begin, is that of the file name. Old
/// tools wrote the name as it was given: `Foo.Bar-1.0`, `foo-bar-1.0`; so the last dash is the one
/// between.
bool belongs(std::string_view name_version, const Filename& filename) {
  const std::size_t dash = name_version.rfind('-');
  return dash != std::string_view::npos &&
         normalise_name(name_version.substr(0, dash)) == normalise_name(filename.distribution) &&
         normal_version(name_version.substr(dash + 1)) == normal_version(filename.version);
}

std::set<std::string, std::less<>> top_folders(const Archive& archive, std::string_view suffix) {
  std::set<std::string, std::less<>> folders;
  for (const Member& member : archive.members()) {
    const std::string_view first = first_part(member.name);
    if (is_nested(member.name) && first.ends_with(suffix)) {
      folders.emplace(first);
    }
  }
  return folders;
}

std::string find_dist_info(const Archive& archive, const Filename& filename) {
  const auto folders = top_folders(archive, kDistInfo);
  if (folders.empty()) {
    throw Error("", "it has no .dist-info folder: it is a zip archive, but not a wheel");
  }
  if (folders.size() > 1) {
    throw Error("", "it has more than one .dist-info folder: " + *folders.begin() + " and " +
                        *std::next(folders.begin()));
  }
  const std::string& folder = *folders.begin();
  if (!belongs(std::string_view(folder).substr(0, folder.size() - kDistInfo.size()), filename)) {
    throw Error(folder, "it does not belong to the file name's " + filename.distribution + "-" +
                            filename.version);
  }
  return folder;
}

// Binary distribution format, "The .data directory": the keys of sysconfig's paths that pip knows.
constexpr std::array<std::string_view, 5> kSchemes = {"purelib", "platlib", "headers", "scripts",
                                                      "data"};

std::string find_data(const Archive& archive, const Filename& filename) {
  const auto folders = top_folders(archive, kData);
  for (const std::string& folder : folders) {
    if (!belongs(std::string_view(folder).substr(0, folder.size() - kData.size()), filename)) {
      throw Error(folder, "it does not belong to the file name's " + filename.distribution + "-" +
                              filename.version);
    }
  }
  if (folders.size() > 1) {
    throw Error("", "it has more than one .data folder: " + *folders.begin() + " and " +
                        *std::next(folders.begin()));
  }
  return folders.empty() ? std::string() : *folders.begin();
}

/// A member of .data in two: its scheme, and its path below.
std::pair<std::string_view, std::string_view> scheme_and_path(std::string_view member,
                                                              const std::string& data) {
  const std::string_view rest = member.substr(data.size() + 1);
  const std::string_view scheme = first_part(rest);
  return {scheme, rest.size() > scheme.size() ? rest.substr(scheme.size() + 1) : ""};
}

bool lies_in(std::string_view member, const std::string& folder) {
  return !folder.empty() && first_part(member) == folder && is_nested(member);
}

void check_schemes(const Archive& archive, const std::string& data) {
  for (const Member& member : archive.members()) {
    if (!lies_in(member.name, data) || member.name.size() == data.size() + 1) {
      continue;
    }
    const auto [scheme, path] = scheme_and_path(member.name, data);
    const bool known = std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end();
    if (!known || (path.empty() && !member.is_folder())) {
      throw Error(member.name,
                  "installers know only purelib, platlib, headers, scripts and data below .data");
    }
  }
}

std::string read_required(const Archive& archive, const std::string& name) {
  const Member* const member = archive.find(name);
  if (member == nullptr) {
    throw Error(name, "it is not there; a wheel must have it");
  }
  return archive.read_text(*member);
}

Headers read_headers(const Archive& archive, const std::string& name) {
  std::string text = read_required(archive, name);
  try {
    return Headers(std::move(text));
  } catch (const Error& error) {
    throw Error(name, error.what());
  }
}

/// The one value of a field that must stand once. Twice, and two readers may take two different
/// ones.
std::string the_value(const Headers& headers, const std::string& member, const char* field) {
  const std::vector<std::string> values = headers.get_all(field);
  if (values.size() != 1 || values.front().empty()) {
    throw Error(member, "it has " + std::string(values.size() > 1 ? "more than one" : "no") +
                            " field " + field);
  }
  return values.front();
}

void check_metadata(const Headers& metadata, const std::string& member, const Filename& filename) {
  const std::string format = the_value(metadata, member, "Metadata-Version");
  if (!format.starts_with("1.") && !format.starts_with("2.")) {
    throw Error(member, "its Metadata-Version is " + format + "; only 1.x and 2.x are known");
  }
  const std::string name = the_value(metadata, member, "Name");
  if (normalise_name(name) != normalise_name(filename.distribution)) {
    throw Error(member, "it is of " + name + ", the file name says " + filename.distribution);
  }
  const std::string version = the_value(metadata, member, "Version");
  const auto expected = normal_version(filename.version);
  const auto normal = normal_version(version);
  // A local version may stand in the file name only: builds that are relabelled afterwards do so,
  // and uv takes them.
  if (normal != expected && normal != expected->substr(0, expected->find('+'))) {
    throw Error(member, "it is of version " + version + ", the file name says " + filename.version);
  }
}

void check_wheel(const Headers& wheel, const std::string& member) {
  const std::string format = the_value(wheel, member, "Wheel-Version");
  if (format != "1" && !format.starts_with("1.")) {
    throw Error(member, "its Wheel-Version is " + format + "; only 1.x is known");
  }
}

Record read_record(const Archive& archive, const std::string& name) {
  const std::string text = read_required(archive, name);
  try {
    return parse_record(text);
  } catch (const Error& error) {
    throw Error(name, error.what());
  }
}

void check_row(const RecordRow& row, const Archive& archive, const std::string& record_name) {
  const auto refuse = [&](const std::string& why) {
    throw Error(record_name, "it lists \"" + row.path + "\", " + why);
  };
  const Member* const member = archive.find(row.path);
  if (row.path.ends_with('/')) {
    refuse("a folder; only files may be listed");
  }
  if (member == nullptr) {
    refuse("which is not in the archive");
  }
  if (row.path == record_name) {
    if (!row.hash.empty()) {
      refuse("itself, with a hash that can't be right");
    }
    return;
  }
  if (!is_record_hash(row.hash)) {
    refuse(row.hash.empty() ? "without a hash"
                            : "with the hash \"" + row.hash.substr(0, 100) +
                                  "\"; only sha256, sha384 and sha512 are allowed");
  }
  if (row.size && *row.size != member->size) {
    refuse("with " + std::to_string(*row.size) + " bytes; it has " + std::to_string(member->size));
  }
}

std::map<std::string, RecordRow> check_record(const Record& record, const Archive& archive,
                                              const std::string& dist_info) {
  const std::string name = dist_info + "/RECORD";
  std::map<std::string, RecordRow> rows;
  for (const RecordRow& row : record.rows) {
    check_row(row, archive, name);
    rows.emplace(row.path, row);
  }
  for (const Member& member : archive.members()) {
    // The signatures of RECORD can't stand in it (binary distribution format, "Signed wheel
    // files").
    const bool is_signature = member.name == name + ".jws" || member.name == name + ".p7s";
    if (!member.is_folder() && !is_signature && !rows.contains(member.name)) {
      throw Error(name, "it does not list \"" + member.name + "\", which is in the archive");
    }
  }
  return rows;
}

Filename linux_filename(const std::string& name) {
  Filename filename = parse_filename(name);
  check_platform(filename);
  return filename;
}

WheelFile open_checked(Filename filename, Archive archive) {
  const std::string dist_info = find_dist_info(archive, filename);
  const std::string data = find_data(archive, filename);
  check_schemes(archive, data);
  Headers metadata = read_headers(archive, dist_info + "/METADATA");
  check_metadata(metadata, dist_info + "/METADATA", filename);
  Headers wheel = read_headers(archive, dist_info + "/WHEEL");
  check_wheel(wheel, dist_info + "/WHEEL");
  Record record = read_record(archive, dist_info + "/RECORD");
  auto rows = check_record(record, archive, dist_info);
  return {.archive = std::move(archive),
          .filename = std::move(filename),
          .dist_info = dist_info,
          .data = data,
          .metadata = std::move(metadata),
          .wheel = std::move(wheel),
          .record = std::move(record),
          .rows = std::move(rows)};
}

}  // namespace

WheelFile open_wheel(const std::string& path) {
  Filename filename = linux_filename(base_name(path));
  return open_checked(std::move(filename), Archive::open(path));
}

WheelFile open_wheel(int descriptor, const std::string& file_name) {
  return open_checked(linux_filename(file_name), Archive::open(descriptor));
}

std::string installed_path(const WheelFile& wheel, const std::string& member) {
  if (!lies_in(member, wheel.data)) {
    return member;
  }
  const auto [scheme, path] = scheme_and_path(member, wheel.data);
  if (scheme == "purelib" || scheme == "platlib") {
    return std::string(path);
  }
  // site-packages is PREFIX/lib/pythonX.Y/site-packages; sysconfig's posix_prefix and venv schemes
  // for the rest.
  const std::string prefix = "../../../";
  if (scheme == "scripts") {
    return prefix + "bin/" + std::string(path);
  }
  if (scheme == "headers") {
    return prefix + "include/" + wheel.filename.distribution + "/" + std::string(path);
  }
  return prefix + std::string(path);
}

}  // namespace wheel
