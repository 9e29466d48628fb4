#include "wheel/filename.h"

#include <algorithm>
#include <array>

#include "wheel/error.h"
#include "wheel/version.h"

namespace wheel {
namespace {

constexpr std::string_view kSuffix = ".whl";

// Not <cctype>'s: those ask the locale.
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_alphanumeric(char c) {
  return is_digit(c) || is_letter(c);
}
char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

// Core metadata specification, "Name": what remains of it in a file name, where `-` became `_`.
void check_distribution(std::string_view name) {
  const bool proper =
      !name.empty() && is_alphanumeric(name.front()) && is_alphanumeric(name.back()) &&
      std::all_of(name.begin(), name.end(),
                  [](char c) { return is_alphanumeric(c) || c == '_' || c == '.'; });
  if (!proper) {
    throw Error("", "the file name's distribution part, \"" + std::string(name) +
                        "\", is not the name of a distribution");
  }
}

void check_version(std::string_view version) {
  std::string text(version);
  // `-` is escaped as `_` in file names: `1.0-1` is there as `1.0_1`.
  std::replace(text.begin(), text.end(), '_', '-');
  try {
    normalise_version(text);
  } catch (const Error&) {
    throw Error("", "the file name's version part, \"" + std::string(version) +
                        "\", is not a version (PEP 440)");
  }
}

void check_build(std::string_view build) {
  const bool proper = is_digit(build.empty() ? 'x' : build.front()) &&
                      std::all_of(build.begin(), build.end(), [](char c) {
                        return is_alphanumeric(c) || c == '_' || c == '.';
                      });
  if (!proper) {
    throw Error("", "the file name's build number, \"" + std::string(build) +
                        "\", does not begin with a digit");
  }
}

void check_tag(std::string_view tags, const char* kind) {
  for (const std::string_view tag : split(tags, '.')) {
    const bool proper = !tag.empty() && std::all_of(tag.begin(), tag.end(), [](char c) {
      return is_alphanumeric(c) || c == '_';
    });
    if (!proper) {
      throw Error("", std::string("the file name's ") + kind + " tag, \"" + std::string(tags) +
                          "\", is not a tag");
    }
  }
}

}  // namespace

Filename parse_filename(std::string_view name) {
  if (!name.ends_with(kSuffix)) {
    throw Error("", "the file name does not end with .whl");
  }
  const auto parts = split(name.substr(0, name.size() - kSuffix.size()), '-');
  if (parts.size() != 5 && parts.size() != 6) {
    throw Error("", "the file name has " + std::to_string(parts.size()) +
                        " parts between dashes, not the five or six of "
                        "NAME-VERSION(-BUILD)-PYTHON-ABI-PLATFORM.whl");
  }
  const std::size_t tags = parts.size() - 3;
  Filename filename{.distribution = std::string(parts[0]),
                    .version = std::string(parts[1]),
                    .build = {},
                    .python_tag = std::string(parts[tags]),
                    .abi_tag = std::string(parts[tags + 1]),
                    .platform_tag = std::string(parts[tags + 2])};
  check_distribution(filename.distribution);
  check_version(filename.version);
  if (parts.size() == 6) {
    check_build(parts[2]);
    filename.build = parts[2];
  }
  check_tag(filename.python_tag, "python");
  check_tag(filename.abi_tag, "abi");
  check_tag(filename.platform_tag, "platform");
  return filename;
}

std::string to_string(const Filename& filename) {
  std::string name = filename.distribution + '-' + filename.version;
  if (!filename.build.empty()) {
    name += '-' + filename.build;
  }
  name += '-' + filename.python_tag + '-' + filename.abi_tag + '-' + filename.platform_tag;
  return name.append(kSuffix);
}

std::string normalise_name(std::string_view name) {
  std::string normal;
  bool in_run = false;
  for (const char c : name) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (!separator) {
      normal += to_lower(c);
    } else if (!in_run) {
      normal += '-';
    }
    in_run = separator;
  }
  return normal;
}

std::string escape_name(std::string_view name) {
  std::string escaped = normalise_name(name);
  std::replace(escaped.begin(), escaped.end(), '-', '_');
  return escaped;
}

bool is_linux_platform(std::string_view platform_tag) {
  constexpr std::array<std::string_view, 3> kLinux = {"linux_", "manylinux", "musllinux"};
  const auto tags = split(platform_tag, '.');
  return std::all_of(tags.begin(), tags.end(), [&](std::string_view tag) {
    return std::any_of(kLinux.begin(), kLinux.end(),
                       [&](std::string_view prefix) { return tag.starts_with(prefix); });
  });
}

}  // namespace wheel
