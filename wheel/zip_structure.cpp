#include "wheel/zip_structure.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "wheel/counted.h"
#include "wheel/error.h"
#include "wheel/file_window.h"
#include "wheel/zip_end.h"
#include "wheel/zip_format.h"
#include "wheel/zip_headers.h"

namespace wheel {
namespace {

// Small members lie close together: one read for the headers of a dozen of them.
constexpr std::size_t kLocalsWindow = std::size_t{16} << 10;

std::vector<CentralHeader> read_directory(FileWindow& file, const DirectoryPlace& place,
                                          std::uint64_t most_memory) {
  check_member_memory(place.count, place.bytes, most_memory);
  std::vector<CentralHeader> headers;
  headers.reserve(std::min<std::uint64_t>(place.count, place.bytes / zip::central::kBytes));
  std::uint64_t at = place.offset;
  const std::uint64_t end = place.offset + place.bytes;
  while (at < end) {
    headers.push_back(read_central_header(file, at));
    at += headers.back().bytes;
  }
  if (at != end || headers.size() != place.count) {
    throw Error("", "its central directory holds " + counted(headers.size(), "member", "members") +
                        " in " + std::to_string(at - place.offset) +
                        " bytes, its end record tells " + std::to_string(place.count) + " in " +
                        std::to_string(place.bytes));
  }
  return headers;
}

std::vector<std::size_t> order_in_file(const std::vector<CentralHeader>& headers) {
  std::vector<std::size_t> order(headers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return headers[a].local_offset < headers[b].local_offset;
  });
  return order;
}

/// Each local header must begin where the data before it ended: that excludes gaps, hidden members,
/// overlaps and prefixes at once.
void check_begin(const CentralHeader& header, std::uint64_t expected) {
  if (header.local_offset == expected) {
    return;
  }
  const std::string place = "byte " + std::to_string(header.local_offset);
  throw Error(
      header.member.name,
      header.local_offset < expected
          ? "it begins at " + place + ", within what belongs to another member"
          : "before it, at " + place + ", lie " +
                counted(header.local_offset - expected, "byte that belongs", "bytes that belong") +
                " to no member");
}

/// Walks the members in the order of the file, from byte 0 to the central directory.
void walk_local_headers(FileWindow& file, std::vector<CentralHeader>& headers,
                        std::uint64_t directory_offset) {
  const std::vector<std::size_t> order = order_in_file(headers);
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    CentralHeader& header = headers[order[i]];
    Member& member = header.member;
    check_begin(header, expected);
    member.data_offset = read_local_header(file, header);
    if (member.data_offset > directory_offset ||
        member.packed_bytes > directory_offset - member.data_offset) {
      throw Error(member.name, "its packed data reaches into the central directory");
    }
    expected = member.data_offset + member.packed_bytes;
    if ((header.flags & zip::kHasDescriptor) != 0) {
      const std::uint64_t next =
          i + 1 < order.size() ? headers[order[i + 1]].local_offset : directory_offset;
      check_data_descriptor(file, header, expected, next < expected ? 0 : next - expected);
      expected = next;
    }
  }
  if (expected != directory_offset) {
    throw Error("", counted(directory_offset - expected, "byte belongs", "bytes belong") +
                        " to no member, before the central directory");
  }
}

void check_ratio(const Member& member) {
  if (member.method != Method::kDeflated) {
    return;
  }
  const std::uint64_t packed = std::max<std::uint64_t>(member.packed_bytes, 1);
  const std::uint64_t ratio = member.size / packed;  // of whole numbers: no product, no wrap
  if (ratio > kMaxDeflateRatio) {
    throw Error(member.name, "it declares " + std::to_string(member.size) + " bytes; its " +
                                 std::to_string(member.packed_bytes) +
                                 " packed bytes can't hold that many");
  }
  if (member.size > kBombBytes && ratio > kBombRatio) {
    throw Error(member.name, "it unpacks to " + std::to_string(member.size) + " bytes, " +
                                 std::to_string(ratio) +
                                 " times what it is packed: it is taken for a zip bomb");
  }
}

}  // namespace

void check_member_memory(std::uint64_t members, std::uint64_t directory_bytes, std::uint64_t most) {
  // Measured (docs/performance.md): each member and each byte of the directory, where patch,
  // inspect and verify hold most.
  constexpr std::uint64_t kAMember = 700;
  constexpr std::uint64_t kADirectoryByte = 7;
  // By quotients: no product of what may lie, no wrap.
  if (directory_bytes > most / kADirectoryByte ||
      members > (most - directory_bytes * kADirectoryByte) / kAMember) {
    throw Error("", "it has " + std::to_string(members) + " members in a central directory of " +
                        std::to_string(directory_bytes) + " bytes; more than fit into " +
                        std::to_string(most >> 20) + " MiB of memory are not read");
  }
}

std::vector<Member> read_structure(int descriptor, std::uint64_t file_size,
                                   std::uint64_t most_memory) {
  FileWindow directory(descriptor, file_size, std::size_t{256} << 10);
  const DirectoryPlace place = read_end(directory);
  std::vector<CentralHeader> headers = read_directory(directory, place, most_memory);
  FileWindow locals(descriptor, file_size, kLocalsWindow);
  walk_local_headers(locals, headers, place.offset);

  std::vector<Member> members;
  members.reserve(headers.size());
  for (CentralHeader& header : headers) {
    check_ratio(header.member);
    members.push_back(std::move(header.member));
  }
  return members;
}

}  // namespace wheel
