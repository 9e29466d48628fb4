#pragma once

#include <cstdint>
#include <string>

#include "elf/image.h"
#include "src/failure.h"
#include "src/progress.h"
#include "wheel/packed_bytes.h"
#include "wheel/sha256.h"

namespace spokeshave {

/// What the packed bytes of a rewritten library should hold.
struct LibraryToProve {
  std::string member;
  std::uint64_t packed_bytes = 0;
  std::uint64_t size = 0;  ///< unpacked, bytes
  std::uint32_t crc = 0;   ///< not found out by decoding them
};

/// What they do hold.
struct ProvedLibrary {
  elf::Image image;
  wheel::Sha256Digest digest;
  std::uint32_t crc_of_packed = 0;  ///< of the packed bytes themselves
};

/// Decodes the bytes that the new wheel will have, with ISA-L, compares size and CRC, and reads the
/// library. `overlap`: hash on a thread of its own. Throws Failure where anything does not hold.
ProvedLibrary prove_library(const wheel::PackedBytes& packed, const LibraryToProve& wanted,
                            bool overlap, Progress& progress);

/// The failure of a proof. `what` begins the sentence.
Failure not_proved(const std::string& what, const std::string& why);
Failure library_not_proved(const std::string& member, const std::string& why);

}  // namespace spokeshave
