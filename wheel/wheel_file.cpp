#include "wheel/wheel_file.h"

#include <optional>
#include <utility>

#include "wheel/error.h"
#include "wheel/flaw_limit.h"
#include "wheel/record.h"
#include "wheel/spec_checks.h"
#include "wheel/wheel_checks.h"
#include "wheel/wheel_folders.h"

namespace wheel {
namespace {

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

void refuse(const Flaw& flaw) {
  throw Error(flaw.member, flaw.what);
}

Filename read_filename(const std::string& name, const FlawSink& found) {
  Filename filename = parse_filename(name);
  check_platform(filename, found);
  return filename;
}

std::optional<Record> read_record(const Archive& archive, const std::string& name,
                                  const FlawSink& found) {
  const std::optional<std::string> text = read_required(archive, name, "record", found);
  if (!text) {
    return std::nullopt;
  }
  return parse_record(*text, [&](const Flaw& flaw) {
    found({.rule = flaw.rule, .member = name, .what = flaw.what});
  });
}

WheelFile open_checked(Filename filename, Archive archive, const FlawSink& found) {
  const std::string dist_info = find_dist_info(archive, filename, found);
  const std::string data = find_data(archive, filename, dist_info, found);
  check_schemes(archive, data, found);
  const std::string metadata_name = dist_info + "/METADATA";
  const auto metadata = read_headers(archive, metadata_name, "metadata", found);
  if (metadata) {
    check_metadata(*metadata, metadata_name, filename, found);
  }
  const std::string wheel_name = dist_info + "/WHEEL";
  const auto wheel = read_headers(archive, wheel_name, "wheel", found);
  if (wheel) {
    check_wheel(*wheel, wheel_name, found);
  }
  const std::string record_name = dist_info + "/RECORD";
  auto record = read_record(archive, record_name, found);
  std::string newline = Record{}.newline;
  RecordRows rows;
  if (record) {
    newline = record->newline;
    rows = check_record(std::move(*record), archive, record_name, found);
  }
  return {.archive = std::move(archive),
          .filename = std::move(filename),
          .dist_info = dist_info,
          .data = data,
          .metadata = metadata.value_or(Headers("")),
          .wheel = wheel.value_or(Headers("")),
          .rows = std::move(rows),
          .record_newline = std::move(newline)};
}

}  // namespace

WheelFile open_wheel(const std::string& path) {
  Filename filename = read_filename(base_name(path), refuse);
  return open_checked(std::move(filename), Archive::open(path), refuse);
}

WheelFile open_wheel(int descriptor, const std::string& file_name) {
  return open_checked(read_filename(file_name, refuse), Archive::open(descriptor), refuse);
}

WheelFile open_flawed_wheel(const std::string& path, const FlawSink& found) {
  FlawLimit limit(found);
  const FlawSink limited = [&](const Flaw& flaw) { limit.tell(flaw); };
  Filename filename = read_filename(base_name(path), limited);
  WheelFile wheel = open_checked(std::move(filename), Archive::open(path), limited);
  check_spec(wheel, limited);
  limit.tell_rest();
  return wheel;
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
