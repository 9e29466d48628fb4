#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "wheel/archive.h"

namespace wheel {

// What the members of one archive may take of memory, bytes: the one bound on it, as what is held
// of each is a few times its header and name. Enough for 36,000 members with names of 52 letters;
// the largest wheel known, tensorflow, has 24,000, with longer ones.
constexpr std::uint64_t kMostMemberMemory = std::uint64_t{48} << 20;

/// Throws wheel::Error where so many members in a central directory of so many bytes would take
/// more than `most` bytes.
void check_member_memory(std::uint64_t members, std::uint64_t directory_bytes,
                         std::uint64_t most = kMostMemberMemory);

// Deflate can't do better than 258 bytes from 2 bits: 1032 : 1. What declares more, lies.
constexpr std::uint64_t kMaxDeflateRatio = 1032;
// A member that is larger than this and packed better than that is taken for a bomb. The most
// repetitive large library that we know (of CUDA 12) reaches 10 : 1; PyPI draws its line at 50 : 1
// above 64 MiB.
constexpr std::uint64_t kBombBytes = std::uint64_t{256} << 20;
constexpr std::uint64_t kBombRatio = 200;

/// Reads the whole structure of a zip archive and accepts only what can be read in one way. That
/// is: the file is local headers with their data from byte 0 on, then the central directory, then
/// one end record (with zip64's two records in front where there are any), without a byte between
/// or behind; every local header says what the central one says; stored or deflated; not encrypted,
/// patched or spread over disks; names as check_member_name() wants them, whether they differ is
/// not asked here; no links or devices. The members stand in the order of the central directory.
/// Throws wheel::Error.
std::vector<Member> read_structure(int descriptor, std::uint64_t file_size,
                                   std::uint64_t most_memory = kMostMemberMemory);

}  // namespace wheel
