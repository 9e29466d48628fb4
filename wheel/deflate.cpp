#include "wheel/deflate.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <zlib.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace wheel {
namespace {

constexpr std::size_t kHistory = std::size_t{32} << 10;  // deflate looks back no further
constexpr std::size_t kPieceBytes = std::size_t{512} << 10;
// What does not compress grows by its blocks' headers; more than this is made room for when it
// occurs.
constexpr std::size_t kPackedRoom = kPieceBytes + kPieceBytes / 16;
// ISA-L's strongest. On libtorch_cuda.so it packs to 61.2 % at 390 MB/s, level 2 to 61.6 % at 470
// (zlib's level 6, which torch comes with: 62.2 % at 30 MB/s); on libtorch_cpu.so 32.6 % and 33.3
// %.
constexpr std::uint32_t kLevel = 3;

// ISA-L's CRC for AVX-512 returns with the upper halves of the vector registers in use (2.30 has no
// vzeroupper there). Until something clears them every SSE instruction has to carry them along:
// OpenSSL's SHA-256, which usually comes next, takes a third longer.
#if defined(__x86_64__)
__attribute__((target("avx"))) void clear_upper_halves_by_avx() {
  _mm256_zeroupper();
}
void clear_upper_halves() {
  if (__builtin_cpu_supports("avx")) clear_upper_halves_by_avx();
}
#else
void clear_upper_halves() {}
#endif

/// A piece of the stream on its way: first history and unpacked bytes, then the packed ones.
struct Piece {
  std::vector<std::byte> bytes = std::vector<std::byte>(kHistory + kPieceBytes);
  std::size_t history = 0;  ///< bytes before kHistory that the piece may refer to
  std::size_t size = 0;     ///< unpacked bytes from kHistory on
  bool is_last = false;
  std::vector<std::byte> packed;
  std::exception_ptr failure;
  bool done = false;

  std::span<std::byte> data() { return std::span(bytes).subspan(kHistory, size); }
};

/// Packs one piece so that it can stand anywhere in a deflate stream whose unpacked bytes before it
/// are its history: it begins and ends at a whole byte, and only the last one has the final block.
void pack(Piece& piece, std::vector<std::uint8_t>& level_buffer) {
  auto* const begin = reinterpret_cast<std::uint8_t*>(piece.bytes.data()) + kHistory;
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.level = kLevel;
  stream.level_buf = level_buffer.data();
  stream.level_buf_size = static_cast<std::uint32_t>(level_buffer.size());
  if (piece.history != 0) {
    isal_deflate_set_dict(&stream, begin - piece.history,
                          static_cast<std::uint32_t>(piece.history));
  }
  stream.end_of_stream = piece.is_last ? 1 : 0;
  stream.flush = piece.is_last ? NO_FLUSH : SYNC_FLUSH;
  stream.next_in = begin;
  stream.avail_in = static_cast<std::uint32_t>(piece.size);
  piece.packed.resize(kPackedRoom);
  std::size_t written = 0;
  do {
    piece.packed.resize(std::max(piece.packed.size(), written + kPieceBytes / 16));
    stream.next_out = reinterpret_cast<std::uint8_t*>(piece.packed.data()) + written;
    stream.avail_out = static_cast<std::uint32_t>(piece.packed.size() - written);
    if (isal_deflate(&stream) != COMP_OK) {
      throw std::bad_alloc();  // the only way to fail left: too small a level buffer
    }
    written = piece.packed.size() - stream.avail_out;
  } while (stream.avail_out == 0);
  piece.packed.resize(written);
}

/// A ring of pieces between the calling thread, which fills and empties them in order, and the
/// workers, which pack them.
class Packers {
 public:
  explicit Packers(unsigned threads) : ring_(threads + 2) {
    try {
      for (unsigned i = 0; i < threads; ++i) {
        workers_.emplace_back([this] { work(); });
      }
    } catch (...) {
      stop();
      throw;
    }
  }
  Packers(const Packers&) = delete;
  Packers& operator=(const Packers&) = delete;
  ~Packers() { stop(); }

  bool is_full() const { return filled_ - emptied_ == ring_.size(); }
  bool is_empty() const { return filled_ == emptied_; }
  /// The piece to fill next; only where the ring is not full.
  Piece& next() { return ring_[filled_ % ring_.size()]; }

  /// Gives the piece of next() to the workers.
  void submit() {
    {
      const std::lock_guard lock(mutex_);
      next().done = false;
      ++filled_;
    }
    work_there_.notify_one();
  }

  /// The oldest piece, packed; good until the next submit().
  Piece& oldest() {
    Piece& piece = ring_[emptied_ % ring_.size()];
    std::unique_lock lock(mutex_);
    piece_done_.wait(lock, [&] { return piece.done; });
    ++emptied_;
    if (piece.failure) {
      std::rethrow_exception(piece.failure);
    }
    return piece;
  }

 private:
  void work() {
    std::vector<std::uint8_t> level_buffer;
    for (;;) {
      std::unique_lock lock(mutex_);
      work_there_.wait(lock, [&] { return stopping_ || taken_ < filled_; });
      if (stopping_) {
        return;
      }
      Piece& piece = ring_[taken_++ % ring_.size()];
      lock.unlock();
      try {
        level_buffer.resize(ISAL_DEF_LVL3_EXTRA_LARGE);
        pack(piece, level_buffer);
      } catch (...) {
        piece.failure = std::current_exception();
      }
      lock.lock();
      piece.done = true;
      piece_done_.notify_one();
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_there_.notify_all();
    for (std::thread& worker : workers_) {
      worker.join();
    }
  }

  std::vector<Piece> ring_;
  // Pieces so far: filled_ and taken_ are guarded by mutex_ (filled_ is written by the calling
  // thread only); emptied_ is the calling thread's own.
  std::size_t filled_ = 0;
  std::size_t taken_ = 0;
  std::size_t emptied_ = 0;
  bool stopping_ = false;
  std::mutex mutex_;
  std::condition_variable work_there_;
  std::condition_variable piece_done_;
  std::vector<std::thread> workers_;
};

}  // namespace

std::string deflate_text(std::string_view text) {
  z_stream stream{};
  constexpr int kRawDeflate = -15;
  constexpr int kDefaultMemory = 8;
  if (deflateInit2(&stream, 6, Z_DEFLATED, kRawDeflate, kDefaultMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  std::string packed(deflateBound(&stream, text.size()), '\0');
  // zlib does not write through next_in, its type only says so where ZLIB_CONST is not defined.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::uint32_t crc32_update(std::uint32_t crc, std::span<const std::byte> bytes) {
  crc = crc32_gzip_refl(crc, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  clear_upper_halves();
  return crc;
}

std::uint32_t crc32_behind(std::uint32_t difference, std::uint64_t size) {
  return static_cast<std::uint32_t>(crc32_combine(difference, 0, static_cast<z_off_t>(size)));
}

std::uint32_t crc32_of(std::string_view bytes) {
  return crc32_update(0, std::as_bytes(std::span(bytes)));
}

Packed deflate_stream(std::uint64_t size, unsigned threads,
                      const std::function<void(std::span<std::byte>)>& read,
                      const std::function<void(std::span<const std::byte>)>& write) {
  Packed result{.packed_bytes = 0, .size = size, .crc = 0, .digest = {}};
  Sha256 sha256;
  Packers packers(std::max(threads, 1u));
  const auto write_oldest = [&] {
    const Piece& piece = packers.oldest();
    write(piece.packed);
    result.packed_bytes += piece.packed.size();
  };
  const Piece* previous = nullptr;
  std::uint64_t left = size;
  do {
    if (packers.is_full()) {
      write_oldest();
    }
    Piece& piece = packers.next();
    piece.size = static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, left));
    piece.history = 0;
    if (previous != nullptr) {  // which is a whole one; it is packed or being packed, and only read
      std::copy_n(previous->bytes.end() - kHistory, kHistory, piece.bytes.begin());
      piece.history = kHistory;
    }
    read(piece.data());
    result.crc = crc32_update(result.crc, piece.data());
    sha256.update(piece.data());
    left -= piece.size;
    piece.is_last = left == 0;
    packers.submit();
    previous = &piece;
  } while (left > 0);
  while (!packers.is_empty()) {
    write_oldest();
  }
  result.digest = sha256.finish();
  return result;
}

}  // namespace wheel
