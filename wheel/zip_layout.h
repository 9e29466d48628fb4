#pragma once

#include <cstdint>
#include <vector>

#include "wheel/archive.h"
#include "wheel/zip_format.h"

namespace wheel {

/// Where libzip puts what belongs to one member of a new archive; bytes from its start.
struct ZipPlace {
  std::uint64_t local = 0;    ///< the local header
  std::uint64_t data = 0;     ///< the packed data
  std::uint64_t central = 0;  ///< the central header

  std::uint64_t local_time() const { return local + zip::local::kTime; }
  std::uint64_t central_time() const { return central + zip::central::kTime; }
};

struct ZipLayout {
  std::vector<ZipPlace> places;  ///< one a member
  std::uint64_t archive_bytes = 0;
};

/// The layout of an archive of these members in this order: zip64 fields only where a value does
/// not fit into 32 bits (APPNOTE 4.5.3), no other extra field, no comment. Throws wheel::Error for
/// the few values that libzip 1.7.3 writes a broken zip64 field for.
ZipLayout lay_out(const std::vector<Member>& members);

}  // namespace wheel
