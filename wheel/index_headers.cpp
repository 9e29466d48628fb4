#include "wheel/index_headers.h"

#include "wheel/index_extra.h"
#include "wheel/zip_format.h"

namespace wheel {
namespace {

using zip::u16;
using zip::u32;
using Bytes = std::span<const std::byte>;

constexpr Refusal kComment = {"zip-member-comment", "PyPI"};
constexpr Refusal kOddMethod = {"zip-method", "PyPI and uv"};
constexpr Refusal kZstd = {"zip-method", "PyPI"};
constexpr Refusal kEncrypted = {"zip-encrypted", "uv"};
constexpr Refusal kPatched = {"zip-patch-data", "uv"};
constexpr Refusal kNewer = {"zip-version", "PyPI and uv"};

constexpr std::uint16_t kZstdMethod = 93;  // APPNOTE 4.4.5

std::string text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void check_central(const IndexHeader& header, std::uint16_t version, std::uint16_t comment_size,
                   IndexReport& report) {
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
  if ((header.flags & zip::kPatched) != 0) {
    report.tell(kPatched, header.name, "it is compressed patch data");
  }
  // The high byte is reserved; some writers put the system there.
  if ((version & 0xff) > zip::kNewestVersion) {
    report.tell(kNewer, header.name,
                "it needs a reader of zip version " + std::to_string((version & 0xff) / 10) + "." +
                    std::to_string((version & 0xff) % 10) + ", which there is not");
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
  read_index_central_extra(header, whole->subspan(kBytes + name_size, extra_size), report);
  check_central(header, u16(*whole, kVersion), comment_size, report);
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
  read_index_local_extra(header, whole->subspan(kBytes + name_size, extra_size), report);
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
