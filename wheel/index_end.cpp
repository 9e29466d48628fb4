#include "wheel/index_end.h"

#include <algorithm>
#include <optional>
#include <string>

#include "wheel/counted.h"
#include "wheel/error.h"
#include "wheel/index_headers.h"
#include "wheel/zip_format.h"

namespace wheel {
namespace {

using zip::u16;
using zip::u32;
using zip::u64;
using Bytes = std::span<const std::byte>;

constexpr Refusal kTrailing = {"zip-trailing-data", "PyPI and uv"};
constexpr Refusal kTrailingZeros = {"zip-trailing-data", "PyPI"};
constexpr Refusal kComment = {"zip-comment", "uv"};
constexpr Refusal kArchiveComment = {"zip-comment", "PyPI and uv"};
constexpr Refusal kTwoCounts = {"zip-two-counts", "PyPI and uv"};
constexpr Refusal kDisks = {"zip-disks", "uv"};
constexpr Refusal kZip64Data = {"zip64-extensible-data", "PyPI and uv"};
constexpr Refusal kZip64Locator = {"zip64-locator", "uv"};
constexpr Refusal kNoZip64Locator = {"zip64-locator", "PyPI and uv"};
constexpr Refusal kContradiction = {"zip64-contradiction", "uv"};
constexpr Refusal kGap = {"zip-gap", "PyPI and uv"};

/// Where the end record begins: the first one in the tail whose comment ends with the file, or else
/// the last one, as Python's zipfile takes it.
std::uint64_t find_end(FileWindow& file) {
  const std::uint64_t size = file.file_size();
  constexpr std::uint64_t kLongest = zip::end::kBytes + 0xffff;
  const std::uint64_t begin = size - std::min(size, kLongest);
  const Bytes tail = file.at(begin, static_cast<std::size_t>(size - begin), "the end record");
  std::optional<std::size_t> last;
  for (std::size_t at = 0; at + zip::end::kBytes <= tail.size(); ++at) {
    if (u32(tail, at) != zip::end::kSignature) {
      continue;
    }
    if (tail.size() - at - zip::end::kBytes == u16(tail, at + zip::end::kCommentSize)) {
      return begin + at;
    }
    last = at;
  }
  if (!last) {
    throw Error("", "it is not a zip archive, or it is truncated: there is no end record");
  }
  return begin + *last;
}

/// Tells what is refused of the archive comment, and of what stands behind it.
void check_tail(FileWindow& file, std::uint64_t begin, IndexReport& report) {
  const std::uint64_t left = file.file_size() - begin - zip::end::kBytes;
  const Bytes record = file.at(begin, static_cast<std::size_t>(zip::end::kBytes + left), "the end");
  const std::size_t comment_size = u16(record, zip::end::kCommentSize);
  const Bytes behind = record.subspan(zip::end::kBytes);
  if (comment_size > behind.size()) {
    report.tell(kTrailing, "", "the file ends within its archive comment");
    return;
  }
  const Bytes comment = behind.first(comment_size);
  // uv: what is a zip archive must have such bytes, a comment need not.
  const bool odd = std::any_of(comment.begin(), comment.end(),
                               [](std::byte b) { return b >= std::byte{1} && b <= std::byte{8}; });
  bool holds_end = false;  // Python's zipfile, under warehouse, takes the last one
  for (std::size_t at = 0; at + zip::end::kBytes <= comment.size(); ++at) {
    holds_end = holds_end || u32(comment, at) == zip::end::kSignature;
  }
  if (odd) {
    report.tell(holds_end ? kArchiveComment : kComment, "",
                "its archive comment may hold another archive");
  }
  const Bytes trailing = behind.subspan(comment_size);
  if (!trailing.empty()) {
    const bool zeros = std::all_of(trailing.begin(), trailing.end(),
                                   [](std::byte b) { return b == std::byte{0}; });
    report.tell(zeros ? kTrailingZeros : kTrailing, "",
                counted(trailing.size(), "byte stands", "bytes stand") + " behind its end record");
  }
}

/// Reads the zip64 end record at `begin`; `next` is where the locator, or else the end record,
/// begins.
IndexEnd read_end64(FileWindow& file, std::uint64_t begin, std::uint64_t next,
                    IndexReport& report) {
  const Bytes record = file.at(begin, zip::end64::kBytes, "the zip64 end record");
  const IndexEnd end = {.told = {.offset = u64(record, zip::end64::kDirectoryOffset),
                                 .bytes = u64(record, zip::end64::kDirectorySize),
                                 .count = u64(record, zip::end64::kCount)},
                        .begin = begin};
  if (u64(record, zip::end64::kCountHere) != end.told.count) {
    report.tell(kTwoCounts, "", "its zip64 end record tells two numbers of members");
  }
  constexpr std::uint64_t kPlain = zip::end64::kBytes - 12;  // what follows the size itself
  if (u64(record, zip::end64::kRecordSize) != kPlain) {
    report.tell(kZip64Data, "",
                "its zip64 end record has " + std::to_string(u64(record, zip::end64::kRecordSize)) +
                    " bytes, not " + std::to_string(kPlain) + ": extensible data is not taken");
  } else if (next != begin + zip::end64::kBytes) {
    report.tell(kGap, "", "bytes that belong to nothing stand behind its zip64 end record");
  }
  return end;
}

bool has_end64(FileWindow& file, std::uint64_t begin, std::uint64_t next) {
  return begin < next && next - begin >= zip::end64::kBytes &&
         signature_at(file, begin) == zip::end64::kSignature;
}

IndexEnd read_end32(FileWindow& file, std::uint64_t begin, IndexReport& report) {
  const Bytes record = file.at(begin, zip::end::kBytes, "the end record");
  const IndexEnd end = {.told = {.offset = u32(record, zip::end::kDirectoryOffset),
                                 .bytes = u32(record, zip::end::kDirectorySize),
                                 .count = u16(record, zip::end::kCount)},
                        .begin = begin};
  if (u16(record, zip::end::kCountHere) != end.told.count) {
    report.tell(kTwoCounts, "", "its end record tells two numbers of members");
  }
  if (u16(record, zip::end::kDisk) != u16(record, zip::end::kDirectoryDisk)) {
    report.tell(kDisks, "", "it is one part of an archive spread over several files");
  }
  return end;
}

void check_agreement(const DirectoryPlace& old, const DirectoryPlace& wide, IndexReport& report) {
  const bool agree = (old.count == zip::kSentinel16 || old.count == wide.count) &&
                     (old.bytes == zip::kSentinel32 || old.bytes == wide.bytes) &&
                     (old.offset == zip::kSentinel32 || old.offset == wide.offset);
  if (!agree) {
    report.tell(kContradiction, "", "its zip64 end record contradicts its end record");
  }
}

}  // namespace

IndexEnd read_index_end(FileWindow& file, IndexReport& report) {
  const std::uint64_t begin = find_end(file);
  check_tail(file, begin, report);
  const IndexEnd end = read_end32(file, begin, report);
  const std::uint64_t locator = begin - std::min<std::uint64_t>(begin, zip::locator64::kBytes);
  if (signature_at(file, locator) != zip::locator64::kSignature) {
    // Without a locator there should be no zip64 end record.
    const std::uint64_t place = begin - std::min<std::uint64_t>(begin, zip::end64::kBytes);
    if (end.told.offset + end.told.bytes != begin && has_end64(file, place, begin)) {
      report.tell(kNoZip64Locator, "", "it has a zip64 end record without a locator");
      return read_end64(file, place, begin, report);
    }
    return end;
  }
  std::uint64_t place =
      u64(file.at(locator, zip::locator64::kBytes, "the zip64 locator"), zip::locator64::kOffset);
  if (!has_end64(file, place, locator)) {
    report.tell(kZip64Locator, "", "its zip64 locator leads to no zip64 end record");
    place = locator - std::min<std::uint64_t>(locator, zip::end64::kBytes);
  }
  if (!has_end64(file, place, locator)) {
    return {.told = end.told, .begin = locator};
  }
  const IndexEnd wide = read_end64(file, place, locator, report);
  check_agreement(end.told, wide.told, report);
  return wide;
}

}  // namespace wheel
