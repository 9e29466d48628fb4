#include "wheel/archive_writer.h"

#include <zip.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "wheel/error.h"
#include "wheel/file_window.h"
#include "wheel/member_name.h"
#include "wheel/packed_bytes.h"
#include "wheel/zip_descriptor.h"
#include "wheel/zip_layout.h"
#include "wheel/zip_structure.h"

namespace wheel {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::uint64_t kLeastMovedBytes = std::uint64_t{64} << 10;

/// Whether the kernel is to bring a member's bytes. libzip brings small ones in one go with their
/// headers; and it wants to see those of stored ones, to compute their CRC.
bool is_moved(const Member& member, const PackedBytes& bytes) {
  return bytes.in_files() && member.method == Method::kDeflated &&
         member.packed_bytes >= kLeastMovedBytes;
}

/// One member to be, as libzip's source of already packed bytes.
class PackedSource {
 public:
  PackedSource(const Member& member, const PackedBytes& bytes) : member_(member), bytes_(bytes) {}

  /// For libzip, which frees it; this object must live longer.
  zip_source_t* source();
  std::exception_ptr failure() const { return failure_; }

 private:
  static zip_int64_t call(void* self, void* data, zip_uint64_t size, zip_source_cmd_t command);
  zip_int64_t answer(std::span<std::byte> data, zip_source_cmd_t command);
  zip_int64_t read(std::span<std::byte> out);
  void tell_facts(zip_stat_t& stat) const;

  const Member& member_;
  const PackedBytes& bytes_;
  std::uint64_t at_ = 0;  ///< packed bytes given so far
  std::vector<std::byte> piece_;
  std::exception_ptr failure_;
};

zip_source_t* PackedSource::source() {
  zip_source_t* const source = zip_source_function_create(&call, this, nullptr);
  if (source == nullptr) {
    throw std::bad_alloc();
  }
  return source;
}

zip_int64_t PackedSource::call(void* self, void* data, zip_uint64_t size,
                               zip_source_cmd_t command) {
  auto& source = *static_cast<PackedSource*>(self);
  try {
    return source.answer({static_cast<std::byte*>(data), static_cast<std::size_t>(size)}, command);
  } catch (...) {
    source.failure_ = std::current_exception();
    return -1;
  }
}

zip_int64_t PackedSource::answer(std::span<std::byte> data, zip_source_cmd_t command) {
  switch (command) {
    case ZIP_SOURCE_SUPPORTS:
      return ZIP_SOURCE_SUPPORTS_READABLE;
    case ZIP_SOURCE_OPEN:
      at_ = 0;
      return 0;
    case ZIP_SOURCE_READ:
      return read(data);
    case ZIP_SOURCE_CLOSE:
      piece_ = {};
      return 0;
    case ZIP_SOURCE_STAT:
      tell_facts(*reinterpret_cast<zip_stat_t*>(data.data()));  // libzip's own, always whole
      return sizeof(zip_stat_t);
    case ZIP_SOURCE_ERROR: {
      zip_error_t error;
      zip_error_init_with_code(&error, ZIP_ER_READ);  // what it was stands in failure()
      return zip_error_to_data(&error, data.data(), data.size());
    }
    default:
      return 0;
  }
}

// With these facts libzip takes the bytes for already packed, and neither packs them again nor
// needs a data descriptor.
void PackedSource::tell_facts(zip_stat_t& stat) const {
  zip_stat_init(&stat);
  stat.size = member_.size;
  stat.comp_size = member_.packed_bytes;
  stat.crc = member_.crc;
  stat.comp_method = member_.method == Method::kStored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
  stat.valid |= ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD;
}

// libzip asks for 8 KiB at a time. Of what the kernel moves it gets the number of bytes only: what
// it then writes is left out.
zip_int64_t PackedSource::read(std::span<std::byte> out) {
  const std::uint64_t left = member_.packed_bytes - at_;
  if (is_moved(member_, bytes_)) {
    const std::uint64_t size = std::min<std::uint64_t>(out.size(), left);
    at_ += size;
    return static_cast<zip_int64_t>(size);
  }
  const auto in_piece = static_cast<std::size_t>(at_ % kPieceBytes);
  if (in_piece == 0) {
    piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, left)));
    bytes_.read(at_, piece_);
  }
  const std::size_t size = std::min(out.size(), piece_.size() - in_piece);
  std::copy_n(piece_.begin() + static_cast<std::ptrdiff_t>(in_piece), size, out.begin());
  at_ += size;
  return static_cast<zip_int64_t>(size);
}

/// An archive that libzip builds. Not closed by close(), it leaves no trace.
class NewZip {
 public:
  explicit NewZip(ZipDescriptor& file) {
    zip_source_t* const source = file.source();
    zip_ = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    if (zip_ == nullptr) {
      zip_source_free(source);
      throw std::bad_alloc();
    }
  }
  NewZip(const NewZip&) = delete;
  NewZip& operator=(const NewZip&) = delete;
  ~NewZip() {
    if (zip_ != nullptr) {
      zip_discard(zip_);
    }
  }

  void add(const Member& member, zip_source_t* source) {
    const zip_int64_t index = zip_file_add(zip_, member.name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
      zip_source_free(source);
      throw Error(member.name, std::string("libzip can't add it: ") + zip_strerror(zip_));
    }
    const auto i = static_cast<zip_uint64_t>(index);
    constexpr std::uint32_t kDosFolder = 0x10;
    const std::uint32_t attributes = member.mode << 16 | (member.is_folder() ? kDosFolder : 0);
    const bool stored = member.method == Method::kStored;
    const bool failed =
        zip_file_set_external_attributes(zip_, i, 0, ZIP_OPSYS_UNIX, attributes) != 0 ||
        zip_file_set_dostime(zip_, i, member.dos_time, member.dos_date, 0) != 0 ||
        (stored && zip_set_file_compression(zip_, i, ZIP_CM_STORE, 0) != 0);
    if (failed) {
      throw Error(member.name, std::string("libzip can't describe it: ") + zip_strerror(zip_));
    }
  }

  /// Writes it all. Empty where that worked, or else why not.
  std::string close() {
    if (zip_close(zip_) != 0) {
      return zip_strerror(zip_);
    }
    zip_ = nullptr;
    return {};
  }

 private:
  zip_t* zip_ = nullptr;
};

bool same_but_for_time(const Member& a, const Member& b) {
  return a.name == b.name && a.method == b.method && a.packed_bytes == b.packed_bytes &&
         a.size == b.size && a.data_offset == b.data_offset && a.crc == b.crc && a.mode == b.mode;
}

/// Reads back what libzip wrote, with our strict reader; it must be what was planned, at the
/// planned places. But for the time: libzip turns it into seconds of the local time zone and back,
/// which loses 0 and the hour that a change to summer time leaves out; so it is put right here.
void check_and_set_times(int descriptor, const std::vector<Member>& members,
                         const ZipLayout& layout) {
  const std::vector<Member> written = read_structure(descriptor, size_of_file(descriptor));
  if (written.size() != members.size() || size_of_file(descriptor) != layout.archive_bytes) {
    throw Error("", "libzip wrote another archive than was planned");
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& member = members[i];
    if (!same_but_for_time(written[i], member)) {
      throw Error(member.name, "its packed data is not what was declared when it was added");
    }
    if (written[i].dos_time != member.dos_time || written[i].dos_date != member.dos_date) {
      const auto byte = [](int value) { return static_cast<std::byte>(value); };
      const std::array bytes = {byte(member.dos_time & 255), byte(member.dos_time >> 8),
                                byte(member.dos_date & 255), byte(member.dos_date >> 8)};
      write_at(descriptor, layout.places[i].local_time(), bytes);
      write_at(descriptor, layout.places[i].central_time(), bytes);
    }
  }
}

/// Lets the kernel put the large members where they belong, before libzip writes what stands
/// between them. Returns how many bytes these are.
std::uint64_t move_large(int descriptor, const std::vector<Member>& members,
                         const std::vector<PackedBytes>& packed, const ZipLayout& layout,
                         ZipDescriptor& file, const std::function<void(std::uint64_t)>& progress) {
  std::uint64_t moved = 0;
  for (std::size_t i = 0; i < packed.size(); ++i) {
    if (!is_moved(members[i], packed[i])) {
      continue;
    }
    const std::uint64_t place = layout.places[i].data;
    file.leave_out(place, place + members[i].packed_bytes);
    packed[i].copy(descriptor, place, [&](std::uint64_t bytes) {
      if (progress) {
        progress(moved + bytes);
      }
    });
    moved += members[i].packed_bytes;
  }
  return moved;
}

Member deflated(const Packed& packed) {
  Member facts;
  facts.method = Method::kDeflated;
  facts.packed_bytes = packed.packed_bytes;
  facts.size = packed.size;
  facts.crc = packed.crc;
  return facts;
}

}  // namespace

struct ArchiveWriter::State {
  /// `facts` but for its name, mode and time, which `entry` tells.
  void add(const Entry& entry, Member facts, PackedBytes bytes) {
    facts.name = entry.name;
    facts.mode = entry.mode;
    facts.dos_time = entry.dos_time;
    facts.dos_date = entry.dos_date;
    check_member_name(facts.name);
    members.push_back(std::move(facts));
    packed.push_back(std::move(bytes));
  }

  std::vector<Member> members;
  std::vector<PackedBytes> packed;  ///< of each member
  bool written = false;
};

ArchiveWriter::ArchiveWriter() : state_(std::make_unique<State>()) {}
ArchiveWriter::~ArchiveWriter() = default;
ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter& ArchiveWriter::operator=(ArchiveWriter&&) noexcept = default;

void ArchiveWriter::add_member(const Entry& entry, const Archive& from, const Member& member) {
  state_->add(entry, member, PackedBytes(std::vector{from.packed_part(member)}));
}

void ArchiveWriter::add_packed(const Entry& entry, int descriptor, std::uint64_t offset,
                               const Packed& packed) {
  state_->add(entry, deflated(packed),
              PackedBytes(std::vector{FilePart{descriptor, offset, packed.packed_bytes}}));
}

void ArchiveWriter::add_spliced(const Entry& entry, const Archive& from, const Member& member,
                                int descriptor, std::uint64_t offset,
                                const std::vector<SplicedPiece>& pieces, const Packed& packed) {
  state_->add(entry, deflated(packed),
              spliced_bytes(from.packed_part(member), descriptor, offset, pieces));
}

void ArchiveWriter::add_text(const Entry& entry, std::string_view text) {
  std::string bytes = deflate_text(text);
  const Packed packed{
      .packed_bytes = bytes.size(), .size = text.size(), .crc = crc32_of(text), .digest = {}};
  state_->add(entry, deflated(packed), PackedBytes(std::move(bytes)));
}

std::uint64_t ArchiveWriter::archive_size() const {
  return lay_out(state_->members).archive_bytes;
}

void ArchiveWriter::write(int descriptor, const std::function<void(std::uint64_t)>& progress) {
  if (std::exchange(state_->written, true)) {
    throw Error("", "the archive is written already");
  }
  std::vector<Member>& members = state_->members;
  if (members.empty()) {
    throw Error("", "an archive without members can't be written");
  }
  check_names_differ(members);
  const ZipLayout layout = lay_out(members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i].data_offset = layout.places[i].data;
  }

  ZipDescriptor file(descriptor, 0);
  const std::uint64_t moved =
      move_large(descriptor, members, state_->packed, layout, file, progress);
  file.on_progress([&](std::uint64_t bytes) {
    if (progress) {
      progress(std::max(moved, bytes));
    }
  });
  std::vector<PackedSource> sources;
  sources.reserve(members.size());
  NewZip zip(file);
  for (std::size_t i = 0; i < members.size(); ++i) {
    sources.emplace_back(members[i], state_->packed[i]);
    zip.add(members[i], sources.back().source());
  }
  if (const std::string why = zip.close(); !why.empty()) {
    for (const PackedSource& source : sources) {
      if (source.failure()) {
        std::rethrow_exception(source.failure());
      }
    }
    if (file.failure()) {
      std::rethrow_exception(file.failure());
    }
    throw Error("", "libzip can't write the archive: " + why);
  }
  check_and_set_times(descriptor, members, layout);
}

}  // namespace wheel
