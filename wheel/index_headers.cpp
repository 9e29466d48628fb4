#include "wheel/index_headers.h"

#include <algorithm>
#include <array>
#include <functional>

#include "wheel/utf8.h"
#include "wheel/zip_format.h"

namespace wheel {
namespace {

using zip::u16;
using zip::u32;
using zip::u64;
using Bytes = std::span<const std::byte>;

constexpr Refusal kExtra = {"zip-extra", "PyPI"};
constexpr Refusal kExtraTwice = {"zip-extra-duplicate", "PyPI"};
constexpr Refusal kZip64Extra = {"zip64-extra", "PyPI"};
constexpr Refusal kUnicodePath = {"zip-unicode-path", "PyPI"};
constexpr Refusal kComment = {"zip-member-comment", "PyPI"};
constexpr Refusal kOddMethod = {"zip-method", "PyPI and uv"};
constexpr Refusal kZstd = {"zip-method", "PyPI"};
constexpr Refusal kEncrypted = {"zip-encrypted", "uv"};

constexpr std::uint16_t kZstdMethod = 93;  // APPNOTE 4.4.5

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Calls `take` with each extra field; false where they are cut off. As Python's zipfile and
/// warehouse read them, `loosely` lets up to three bytes stand at the end.
bool each_extra(Bytes extra, bool loosely, const std::function<void(std::uint16_t, Bytes)>& take) {
  while (!extra.empty()) {
    if (extra.size() < 4) {
      return loosely;
    }
    if (u16(extra, 2) > extra.size() - 4) {
      return false;
    }
    take(u16(extra, 0), extra.subspan(4, u16(extra, 2)));
    extra = extra.subspan(std::size_t{4} + u16(extra, 2));
  }
  return true;
}

/// Python's zipfile: the field holds those values that are 0xffffffff in the header, in this order.
void apply_central_zip64(IndexHeader& header, Bytes field, IndexReport& report) {
  const std::array values = {&header.size, &header.packed_bytes, &header.local_offset};
  std::size_t at = 0;
  for (std::uint64_t* value : values) {
    if (*value != zip::kSentinel32) {
      continue;
    }
    if (field.size() - at < 8) {
      report.tell(kZip64Extra, header.name, "its zip64 field is too short");
      return;
    }
    *value = u64(field, at);
    at += 8;
  }
}

/// warehouse, _handle_local_file_header.
void apply_local_zip64(IndexHeader& header, Bytes field, IndexReport& report) {
  const std::size_t size = field.size();
  if (size != 0 && size != 8 && size != 16 && size != 24 && size != 28) {
    report.tell(kZip64Extra, header.name,
                "its local zip64 field has " + std::to_string(size) +
                    " bytes; 0, 8, 16, 24 or 28 are taken");
    return;
  }
  const bool sized_elsewhere =
      header.size == zip::kSentinel32 || header.packed_bytes == zip::kSentinel32;
  if (size == 0 && sized_elsewhere) {
    report.tell(kZip64Extra, header.name,
                "its local header leaves a size to a zip64 field that is empty");
  } else if (size == 8 && header.method != zip::kStoredMethod) {
    report.tell(kZip64Extra, header.name,
                "its local zip64 field has one size, though it is packed");
  }
  if (size >= 8) {
    header.size = header.size == zip::kSentinel32 ? u64(field, 0) : header.size;
    header.packed_bytes = u64(field, size == 8 ? 0 : 8);
  }
}

void check_unicode_path(const std::string& name, Bytes field, IndexReport& report) {
  constexpr std::size_t kHeader = 5;  // version, CRC of the name in the header
  const std::string second = field.size() > kHeader ? text_of(field.subspan(kHeader)) : "";
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  };
  if (!is_utf8(second) || std::any_of(second.begin(), second.end(), is_control)) {
    report.tell(kUnicodePath, name,
                "its second name, in an extra field, is not UTF-8 or has a control character");
  }
}

void read_local_extra(IndexHeader& header, Bytes extra, IndexReport& report) {
  bool has_zip64 = false;
  bool has_path = false;
  const bool whole = each_extra(extra, false, [&](std::uint16_t id, Bytes field) {
    bool& has = id == zip::kZip64Extra ? has_zip64 : has_path;
    if (id != zip::kZip64Extra && id != zip::kUnicodePath) {
      return;
    }
    if (has) {
      report.tell(kExtraTwice, header.name,
                  "the extra field " + std::to_string(id) + " stands twice in its local header");
    } else if (id == zip::kZip64Extra) {
      apply_local_zip64(header, field, report);
    } else {
      check_unicode_path(header.name, field, report);
    }
    has = true;
  });
  if (!whole) {
    report.tell(kExtra, header.name, "the extra fields of its local header are cut off");
  }
}

void read_central_extra(IndexHeader& header, Bytes extra, IndexReport& report) {
  const bool whole = each_extra(extra, true, [&](std::uint16_t id, Bytes field) {
    if (id == zip::kZip64Extra) {
      apply_central_zip64(header, field, report);
    }
  });
  if (!whole) {
    report.tell(kExtra, header.name, "the extra fields of its central header are cut off");
  }
}

void check_central(const IndexHeader& header, std::uint16_t comment_size, IndexReport& report) {
  if (comment_size != 0) {
    report.tell(kComment, header.name, "it has a comment in the central directory");
  }
  if (header.method != zip::kStoredMethod && header.method != zip::kDeflateMethod) {
    report.tell(header.method == kZstdMethod ? kZstd : kOddMethod, header.name,
                "it is compressed by method " + std::to_string(header.method) +
                    "; wheels may only be stored or deflated");
  }
  if ((header.flags & (zip::kEncrypted | zip::kStronglyEncrypted | zip::kMasked)) != 0) {
    report.tell(kEncrypted, header.name, "it is encrypted");
  }
}

}  // namespace

bool IndexHeader::has_descriptor() const {
  return (flags & zip::kHasDescriptor) != 0;
}

std::optional<Bytes> bytes_at(FileWindow& file, std::uint64_t offset, std::size_t size) {
  if (offset > file.file_size() || size > file.file_size() - offset) {
    return std::nullopt;
  }
  return file.at(offset, size, "a record of the archive");
}

std::uint32_t signature_at(FileWindow& file, std::uint64_t offset) {
  const auto bytes = bytes_at(file, offset, 4);
  return bytes ? u32(*bytes, 0) : 0;
}

std::optional<IndexHeader> read_index_central(FileWindow& file, std::uint64_t offset,
                                              IndexReport& report) {
  using namespace zip::central;
  const auto fixed = bytes_at(file, offset, kBytes);
  if (!fixed || u32(*fixed, 0) != kSignature) {
    return std::nullopt;
  }
  const std::size_t name_size = u16(*fixed, kNameSize);
  const std::size_t extra_size = u16(*fixed, kExtraSize);
  const std::uint16_t comment_size = u16(*fixed, kCommentSize);
  const auto whole = bytes_at(file, offset, kBytes + name_size + extra_size + comment_size);
  if (!whole) {
    return std::nullopt;
  }
  IndexHeader header{.name = text_of(whole->subspan(kBytes, name_size)),
                     .flags = u16(*whole, kFlags),
                     .method = u16(*whole, kMethod),
                     .crc = u32(*whole, kCrc),
                     .packed_bytes = u32(*whole, kPacked),
                     .size = u32(*whole, kSize),
                     .local_offset = u32(*whole, kOffset),
                     .bytes = whole->size()};
  read_central_extra(header, whole->subspan(kBytes + name_size, extra_size), report);
  check_central(header, comment_size, report);
  return header;
}

std::optional<IndexHeader> read_index_local(FileWindow& file, std::uint64_t offset,
                                            IndexReport& report) {
  using namespace zip::local;
  const auto fixed = bytes_at(file, offset, kBytes);
  if (!fixed || u32(*fixed, 0) != kSignature) {
    return std::nullopt;
  }
  const std::size_t name_size = u16(*fixed, kNameSize);
  const std::size_t extra_size = u16(*fixed, kExtraSize);
  const auto whole = bytes_at(file, offset, kBytes + name_size + extra_size);
  if (!whole) {
    return std::nullopt;
  }
  IndexHeader header{.name = text_of(whole->subspan(kBytes, name_size)),
                     .flags = u16(*whole, kFlags),
                     .method = u16(*whole, kMethod),
                     .crc = u32(*whole, kCrc),
                     .packed_bytes = u32(*whole, kPacked),
                     .size = u32(*whole, kSize),
                     .local_offset = offset,
                     .bytes = whole->size()};
  read_local_extra(header, whole->subspan(kBytes + name_size, extra_size), report);
  return header;
}

std::uint64_t descriptor_end(FileWindow& file, std::uint64_t offset) {
  const bool is_signed = signature_at(file, offset) == zip::kDescriptorSignature;
  // 12 bytes with 32-bit sizes, 20 with zip64's, 4 more with the signature.
  const std::uint64_t narrow = offset + (is_signed ? 16 : 12);
  const std::uint64_t wide = offset + (is_signed ? 24 : 20);
  const auto leads_on = [&](std::uint64_t at) {
    const std::uint32_t signature = signature_at(file, at);
    return signature == zip::local::kSignature || signature == zip::central::kSignature;
  };
  return leads_on(narrow) ? narrow : leads_on(wide) ? wide : leads_on(offset) ? offset : narrow;
}

}  // namespace wheel
