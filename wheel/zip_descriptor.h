#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <vector>

#include "wheel/archive.h"
#include "wheel/file_window.h"

struct zip_source;

namespace wheel {

/// An open file as libzip's source and destination of an archive. libzip's own sources would move
/// the descriptor's offset, which others may share, and write beside the file and rename; this one
/// reads and writes by offset, and in large pieces.
class ZipDescriptor {
 public:
  /// To read an archive of `size` bytes; or, with size 0, to write one from byte 0 on.
  ZipDescriptor(int descriptor, std::uint64_t size)
      : descriptor_(descriptor), size_(size), window_(descriptor, size, kWindowBytes) {}

  /// Called with the bytes written so far.
  void on_progress(std::function<void(std::uint64_t)> progress) { progress_ = std::move(progress); }

  /// Of what libzip writes, the bytes from `begin` to `end` do not go into the file: somebody else
  /// puts them there. Ascending, before anything is written.
  void leave_out(std::uint64_t begin, std::uint64_t end) { left_out_.push_back({begin, end}); }

  /// The source to hand to libzip, which frees it; this object must live longer. Throws
  /// std::bad_alloc.
  zip_source* source();

  /// What a read, a write or the progress function threw: libzip is C, so it can't pass through.
  /// nullptr where nothing did.
  std::exception_ptr failure() const { return failure_; }

 private:
  static std::int64_t call(void* self, void* data, std::uint64_t size, int command);
  std::int64_t answer(std::span<std::byte> data, int command);
  std::int64_t read(std::span<std::byte> out);
  void write(std::span<const std::byte> data);
  void put(std::span<const std::byte> data);
  void flush();

  struct Range {
    std::uint64_t begin;
    std::uint64_t end;
  };
  /// The first range that ends behind `offset`; one behind the end of the file where none does.
  Range next_left_out(std::uint64_t offset) const;

  // libzip asks for the central directory field by field.
  static constexpr std::size_t kWindowBytes = std::size_t{64} << 10;

  int descriptor_;
  std::uint64_t size_;
  FileWindow window_;  ///< of an archive that is read
  std::uint64_t read_at_ = 0;
  std::uint64_t write_at_ = 0;     ///< where the next byte that libzip writes goes
  std::uint64_t piece_begin_ = 0;  ///< where piece_ goes
  std::vector<std::byte> piece_;   ///< bytes that are not in the file yet
  std::vector<Range> left_out_;
  std::exception_ptr failure_;
  std::function<void(std::uint64_t)> progress_;
};

/// Opens an archive of `size` bytes once more with libzip: a second reading, by code that is not
/// ours, must see the same members in the same order. Throws wheel::Error where it does not.
void check_against_libzip(int descriptor, std::uint64_t size, const std::vector<Member>& members);

}  // namespace wheel
