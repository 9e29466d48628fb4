#include "wheel/zip_headers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "wheel/error.h"
#include "wheel/member_name.h"
#include "wheel/zip_format.h"

namespace wheel {
namespace {

using zip::u16;
using zip::u32;
using zip::u64;
using Bytes = std::span<const std::byte>;

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Info-ZIP's second name: readers that know it and readers that do not must see the same one.
void check_unicode_path(const std::string& name, Bytes field) {
  constexpr std::size_t kHeader = 5;  // version, CRC of the name in the header
  if (field.size() < kHeader || text_of(field.subspan(kHeader)) != name) {
    throw Error(name, "it has a second name in an extra field");
  }
}

/// The zip64 field among a header's extra fields (APPNOTE 4.5). Others are skipped, but must be
/// whole.
std::optional<Bytes> find_zip64(const std::string& name, Bytes extra) {
  std::optional<Bytes> zip64;
  bool has_unicode_path = false;
  while (!extra.empty()) {
    if (extra.size() < 4 || u16(extra, 2) > extra.size() - 4) {
      throw Error(name, "its extra fields are cut off");
    }
    const std::uint16_t id = u16(extra, 0);
    const Bytes field = extra.subspan(4, u16(extra, 2));
    if ((id == zip::kZip64Extra && zip64) || (id == zip::kUnicodePath && has_unicode_path)) {
      throw Error(name, "an extra field stands twice in its header");
    }
    if (id == zip::kZip64Extra) {
      zip64 = field;
    } else if (id == zip::kUnicodePath) {
      check_unicode_path(name, field);
      has_unicode_path = true;
    }
    extra = extra.subspan(4 + field.size());
  }
  return zip64;
}

/// Puts the zip64 field's values in place of the header's 32-bit ones. By APPNOTE 4.5.3 the field
/// holds only those values that are 0xffffffff in the header, in this order. Some writers put all
/// of them there: taken where both then say the same.
void apply_zip64(const std::string& name, std::optional<Bytes> field,
                 std::span<std::uint64_t* const> values) {
  const auto is_elsewhere = [](const std::uint64_t* v) { return *v == zip::kSentinel32; };
  const auto elsewhere = std::count_if(values.begin(), values.end(), is_elsewhere);
  if (!field) {
    if (elsewhere != 0) {
      throw Error(name, "its header leaves a size or an offset to a zip64 field that is not there");
    }
    return;
  }
  const bool holds_all = field->size() != 8u * static_cast<std::size_t>(elsewhere);
  if (holds_all && field->size() != 16 && field->size() != 24 && field->size() != 28) {
    throw Error(name, "its zip64 field has " + std::to_string(field->size()) +
                          " bytes, which is not what its header leaves to it");
  }
  std::size_t at = 0;
  for (std::uint64_t* value : values) {
    if (!holds_all && !is_elsewhere(value)) {
      continue;
    }
    if (field->size() - at < 8) {
      if (is_elsewhere(value)) {
        throw Error(name, "its zip64 field is too short");
      }
      continue;
    }
    const std::uint64_t wide = u64(*field, at);
    if (!is_elsewhere(value) && *value != wide) {
      throw Error(name, "its zip64 field contradicts its header");
    }
    *value = wide;
    at += 8;
  }
}

void check_version(const std::string& name, std::uint16_t version_needed) {
  if (version_needed > zip::kNewestVersion) {
    throw Error(name, "it needs a reader of zip version " + std::to_string(version_needed / 10) +
                          "." + std::to_string(version_needed % 10) + ", which there is not");
  }
}

void check_flags(const std::string& name, std::uint16_t flags) {
  if ((flags & (zip::kEncrypted | zip::kStronglyEncrypted | zip::kMasked)) != 0) {
    throw Error(name, "it is encrypted");
  }
  if ((flags & zip::kPatched) != 0) {
    throw Error(name, "it is compressed patch data");
  }
  constexpr std::uint16_t kKnown = zip::kLevelBits | zip::kHasDescriptor | zip::kUtf8;
  if ((flags & ~kKnown) != 0) {
    throw Error(name, "its header has a flag that is not known");
  }
  const bool ascii = std::all_of(name.begin(), name.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii && (flags & zip::kUtf8) == 0) {
    throw Error(name,
                "its name is not ASCII and not marked as UTF-8, so that readers differ in it");
  }
}

Method method_of(const std::string& name, std::uint16_t number) {
  switch (number) {
    case zip::kStoredMethod:
      return Method::kStored;
    case zip::kDeflateMethod:
      return Method::kDeflated;
    default:
      throw Error(name, "it is compressed by method " + std::to_string(number) +
                            "; wheels may only be stored or deflated");
  }
}

// stat.h's, spelt out: they are those of the archive, not of the machine that reads it.
constexpr std::uint32_t kTypeMask = 0170000, kRegular = 0100000, kFolder = 0040000, kLink = 0120000;

void check_mode(const Member& member) {
  const std::uint32_t type = member.mode & kTypeMask;
  if (type == kLink) {
    throw Error(member.name,
                "it is a symbolic link; wheels can't hold links (PEP 778 is deferred)");
  }
  if (type != 0 && type != kRegular && type != kFolder) {
    throw Error(member.name, "it is neither a file nor a folder");
  }
  if (type == kFolder && !member.is_folder()) {
    throw Error(member.name, "its mode is a folder's, its name a file's");
  }
}

void check_sizes(const Member& member) {
  if (member.method == Method::kStored && member.packed_bytes != member.size) {
    throw Error(member.name, "it is stored, but its packed and unpacked sizes differ");
  }
  if (member.is_folder() && (member.size != 0 || member.crc != 0)) {
    throw Error(member.name, "it is a folder, but has contents");
  }
}

/// Where a header of fixed_bytes names its name, extra fields and comment, the whole of it.
Bytes header_at(FileWindow& file, std::uint64_t offset, std::size_t fixed_bytes,
                std::uint32_t signature, const char* what) {
  const Bytes fixed = file.at(offset, fixed_bytes, what);
  if (u32(fixed, 0) != signature) {
    throw Error("", "there is no header at byte " + std::to_string(offset) + ", where " + what +
                        " should be");
  }
  return fixed;
}

}  // namespace

CentralHeader read_central_header(FileWindow& file, std::uint64_t offset) {
  constexpr const char* kWhat = "a header of the central directory";
  using namespace zip::central;
  const Bytes fixed = header_at(file, offset, kBytes, kSignature, kWhat);
  const std::size_t name_size = u16(fixed, kNameSize);
  const std::size_t extra_size = u16(fixed, kExtraSize);
  const std::size_t bytes = kBytes + name_size + extra_size + u16(fixed, kCommentSize);
  const Bytes whole = file.at(offset, bytes, kWhat);

  CentralHeader header;
  Member& member = header.member;
  header.bytes = bytes;
  header.flags = u16(whole, kFlags);
  header.local_offset = u32(whole, kOffset);
  member.name = text_of(whole.subspan(kBytes, name_size));
  check_member_name(member.name);
  check_version(member.name, u16(whole, kVersion));
  check_flags(member.name, header.flags);
  member.method = method_of(member.name, u16(whole, kMethod));
  member.dos_time = u16(whole, kTime);
  member.dos_date = u16(whole, kDate);
  member.crc = u32(whole, kCrc);
  member.packed_bytes = u32(whole, kPacked);
  member.size = u32(whole, kSize);
  member.mode = u32(whole, kExternal) >> 16;
  const std::array values = {&member.size, &member.packed_bytes, &header.local_offset};
  apply_zip64(member.name, find_zip64(member.name, whole.subspan(kBytes + name_size, extra_size)),
              values);
  if (u16(whole, kDisk) != 0) {
    throw Error(member.name, "it lies on another disk");
  }
  check_mode(member);
  check_sizes(member);
  return header;
}

std::uint64_t read_local_header(FileWindow& file, const CentralHeader& central) {
  constexpr const char* kWhat = "a member's local header";
  using namespace zip::local;
  const Member& member = central.member;
  const Bytes fixed = header_at(file, central.local_offset, kBytes, kSignature, kWhat);
  const std::size_t name_size = u16(fixed, kNameSize);
  const std::size_t extra_size = u16(fixed, kExtraSize);
  const Bytes whole = file.at(central.local_offset, kBytes + name_size + extra_size, kWhat);
  const auto must_agree = [&](bool agrees, const char* what) {
    if (!agrees) {
      throw Error(member.name, std::string("its local header tells another ") + what +
                                   " than the central directory");
    }
  };
  std::uint64_t packed = u32(whole, kPacked);
  std::uint64_t size = u32(whole, kSize);
  const std::uint32_t crc = u32(whole, kCrc);
  check_version(member.name, u16(whole, kVersion));
  must_agree(text_of(whole.subspan(kBytes, name_size)) == member.name, "name");
  must_agree(u16(whole, kFlags) == central.flags, "set of flags");
  must_agree(method_of(member.name, u16(whole, kMethod)) == member.method, "compression");
  must_agree(u16(whole, kTime) == member.dos_time && u16(whole, kDate) == member.dos_date, "time");
  const std::array values = {&size, &packed};
  apply_zip64(member.name, find_zip64(member.name, whole.subspan(kBytes + name_size, extra_size)),
              values);
  // With a data descriptor, a writer that could not know leaves the three at 0 (APPNOTE 4.4.4, bit
  // 3).
  const bool open = (central.flags & zip::kHasDescriptor) != 0;
  must_agree(crc == member.crc || (open && crc == 0), "CRC-32");
  must_agree(size == member.size || (open && size == 0), "size");
  must_agree(packed == member.packed_bytes || (open && packed == 0), "packed size");
  return central.local_offset + whole.size();
}

void check_data_descriptor(FileWindow& file, const CentralHeader& central, std::uint64_t offset,
                           std::uint64_t bytes) {
  const Member& member = central.member;
  // 12 bytes with 32-bit sizes, 20 with zip64's, 4 more with the customary signature.
  const bool wide = bytes == 20 || bytes == 24;
  const bool is_signed = bytes == 16 || bytes == 24;
  if (!wide && !is_signed && bytes != 12) {
    throw Error(member.name, "its data descriptor does not fill the place up to what follows");
  }
  const Bytes whole = file.at(offset, static_cast<std::size_t>(bytes), "a data descriptor");
  const Bytes rest = whole.subspan(is_signed ? 4 : 0);
  const std::uint64_t packed = wide ? u64(rest, 4) : u32(rest, 4);
  const std::uint64_t size = wide ? u64(rest, 12) : u32(rest, 8);
  if ((is_signed && u32(whole, 0) != zip::kDescriptorSignature) || u32(rest, 0) != member.crc ||
      packed != member.packed_bytes || size != member.size) {
    throw Error(member.name, "its data descriptor contradicts the central directory");
  }
}

}  // namespace wheel
