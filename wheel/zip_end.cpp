#include "wheel/zip_end.h"

#include <algorithm>
#include <optional>
#include <string>

#include "wheel/error.h"
#include "wheel/zip_format.h"

namespace wheel {
namespace {

using zip::u16;
using zip::u32;
using zip::u64;

constexpr std::size_t kLongestComment = 0xffff;

/// Where the one end record begins. Readers look for it from the back, and differ in what they
/// take: some the last signature, some the first whose comment ends with the file. So there may be
/// only one of either.
std::uint64_t find_end(FileWindow& file) {
  const std::uint64_t size = file.file_size();
  const std::size_t tail_bytes =
      static_cast<std::size_t>(std::min<std::uint64_t>(size, zip::end::kBytes + kLongestComment));
  const auto tail = file.at(size - tail_bytes, tail_bytes, "the end record");
  std::optional<std::size_t> found;
  for (std::size_t at = tail.size(); at-- > 0;) {
    const auto rest = tail.subspan(at);
    if (rest.size() < 4 || u32(rest, 0) != zip::end::kSignature) {
      continue;
    }
    const bool ends_file = rest.size() >= zip::end::kBytes &&
                           rest.size() - zip::end::kBytes == u16(rest, zip::end::kCommentSize);
    if (found && ends_file) {
      throw Error("", "it has two end records, so that readers may see two different archives");
    }
    if (!found && !ends_file) {
      throw Error("", rest.size() < zip::end::kBytes
                          ? "it ends within the end record; it may be truncated"
                          : "its end record does not end the file: bytes follow that belong to "
                            "nothing, or the archive comment hides an end record");
    }
    found = found.value_or(at);
  }
  if (!found) {
    throw Error("", "it is not a zip archive, or it is truncated: there is no end record");
  }
  return size - tail_bytes + *found;
}

struct End {
  DirectoryPlace place;
  std::uint64_t begin = 0;  ///< of the record in the file
};

End read_end32(FileWindow& file, std::uint64_t begin) {
  const auto record = file.at(begin, zip::end::kBytes, "the end record");
  if (u16(record, zip::end::kDisk) != 0 || u16(record, zip::end::kDirectoryDisk) != 0) {
    throw Error("", "it is one part of an archive spread over several files");
  }
  if (u16(record, zip::end::kCountHere) != u16(record, zip::end::kCount)) {
    throw Error("", "its end record tells two numbers of members");
  }
  return {{.offset = u32(record, zip::end::kDirectoryOffset),
           .bytes = u32(record, zip::end::kDirectorySize),
           .count = u16(record, zip::end::kCount)},
          begin};
}

/// zip64's locator, right before the end record; where it is, the zip64 end record must be right
/// before it.
std::optional<End> read_end64(FileWindow& file, std::uint64_t end_begin) {
  if (end_begin < zip::locator64::kBytes) {
    return std::nullopt;
  }
  const std::uint64_t locator_begin = end_begin - zip::locator64::kBytes;
  const auto locator = file.at(locator_begin, zip::locator64::kBytes, "the zip64 locator");
  if (u32(locator, 0) != zip::locator64::kSignature) {
    return std::nullopt;
  }
  const std::uint64_t offset = u64(locator, zip::locator64::kOffset);
  if (u32(locator, zip::locator64::kDisk) != 0 || u32(locator, zip::locator64::kDisks) != 1) {
    throw Error("", "it is one part of an archive spread over several files");
  }
  if (locator_begin < zip::end64::kBytes || offset != locator_begin - zip::end64::kBytes) {
    throw Error("", "its zip64 locator does not point to the record right before it");
  }
  const auto record = file.at(offset, zip::end64::kBytes, "the zip64 end record");
  if (u32(record, 0) != zip::end64::kSignature ||
      u64(record, zip::end64::kRecordSize) != zip::end64::kBytes - 12) {
    throw Error("", "its zip64 end record is none, or of a kind that is not known");
  }
  if (u32(record, zip::end64::kDisk) != 0 || u32(record, zip::end64::kDirectoryDisk) != 0 ||
      u64(record, zip::end64::kCountHere) != u64(record, zip::end64::kCount)) {
    throw Error("", "its zip64 end record speaks of several disks");
  }
  return End{{.offset = u64(record, zip::end64::kDirectoryOffset),
              .bytes = u64(record, zip::end64::kDirectorySize),
              .count = u64(record, zip::end64::kCount)},
             offset};
}

/// A reader that does not know zip64 must not see another archive than one that does.
void check_agreement(const DirectoryPlace& old, const DirectoryPlace& zip64) {
  const bool agree = (old.count == zip::kSentinel16 || old.count == zip64.count) &&
                     (old.bytes == zip::kSentinel32 || old.bytes == zip64.bytes) &&
                     (old.offset == zip::kSentinel32 || old.offset == zip64.offset);
  if (!agree) {
    throw Error("", "its zip64 end record contradicts its end record");
  }
}

}  // namespace

DirectoryPlace read_end(FileWindow& file) {
  End end = read_end32(file, find_end(file));
  if (const auto zip64 = read_end64(file, end.begin)) {
    check_agreement(end.place, zip64->place);
    end = *zip64;
  }
  if (end.place.offset > end.begin || end.place.bytes != end.begin - end.place.offset) {
    throw Error("", "its end record puts the central directory at byte " +
                        std::to_string(end.place.offset) + ", " + std::to_string(end.place.bytes) +
                        " bytes long, which does not lead to the end record at byte " +
                        std::to_string(end.begin) +
                        ": the file is truncated, or something was put into it");
  }
  return end.place;
}

}  // namespace wheel
