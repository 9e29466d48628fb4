#include "wheel/spec_checks.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace wheel {
namespace {

void check_record_rows(const WheelFile& wheel, const FlawSink& found) {
  const std::string record_name = wheel.dist_info + "/RECORD";
  const auto flaw = [&](const char* rule, const std::string& path, const char* what) {
    found({.rule = rule, .member = record_name, .what = "it lists \"" + path + "\", " + what});
  };
  wheel.rows.for_each([&](const std::string& path, const RecordRows::Row& row) {
    if (path == record_name && row.size) {
      flaw("record-self-size", path, "itself, with a size");
    }
    if (path == record_name + ".jws" || path == record_name + ".p7s") {
      flaw("record-signature", path, "a signature of RECORD, which can't stand in it");
    }
  });
}

void check_license_file(const WheelFile& wheel, const std::string& path, const FlawSink& found) {
  const std::string place = wheel.dist_info + "/licenses/" + path;
  if (wheel.archive.find(place) == nullptr) {
    found({.rule = "metadata-license-file",
           .member = wheel.dist_info + "/METADATA",
           .what = "its License-File " + path + " is not there, at " + place});
  }
}

bool is_boolean(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text == "true" || text == "false";
}

}  // namespace

void check_wheel_fields(const Headers& wheel, const std::string& member, const Filename& filename,
                        const FlawSink& found) {
  const auto flaw = [&](const char* rule, const std::string& what) {
    found({.rule = rule, .member = member, .what = what});
  };
  const auto pure = wheel.get("Root-Is-Purelib");
  if (!pure || !is_boolean(*pure)) {
    flaw("wheel-purelib", pure ? "its Root-Is-Purelib is " + *pure + ", neither true nor false"
                               : "it has no field Root-Is-Purelib");
  }
  if (!wheel.get("Tag")) {
    flaw("wheel-no-tag", "it has no field Tag");
  }
  const auto build = wheel.get("Build");
  const std::string& expected = filename.build;
  if (build && *build != expected) {
    flaw("wheel-build", "its Build is " + *build + ", the file name " +
                            (expected.empty() ? "has none" : "says " + expected));
  }
}

std::vector<std::string> license_files(const Headers& metadata) {
  const std::string format = metadata.get("Metadata-Version").value_or("");
  const std::size_t dot = format.find('.');
  const auto number = [](std::string_view text) {
    unsigned value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  };
  const unsigned major = number(std::string_view(format).substr(0, dot));
  const unsigned minor =
      dot == std::string::npos ? 0 : number(std::string_view(format).substr(dot + 1));
  const bool binding = major > 2 || (major == 2 && minor >= 4);
  return binding ? metadata.get_all("License-File") : std::vector<std::string>();
}

void check_spec(const WheelFile& wheel, const FlawSink& found) {
  check_record_rows(wheel, found);
  for (const std::string& path : license_files(wheel.metadata)) {
    check_license_file(wheel, path, found);
  }
  if (!wheel.wheel.text().empty()) {  // or it has been told that WHEEL is not there
    check_wheel_fields(wheel.wheel, wheel.dist_info + "/WHEEL", wheel.filename, found);
  }
}

}  // namespace wheel
