#include "wheel/index_filename.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "wheel/error.h"

namespace wheel {
namespace {

constexpr Refusal kFilename = {"filename", "PyPI and uv"};
// Installers take such a name; older wheels on PyPI have it.
constexpr Refusal kNotNormal = {"filename-name", "PyPI", IndexRule::kPublication};
constexpr Refusal kLocal = {"local-version", "PyPI", IndexRule::kPublication};
constexpr Refusal kPlatform = {"platform-tag", "PyPI", IndexRule::kPublication};
constexpr Refusal kSize = {"file-size", "PyPI", IndexRule::kPublication};
constexpr Refusal kUsualSize = {"file-size-usual", "PyPI", IndexRule::kUnlessAllowed};

// warehouse, constants.py: MAX_FILESIZE, UPLOAD_LIMIT_CAP.
constexpr std::uint64_t kUsualLimit = std::uint64_t{100} << 20;
constexpr std::uint64_t kHardLimit = std::uint64_t{1} << 30;

// What follows is warehouse, legacy.py: _allowed_platforms and the patterns below it.
constexpr std::array<std::string_view, 18> kAllowed = {"any",
                                                       "win32",
                                                       "win_arm64",
                                                       "win_amd64",
                                                       "win_ia64",
                                                       "manylinux1_x86_64",
                                                       "manylinux1_i686",
                                                       "manylinux2010_x86_64",
                                                       "manylinux2010_i686",
                                                       "manylinux2014_x86_64",
                                                       "manylinux2014_i686",
                                                       "manylinux2014_aarch64",
                                                       "manylinux2014_armv7l",
                                                       "manylinux2014_ppc64",
                                                       "manylinux2014_ppc64le",
                                                       "manylinux2014_s390x",
                                                       "linux_armv6l",
                                                       "linux_armv7l"};
constexpr std::array<std::string_view, 7> kLinuxArches = {"x86_64",  "i686",  "aarch64", "armv7l",
                                                          "ppc64le", "s390x", "riscv64"};
constexpr std::array<std::string_view, 11> kMacArches = {
    "ppc", "ppc64", "i386",  "x86_64",    "arm64",     "intel",
    "fat", "fat3",  "fat64", "universal", "universal2"};
constexpr std::array<std::string_view, 6> kMacMajors = {"11", "12", "13", "14", "15", "26"};
constexpr std::array<std::string_view, 4> kAndroidArches = {"armeabi_v7a", "arm64_v8a", "x86",
                                                            "x86_64"};

template <typename List>
bool is_among(const List& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// Takes `prefix` off the front; false where it does not stand there.
bool take(std::string_view& text, std::string_view prefix) {
  const bool has = text.starts_with(prefix);
  text.remove_prefix(has ? prefix.size() : 0);
  return has;
}

/// Takes digits and the `_` behind them; empty where they do not stand there.
std::string_view take_number(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0 || end == text.size() || text[end] != '_') {
    return {};
  }
  const std::string_view number = text.substr(0, end);
  text.remove_prefix(end + 1);
  return number;
}

bool is_known_linux(std::string_view tag) {
  const bool musl = tag.starts_with("musl");
  if (!take(tag, musl ? "musllinux_" : "manylinux_") || take_number(tag).empty() ||
      take_number(tag).empty()) {
    return false;
  }
  return is_among(kLinuxArches, tag) || (!musl && tag == "ppc64");
}

bool is_known_mac(std::string_view tag) {
  if (!take(tag, "macosx_")) {
    return false;
  }
  const std::string_view major = take_number(tag);
  const std::string_view minor = take_number(tag);
  const bool is_release =
      (major == "10" && !minor.empty()) || (is_among(kMacMajors, major) && minor == "0");
  return is_release && is_among(kMacArches, tag);
}

bool is_known_mobile(std::string_view tag) {
  if (take(tag, "android_")) {
    return !take_number(tag).empty() && is_among(kAndroidArches, tag);
  }
  if (take(tag, "ios_")) {
    return !take_number(tag).empty() && !take_number(tag).empty() &&
           (take(tag, "arm64_") || take(tag, "x86_64_")) &&
           (tag.starts_with("iphoneos") || tag.starts_with("iphonesimulator"));
  }
  return take(tag, "pyemscripten_") && !take_number(tag).empty() && !take_number(tag).empty() &&
         tag.starts_with("wasm32");
}

bool is_published(std::string_view tag) {
  return is_among(kAllowed, tag) || is_known_linux(tag) || is_known_mac(tag) ||
         is_known_mobile(tag);
}

}  // namespace

std::optional<Filename> check_index_filename(const std::string& file_name, IndexReport& report) {
  std::optional<Filename> filename;
  try {
    filename = parse_filename(file_name);
  } catch (const Error& error) {
    report.tell(kFilename, "", error.what());
    return std::nullopt;
  }
  const std::string normal = escape_name(filename->distribution);
  if (filename->distribution != normal) {
    report.tell(kNotNormal, "",
                "its file name begins with " + filename->distribution + "; it should with " +
                    normal + ", as names are normalised");
  }
  return filename;
}

void check_publication(const Filename& filename, std::uint64_t file_size, IndexReport& report) {
  if (filename.version.find('+') != std::string::npos) {
    report.tell(kLocal, "", "it is of the local version " + filename.version);
  }
  std::string_view rest = filename.platform_tag;
  while (!rest.empty()) {
    const std::string_view tag = rest.substr(0, rest.find('.'));
    if (!is_published(tag)) {
      report.tell(kPlatform, "",
                  "it is for the platform " + std::string(tag) + ", of which PyPI takes no wheels");
    }
    rest.remove_prefix(std::min(tag.size() + 1, rest.size()));
  }
  if (file_size > kHardLimit) {
    report.tell(kSize, "",
                "it has " + std::to_string(file_size) + " bytes; over " +
                    std::to_string(kHardLimit) + " PyPI takes none");
  } else if (file_size > kUsualLimit) {
    report.tell(kUsualSize, "",
                "it has " + std::to_string(file_size) + " bytes; over " +
                    std::to_string(kUsualLimit) + " a project must have asked PyPI for more");
  }
}

}  // namespace wheel
