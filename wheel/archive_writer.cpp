#include "wheel/archive_writer.h"

#include <zip.h>

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "wheel/error.h"
#include "wheel/file_window.h"
#include "wheel/member_name.h"
#include "wheel/zip_descriptor.h"
#include "wheel/zip_layout.h"
#include "wheel/zip_structure.h"

namespace wheel {
namespace {

constexpr std::size_t kWindowBytes = std::size_t{256} << 10;
constexpr std::uint64_t kLeastMovedBytes = std::uint64_t{64} << 10;

/// Whether the kernel is to bring a member's bytes. libzip brings small ones in one go with their
/// headers; and it wants to see those of stored ones, to compute their CRC.
bool is_moved(const Member& member, const PackedBytes& bytes) {
  return bytes.in_files() && member.method == Method::kDeflated &&
         member.packed_bytes >= kLeastMovedBytes;
}

/// The members to be, for libzip's sources of already packed bytes.
class PackedMembers {
 public:
  PackedMembers(const std::vector<Member>& members, const std::vector<PackedBytes>& packed)
      : members_(members), packed_(packed) {}

  const Member& member(std::uint32_t i) const { return members_[i]; }
  bool is_moved(std::uint32_t i) const { return wheel::is_moved(members_[i], packed_[i]); }

  /// Small members that are neighbours in a file are read together.
  void read(std::uint32_t i, std::uint64_t offset, std::span<std::byte> out) {
    const FilePart* const part = packed_[i].one_part();
    if (part == nullptr || offset > part->size || out.size() > part->size - offset) {
      packed_[i].read(offset, out);
      return;
    }
    if (part->descriptor != of_window_) {
      window_.emplace(part->descriptor, size_of_file(part->descriptor), kWindowBytes);
      of_window_ = part->descriptor;
    }
    const auto bytes = window_->at(part->offset + offset, out.size(), "packed data");
    std::copy(bytes.begin(), bytes.end(), out.begin());
  }

  void fail(std::exception_ptr failure) { failure_ = std::move(failure); }
  std::exception_ptr failure() const { return failure_; }

 private:
  const std::vector<Member>& members_;
  const std::vector<PackedBytes>& packed_;
  std::optional<FileWindow> window_;
  int of_window_ = -1;
  std::exception_ptr failure_;
};

/// One member to be, as libzip's source.
class PackedSource {
 public:
  PackedSource(PackedMembers& members, std::uint32_t index) : members_(members), index_(index) {}

  /// For libzip, which frees it; this object must live longer.
  zip_source_t* source();

 private:
  static zip_int64_t call(void* self, void* data, zip_uint64_t size, zip_source_cmd_t command);
  zip_int64_t answer(std::span<std::byte> data, zip_source_cmd_t command);
  zip_int64_t read(std::span<std::byte> out);
  void tell_facts(zip_stat_t& stat) const;

  PackedMembers& members_;
  std::uint64_t at_ = 0;  ///< packed bytes given so far
  std::uint32_t index_;
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
    source.members_.fail(std::current_exception());
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
  const Member& member = members_.member(index_);
  zip_stat_init(&stat);
  stat.size = member.size;
  stat.comp_size = member.packed_bytes;
  stat.crc = member.crc;
  stat.comp_method = member.method == Method::kStored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
  stat.valid |= ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD;
}

// libzip asks for 8 KiB at a time. Of what the kernel moves it gets the number of bytes only: what
// it then writes is left out.
zip_int64_t PackedSource::read(std::span<std::byte> out) {
  const std::uint64_t left = members_.member(index_).packed_bytes - at_;
  out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left)));
  if (!members_.is_moved(index_)) {
    members_.read(index_, at_, out);
  }
  at_ += out.size();
  return static_cast<zip_int64_t>(out.size());
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
  constexpr auto kNoBound = std::numeric_limits<std::uint64_t>::max();  // they are held already
  const std::vector<Member> written =
      read_structure(descriptor, size_of_file(descriptor), kNoBound);
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
  state_->add(entry, member, PackedBytes(from.packed_part(member)));
}

void ArchiveWriter::add_packed(const Entry& entry, PackedBytes bytes, const Packed& packed) {
  state_->add(entry, deflated(packed), std::move(bytes));
}

void ArchiveWriter::add_text(const Entry& entry, std::string_view text) {
  std::string bytes = deflate_text(text);
  const Packed packed{
      .packed_bytes = bytes.size(), .size = text.size(), .crc = crc32_of(text), .digest = {}};
  add_packed(entry, PackedBytes(std::move(bytes)), packed);
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
  order_by_name(members);  // or it throws
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
  PackedMembers to_pack(members, state_->packed);
  std::vector<PackedSource> sources;
  sources.reserve(members.size());
  NewZip zip(file);
  for (std::size_t i = 0; i < members.size(); ++i) {
    sources.emplace_back(to_pack, static_cast<std::uint32_t>(i));
    zip.add(members[i], sources.back().source());
  }
  if (const std::string why = zip.close(); !why.empty()) {
    if (to_pack.failure()) {
      std::rethrow_exception(to_pack.failure());
    }
    if (file.failure()) {
      std::rethrow_exception(file.failure());
    }
    throw Error("", "libzip can't write the archive: " + why);
  }
  check_and_set_times(descriptor, members, layout);
}

}  // namespace wheel
