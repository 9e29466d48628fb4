#include "wheel/wheel_checks.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "wheel/error.h"
#include "wheel/sha256.h"
#include "wheel/wheel_folders.h"

namespace wheel {
namespace {

/// The one value of a field that must stand once. Twice, and two readers may take two different
/// ones; a flaw, as where there is none.
std::optional<std::string> the_value(const Headers& headers, const std::string& member,
                                     const std::string& kind, const char* field,
                                     const FlawSink& found) {
  const std::vector<std::string> values = headers.get_all(field);
  if (values.size() == 1 && !values.front().empty()) {
    return values.front();
  }
  found({.rule = kind + "-field",
         .member = member,
         .what = "it has " + std::string(values.size() > 1 ? "more than one" : "no") + " field " +
                 field});
  return std::nullopt;
}

/// The member that the row matches, or nullptr; what is wrong with it is told.
const Member* check_row(RecordRow& row, const Archive& archive, const std::string& record_name,
                        const FlawSink& found) {
  const auto flaw = [&](const char* rule, const std::string& what) {
    found({.rule = rule, .member = record_name, .what = "it lists \"" + row.path + "\", " + what});
  };
  const Member* const member = archive.find(row.path);
  if (row.path.ends_with('/')) {
    flaw("record-folder", "a folder; only files may be listed");
    return nullptr;
  }
  if (member == nullptr) {
    flaw("record-missing-member", "which is not in the archive");
    return nullptr;
  }
  if (row.path == record_name) {
    if (!row.hash.empty()) {
      flaw("record-self-hash", "itself, with a hash that can't be right");
      row.hash.clear();
    }
    return member;
  }
  if (!is_record_hash(row.hash)) {
    flaw(row.hash.empty() ? "record-no-hash" : "record-hash-kind",
         row.hash.empty() ? "without a hash"
                          : "with the hash \"" + row.hash.substr(0, 100) +
                                "\"; only sha256, sha384 and sha512 are allowed");
    row.hash.clear();
  }
  if (row.size && *row.size != member->size) {
    flaw("record-size",
         "with " + std::to_string(*row.size) + " bytes; it has " + std::to_string(member->size));
  }
  return member;
}

}  // namespace

void check_platform(const Filename& filename, const FlawSink& found) {
  std::string_view rest = filename.platform_tag;
  while (!rest.empty()) {
    const std::string_view tag = rest.substr(0, rest.find('.'));
    if (tag != "any" && !is_linux_platform(tag)) {
      found({.rule = "platform",
             .member = "",
             .what = "it is a wheel for the platform " + std::string(tag) +
                     "; only those for Linux, or for any platform, can be read"});
    }
    rest.remove_prefix(std::min(tag.size() + 1, rest.size()));
  }
}

std::optional<std::string> read_required(const Archive& archive, const std::string& name,
                                         const std::string& kind, const FlawSink& found) {
  const Member* const member = archive.find(name);
  if (member == nullptr) {
    found({.rule = kind + "-missing",
           .member = name,
           .what = "it is not there; a wheel must have it"});
    return std::nullopt;
  }
  try {
    return archive.read_text(*member);
  } catch (const Error& error) {
    found({.rule = kind + "-unreadable", .member = error.member(), .what = error.what()});
    return std::nullopt;
  }
}

std::optional<Headers> read_headers(const Archive& archive, const std::string& name,
                                    const std::string& kind, const FlawSink& found) {
  std::optional<std::string> text = read_required(archive, name, kind, found);
  if (!text) {
    return std::nullopt;
  }
  try {
    return Headers(std::move(*text));
  } catch (const Error& error) {
    found({.rule = kind + "-syntax", .member = name, .what = error.what()});
    return std::nullopt;
  }
}

void check_metadata(const Headers& metadata, const std::string& member, const Filename& filename,
                    const FlawSink& found) {
  const auto value = [&](const char* field) {
    return the_value(metadata, member, "metadata", field, found);
  };
  const auto flaw = [&](const char* rule, const std::string& what) {
    found({.rule = rule, .member = member, .what = what});
  };
  const auto format = value("Metadata-Version");
  if (format && !format->starts_with("1.") && !format->starts_with("2.")) {
    flaw("metadata-format", "its Metadata-Version is " + *format + "; only 1.x and 2.x are known");
  }
  const auto name = value("Name");
  if (name && normalise_name(*name) != normalise_name(filename.distribution)) {
    flaw("metadata-name", "it is of " + *name + ", the file name says " + filename.distribution);
  }
  const auto version = value("Version");
  // A local version may stand in the file name only: builds that are relabelled afterwards do so,
  // and uv takes them.
  const std::string_view expected = filename.version;
  if (version && !is_same_version(*version, expected) &&
      !is_same_version(*version, expected.substr(0, expected.find('+')))) {
    flaw("metadata-version",
         "it is of version " + *version + ", the file name says " + filename.version);
  }
}

void check_wheel(const Headers& wheel, const std::string& member, const FlawSink& found) {
  const auto format = the_value(wheel, member, "wheel", "Wheel-Version", found);
  if (format && *format != "1" && !format->starts_with("1.")) {
    found({.rule = "wheel-version",
           .member = member,
           .what = "its Wheel-Version is " + *format + "; only 1.x is known"});
  }
}

RecordRows check_record(Record record, const Archive& archive, const std::string& member,
                        const FlawSink& found) {
  RecordRows rows(archive);
  for (; !record.rows.empty(); record.rows.pop_front()) {  // in the memory of one of the two
    RecordRow& row = record.rows.front();
    if (const Member* const listed = check_row(row, archive, member, found)) {
      rows.set(*listed, {.hash = std::move(row.hash), .size = row.size});
    }
  }
  for (const Member& other : archive.members()) {
    // The signatures of RECORD can't stand in it (binary distribution format, "Signed wheel
    // files").
    const bool is_signature = other.name == member + ".jws" || other.name == member + ".p7s";
    if (!other.is_folder() && !is_signature && !rows.contains(other.name)) {
      found({.rule = "record-unlisted",
             .member = member,
             .what = "it does not list \"" + other.name + "\", which is in the archive"});
    }
  }
  return rows;
}

}  // namespace wheel
