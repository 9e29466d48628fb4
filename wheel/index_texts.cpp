#include "wheel/index_texts.h"

#include <algorithm>
#include <array>

#include "wheel/entry_points.h"
#include "wheel/error.h"
#include "wheel/index_filename.h"
#include "wheel/index_requires.h"
#include "wheel/metadata.h"
#include "wheel/record.h"
#include "wheel/spec_checks.h"
#include "wheel/utf8.h"
#include "wheel/version.h"

namespace wheel {
namespace {

constexpr Refusal kMetadata = {"metadata", "PyPI and uv"};
constexpr Refusal kMetadataVersion = {"metadata-format", "PyPI"};
constexpr Refusal kName = {"metadata-name", "PyPI and uv"};
constexpr Refusal kVersion = {"metadata-version", "PyPI and uv"};
constexpr Refusal kLocalVersion = {"metadata-version", "PyPI"};
constexpr Refusal kLicenseFile = {"metadata-license-file", "PyPI"};
constexpr Refusal kEncoding = {"metadata-encoding", "PyPI and pip"};
constexpr Refusal kWheel = {"wheel-version", "pip and uv"};
constexpr Refusal kRecord = {"record-csv", "PyPI and uv"};
constexpr Refusal kUnlisted = {"record-unlisted", "PyPI"};
constexpr Refusal kNotThere = {"record-missing-member", "PyPI"};
constexpr Refusal kEntryPoints = {"entry-points", "PyPI and uv"};
constexpr Refusal kEntryPointsForm = {"entry-points", "PyPI"};
constexpr Refusal kReserved = {"entry-points-reserved", "uv"};

// warehouse, metadata.py: SUPPORTED_METADATA_VERSIONS.
constexpr std::array<std::string_view, 8> kFormats = {"1.0", "1.1", "1.2", "2.1",
                                                      "2.2", "2.3", "2.4", "2.5"};

std::optional<Headers> to_headers(const std::optional<std::string>& text, const std::string& member,
                                  const Refusal& refusal, IndexReport& report) {
  try {
    return text ? std::optional(Headers(*text)) : std::nullopt;
  } catch (const Error& error) {
    report.tell(refusal, member, error.what());
    return std::nullopt;
  }
}

void check_version(const std::string& version, const std::string& member, const Filename& filename,
                   IndexReport& report) {
  const auto told = comparable_version(version);
  const auto expected = comparable_version(filename.version);
  if (told && told == expected) {
    return;
  }
  const bool lacks_local = told && expected && *told == expected->substr(0, expected->find('+'));
  report.tell(lacks_local ? kLocalVersion : kVersion, member,
              "it is of version " + version + ", the file name says " + filename.version);
}

void check_license_file(const std::string& path, const std::string& licenses,
                        const std::set<std::string_view>& names, const std::string& member,
                        IndexReport& report) {
  const std::string place = licenses + path;
  if (!names.contains(place)) {
    report.tell(kLicenseFile, member, "its License-File " + path + " is not there, at " + place);
  }
}

void check_metadata(const Headers& metadata, const std::string& folder,
                    const std::set<std::string_view>& names, const Filename& filename,
                    IndexReport& report) {
  const std::string member = folder + "/METADATA";
  const auto format = metadata.get("Metadata-Version");
  if (!format) {
    report.tell(kMetadata, member, "it has no field Metadata-Version");
  } else if (std::find(kFormats.begin(), kFormats.end(), *format) == kFormats.end()) {
    report.tell(kMetadataVersion, member,
                "its Metadata-Version is " + *format + "; PyPI knows 1.0 to 1.2 and 2.1 to 2.5");
  }
  const auto name = metadata.get("Name");
  if (!name) {
    report.tell(kMetadata, member, "it has no field Name");
  } else if (normalise_name(*name) != normalise_name(filename.distribution)) {
    report.tell(kName, member,
                "it is of " + *name + ", the file name says " + filename.distribution);
  }
  if (const auto version = metadata.get("Version")) {
    check_version(*version, member, filename, report);
  } else {
    report.tell(kMetadata, member, "it has no field Version");
  }
  for (const std::string& path : license_files(metadata)) {
    check_license_file(path, folder + "/licenses/", names, member, report);
  }
  if (!is_utf8(metadata.text())) {
    report.tell(kEncoding, member, "it is not UTF-8");
  }
  check_index_requires(metadata, member, report);
}

void check_wheel(const Headers& wheel, const std::string& member, IndexReport& report) {
  const std::string format = wheel.get("Wheel-Version").value_or("");
  if (!format.starts_with("1.")) {
    report.tell(kWheel, member,
                format.empty() ? "it has no field Wheel-Version"
                               : "its Wheel-Version is " + format + "; only 1.x is known");
  }
}

/// warehouse, utils/wheel.py: the names that RECORD lists, against those of the files.
void check_record(const std::string& text, const std::string& member,
                  const std::set<std::string_view>& names, IndexReport& report) {
  if (!is_utf8(text)) {
    report.tell(kRecord, member, "it is not UTF-8");
    return;
  }
  const Record record = parse_record(text, [&](const Flaw& flaw) {
    if (flaw.rule == "record-csv") {
      report.tell(kRecord, member, flaw.what);
    }
  });
  std::set<std::string> listed;
  for (const RecordRow& row : record.rows) {
    std::string path = row.path;
    std::replace(path.begin(), path.end(), '\\', '/');
    if (path.ends_with('/') || !names.contains(path)) {
      report.tell(kNotThere, member, "it lists \"" + path + "\", which is no file of the archive");
    }
    listed.insert(std::move(path));
  }
  for (const std::string_view name : names) {
    const bool is_signature = name == member + ".jws" || name == member + ".p7s";
    const bool is_folder = name.ends_with('/') || name.ends_with('\\');
    if (!name.empty() && !is_folder && !is_signature && !listed.contains(std::string(name))) {
      report.tell(kUnlisted, member,
                  "it does not list \"" + std::string(name) + "\", which is in the archive");
    }
  }
}

bool is_small_number(std::string_view text) {
  return !text.empty() && text.size() <= 3 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// uv, reserved_script_name: what would stand in for an environment's Python.
bool is_reserved(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::string_view text = name;
  text.remove_suffix(text.ends_with(".py") ? 3 : 0);
  constexpr std::array<std::string_view, 7> kReservedNames = {
      "python", "pythonw", "python3", "graalpy", "pypy", "pypy2", "pypy3"};
  if (std::find(kReservedNames.begin(), kReservedNames.end(), text) != kReservedNames.end()) {
    return true;
  }
  if (text.starts_with("python3.") && is_small_number(text.substr(8))) {
    return true;
  }
  const std::size_t prefix = text.starts_with("pythonw3.") ? 9 : 8;
  return (text.starts_with("python3.") || prefix == 9) && text.ends_with('t') &&
         is_small_number(text.substr(prefix, text.size() - prefix - 1));
}

/// warehouse, utils/wheel.py: `[\w.-]+`. Beyond ASCII all letters count as such.
bool is_script_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
  });
}

void check_entry_points(const std::string& text, const std::string& member, IndexReport& report) {
  if (!is_utf8(text)) {
    report.tell(kEntryPoints, member, "it is not UTF-8");
    return;
  }
  std::vector<EntryPoint> points;
  try {
    points = parse_entry_points(text);
  } catch (const Error& error) {
    report.tell(kEntryPoints, member, error.what());
    return;
  }
  for (const EntryPoint& point : points) {
    if (point.section != "console_scripts" && point.section != "gui_scripts") {
      continue;
    }
    if (!is_script_name(point.name)) {
      const bool is_path = point.name.find('/') != std::string::npos;
      report.tell(
          is_path ? kEntryPoints : kEntryPointsForm, member,
          "it names a script \"" + escaped(point.name) + "\"; letters, digits and _ . - are taken");
    } else if (is_reserved(point.name)) {
      report.tell(kReserved, member,
                  "it names a script " + point.name + ", which is the Python of an environment");
    }
  }
}

}  // namespace

void check_index_texts(const IndexTexts& texts, const std::set<std::string_view>& names,
                       const Filename& filename, IndexReport& report) {
  const std::string metadata_name = texts.folder + "/METADATA";
  if (const auto metadata = to_headers(texts.metadata, metadata_name, kMetadata, report)) {
    check_metadata(*metadata, texts.folder, names, filename, report);
  }
  const std::string wheel_name = texts.folder + "/WHEEL";
  if (const auto wheel = to_headers(texts.wheel, wheel_name, kWheel, report)) {
    check_wheel(*wheel, wheel_name, report);
  }
  if (texts.record) {
    check_record(*texts.record, texts.folder + "/RECORD", names, report);
  }
  if (texts.entry_points) {
    check_entry_points(*texts.entry_points, texts.folder + "/entry_points.txt", report);
  }
}

}  // namespace wheel
