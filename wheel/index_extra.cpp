#include "wheel/index_extra.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "wheel/utf8.h"
#include "wheel/zip_format.h"

namespace wheel {
namespace {

using zip::u16;
using zip::u64;
using Bytes = std::span<const std::byte>;

/// What is refused under one name, by one of the two or by both.
struct ByEither {
  std::string_view rule;

  void tell(bool by_pypi, bool by_uv, const std::string& member, const std::string& what,
            IndexReport& report) const {
    if (by_pypi || by_uv) {
      const char* const both = by_uv ? "PyPI and uv" : "PyPI";
      report.tell({rule, by_pypi ? both : "uv"}, member, what);
    }
  }
};

constexpr ByEither kExtra = {"zip-extra"};
constexpr ByEither kTwice = {"zip-extra-duplicate"};
constexpr ByEither kZip64 = {"zip64-extra"};
constexpr ByEither kPath = {"zip-unicode-path"};

/// Calls `take` with the id and the bytes of each extra field; gives what is left over behind them.
template <typename Take>
Bytes each_extra(Bytes extra, Take&& take) {
  while (extra.size() >= 4 && u16(extra, 2) <= extra.size() - 4) {
    take(u16(extra, 0), extra.subspan(4, u16(extra, 2)));
    extra = extra.subspan(std::size_t{4} + u16(extra, 2));
  }
  return extra;
}

/// How many bytes a zip64 field has by APPNOTE 4.5.3: eight for each value that is left to it.
std::size_t zip64_bytes(std::span<std::uint64_t* const> values) {
  const auto count = std::count_if(values.begin(), values.end(), [](const std::uint64_t* value) {
    return *value == zip::kSentinel32;
  });
  return 8 * static_cast<std::size_t>(count);
}

void apply_central_zip64(IndexHeader& header, Bytes field, IndexReport& report) {
  const std::array values = {&header.size, &header.packed_bytes, &header.local_offset};
  const std::size_t expected = zip64_bytes(values);
  // A field that holds more is read all the same, but for uv.
  kZip64.tell(field.size() < expected, field.size() != expected, header.name,
              "its zip64 field has " + std::to_string(field.size()) + " bytes; " +
                  std::to_string(expected) + " are left to it",
              report);
  std::size_t at = 0;
  for (std::uint64_t* value : values) {
    if (*value != zip::kSentinel32) {
      continue;
    }
    const bool is_there = field.size() - at >= 8;
    *value = is_there ? u64(field, at) : 0;
    at += is_there ? 8 : 0;
  }
}

void apply_local_zip64(IndexHeader& header, Bytes field, IndexReport& report) {
  const std::size_t size = field.size();
  const std::array values = {&header.size, &header.packed_bytes};
  const std::size_t expected = zip64_bytes(values);
  const bool known_size = size == 0 || size == 8 || size == 16 || size == 24 || size == 28;
  const bool by_pypi = !known_size || (size == 0 && expected != 0) ||
                       (size == 8 && header.method != zip::kStoredMethod);
  const bool both_again = size == 16 && expected == 0 && u64(field, 0) == header.size &&
                          u64(field, 8) == header.packed_bytes;
  kZip64.tell(by_pypi, size != expected && !both_again, header.name,
              "its local zip64 field has " + std::to_string(size) + " bytes; " +
                  std::to_string(expected) + " are left to it",
              report);
  if (known_size && size >= 8) {  // warehouse takes the packed size from it in any case
    header.size = header.size == zip::kSentinel32 ? u64(field, 0) : header.size;
    header.packed_bytes = u64(field, size == 8 ? 0 : 8);
  }
}

/// Info-ZIP's second name (APPNOTE 4.6.9): a version, the CRC of the first name, the name.
void check_unicode_path(const std::string& member, Bytes field, IndexReport& report) {
  constexpr std::size_t kHeader = 5;
  const bool cut_off = field.empty() || (field[0] == std::byte{1} && field.size() < kHeader);
  const Bytes rest = field.subspan(std::min(kHeader, field.size()));
  const std::string_view second(reinterpret_cast<const char*>(rest.data()), rest.size());
  const bool control = std::any_of(second.begin(), second.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
  kPath.tell(
      control || !is_utf8(second), cut_off, member,
      "its second name, in an extra field, is cut off, not UTF-8, or has a control character",
      report);
}

}  // namespace

void read_index_local_extra(IndexHeader& header, Bytes extra, IndexReport& report) {
  std::set<std::uint16_t> seen;
  const Bytes rest = each_extra(extra, [&](std::uint16_t id, Bytes field) {
    const bool counts = id == zip::kZip64Extra || id == zip::kUnicodePath;
    if (!seen.insert(id).second) {
      kTwice.tell(counts, true, header.name,
                  "the extra field " + std::to_string(id) + " stands twice in its local header",
                  report);
    } else if (id == zip::kZip64Extra) {
      apply_local_zip64(header, field, report);
    } else if (id == zip::kUnicodePath) {
      check_unicode_path(header.name, field, report);
    }
  });
  kExtra.tell(!rest.empty(), rest.size() >= 4, header.name,
              "the extra fields of its local header are cut off", report);
}

void read_index_central_extra(IndexHeader& header, Bytes extra, IndexReport& report) {
  std::set<std::uint16_t> seen;
  const Bytes rest = each_extra(extra, [&](std::uint16_t id, Bytes field) {
    if (!seen.insert(id).second) {
      kTwice.tell(false, true, header.name,
                  "the extra field " + std::to_string(id) + " stands twice in its central header",
                  report);
    } else if (id == zip::kZip64Extra) {
      apply_central_zip64(header, field, report);
    }
  });
  kExtra.tell(rest.size() >= 4, rest.size() >= 4, header.name,
              "the extra fields of its central header are cut off", report);
}

}  // namespace wheel
