#include "wheel/zip_descriptor.h"

#include <zip.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <string>

#include "wheel/error.h"
#include "wheel/file_window.h"

namespace wheel {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

std::int64_t supported_commands() {
  return zip_source_make_command_bitmap(
      ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR,
      ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, ZIP_SOURCE_SUPPORTS,
      ZIP_SOURCE_BEGIN_WRITE, ZIP_SOURCE_COMMIT_WRITE, ZIP_SOURCE_ROLLBACK_WRITE, ZIP_SOURCE_WRITE,
      ZIP_SOURCE_SEEK_WRITE, ZIP_SOURCE_TELL_WRITE, ZIP_SOURCE_REMOVE, -1);
}

std::int64_t seek(std::uint64_t& position, std::uint64_t size, std::span<std::byte> arguments) {
  const std::int64_t target =
      zip_source_seek_compute_offset(position, size, arguments.data(), arguments.size(), nullptr);
  if (target < 0) {
    return -1;
  }
  position = static_cast<std::uint64_t>(target);
  return 0;
}

std::int64_t tell_error(std::span<std::byte> data) {
  zip_error_t error;
  zip_error_init_with_code(&error, ZIP_ER_INTERNAL);  // what it was stands in failure()
  return zip_error_to_data(&error, data.data(), data.size());
}

/// libzip's reading of one member, in our terms.
bool agrees(zip_t* zip, zip_uint64_t index, const Member& member) {
  zip_stat_t stat;
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  if (zip_stat_index(zip, index, ZIP_FL_ENC_RAW, &stat) != 0 ||
      zip_file_get_external_attributes(zip, index, 0, &system, &attributes) != 0) {
    return false;
  }
  const auto method = member.method == Method::kStored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
  return member.name == stat.name && member.size == stat.size &&
         member.packed_bytes == stat.comp_size && member.crc == stat.crc &&
         method == stat.comp_method && stat.encryption_method == ZIP_EM_NONE &&
         member.mode == attributes >> 16;
}

}  // namespace

zip_source* ZipDescriptor::source() {
  const auto callback = [](void* self, void* data, zip_uint64_t size, zip_source_cmd_t command) {
    return static_cast<zip_int64_t>(call(self, data, size, command));
  };
  zip_source_t* const source = zip_source_function_create(callback, this, nullptr);
  if (source == nullptr) {
    throw std::bad_alloc();
  }
  return source;
}

std::int64_t ZipDescriptor::call(void* self, void* data, std::uint64_t size, int command) {
  auto& file = *static_cast<ZipDescriptor*>(self);
  try {
    return file.answer({static_cast<std::byte*>(data), static_cast<std::size_t>(size)}, command);
  } catch (...) {
    file.failure_ = std::current_exception();
    return -1;
  }
}

std::int64_t ZipDescriptor::answer(std::span<std::byte> data, int command) {
  switch (command) {
    case ZIP_SOURCE_SUPPORTS:
      return supported_commands();
    case ZIP_SOURCE_ERROR:
      return tell_error(data);
    case ZIP_SOURCE_STAT: {
      auto* const stat = reinterpret_cast<zip_stat_t*>(data.data());  // libzip's own, always whole
      zip_stat_init(stat);
      stat->size = size_;
      stat->valid |= ZIP_STAT_SIZE;
      return sizeof(zip_stat_t);
    }
    case ZIP_SOURCE_OPEN:
      read_at_ = 0;
      return 0;
    case ZIP_SOURCE_READ:
      return read(data);
    case ZIP_SOURCE_SEEK:
      return seek(read_at_, size_, data);
    case ZIP_SOURCE_TELL:
      return static_cast<std::int64_t>(read_at_);
    case ZIP_SOURCE_WRITE:
      write(data);
      return static_cast<std::int64_t>(data.size());
    case ZIP_SOURCE_SEEK_WRITE:
      return seek(write_at_, std::max(write_at_, size_), data);
    case ZIP_SOURCE_TELL_WRITE:
      return static_cast<std::int64_t>(write_at_);
    case ZIP_SOURCE_COMMIT_WRITE:
      flush();
      return 0;
    default:  // what needs no doing: begin, roll back, remove, close, free
      return 0;
  }
}

std::int64_t ZipDescriptor::read(std::span<std::byte> out) {
  const std::uint64_t left = size_ - std::min(size_, read_at_);
  out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left)));
  if (window_.file_size() == size_) {
    const auto bytes = window_.at(read_at_, out.size(), "what libzip reads");
    std::copy(bytes.begin(), bytes.end(), out.begin());
  } else {
    read_at(descriptor_, read_at_, out);  // of what is being written
  }
  read_at_ += out.size();
  return static_cast<std::int64_t>(out.size());
}

void ZipDescriptor::write(std::span<const std::byte> data) {
  while (!data.empty()) {
    const Range out = next_left_out(write_at_);
    const bool inside = out.begin <= write_at_;
    const std::uint64_t run = (inside ? out.end : out.begin) - write_at_;
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(run, data.size()));
    if (!inside) {
      put(data.first(size));
    }
    write_at_ += size;
    size_ = std::max(size_, write_at_);
    data = data.subspan(size);
  }
}

ZipDescriptor::Range ZipDescriptor::next_left_out(std::uint64_t offset) const {
  const auto next =
      std::upper_bound(left_out_.begin(), left_out_.end(), offset,
                       [](std::uint64_t at, const Range& range) { return at < range.end; });
  constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();
  return next == left_out_.end() ? Range{kNowhere, kNowhere} : *next;
}

// libzip writes a header, the data, and the header once more; where all that is in the piece still,
// it is put right in memory.
void ZipDescriptor::put(std::span<const std::byte> data) {
  if (write_at_ < piece_begin_ || write_at_ - piece_begin_ > piece_.size()) {
    flush();
    piece_begin_ = write_at_;
  }
  const auto at = static_cast<std::size_t>(write_at_ - piece_begin_);
  piece_.resize(std::max(piece_.size(), at + data.size()));
  std::copy(data.begin(), data.end(), piece_.begin() + static_cast<std::ptrdiff_t>(at));
  if (piece_.size() >= kPieceBytes) {
    flush();
  }
}

void ZipDescriptor::flush() {
  write_at(descriptor_, piece_begin_, piece_);
  piece_begin_ += piece_.size();
  piece_.clear();
  if (progress_) {
    progress_(piece_begin_);
  }
}

void check_against_libzip(int descriptor, std::uint64_t file_size,
                          const std::vector<Member>& members) {
  ZipDescriptor file(descriptor, file_size);
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = file.source();
  zip_t* const zip = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (zip == nullptr) {
    const std::string why = zip_error_strerror(&error);
    zip_error_fini(&error);
    zip_source_free(source);
    if (file.failure()) {
      std::rethrow_exception(file.failure());
    }
    throw Error("", "libzip can't read it: " + why);
  }
  const std::unique_ptr<zip_t, decltype(&zip_discard)> closing(zip, &zip_discard);
  if (zip_get_num_entries(zip, 0) != static_cast<zip_int64_t>(members.size())) {
    throw Error("", "libzip sees another number of members in it");
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!agrees(zip, i, members[i])) {
      throw Error(members[i].name, "libzip reads its header differently");
    }
  }
}

}  // namespace wheel
