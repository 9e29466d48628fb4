// usage: inflate_floor [--sha256] WHEEL
// Inflates every member of a wheel once with ISA-L on all cores and throws the bytes away: whatever
// reads the wheel's contents takes at least this long. With --sha256 they are hashed as well:
// whatever holds them against RECORD does. Prints the number of bytes that came out.
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "wheel/archive.h"
#include "wheel/sha256.h"

namespace {

constexpr std::size_t kPiece = 1u << 20;

struct Buffers {
  std::vector<std::byte> in = std::vector<std::byte>(kPiece);
  std::vector<std::uint8_t> out = std::vector<std::uint8_t>(kPiece);
  inflate_state state;
};

std::uint64_t inflate(const wheel::Archive& archive, const wheel::Member& member, bool hashed,
                      Buffers& buffers) {
  if (member.method == wheel::Method::kStored) {
    return member.size;
  }
  isal_inflate_init(&buffers.state);
  std::uint64_t read = 0;
  std::uint64_t inflated = 0;
  wheel::Sha256 hash;
  while (buffers.state.block_state != ISAL_BLOCK_FINISH) {
    if (buffers.state.avail_in == 0) {
      const auto size = std::min<std::uint64_t>(kPiece, member.packed_bytes - read);
      archive.read_packed(member, read, std::span(buffers.in).first(size));
      buffers.state.next_in = reinterpret_cast<std::uint8_t*>(buffers.in.data());
      buffers.state.avail_in = static_cast<std::uint32_t>(size);
      read += size;
    }
    buffers.state.next_out = buffers.out.data();
    buffers.state.avail_out = kPiece;
    if (isal_inflate(&buffers.state) != ISAL_DECOMP_OK || inflated > member.size) {
      throw std::runtime_error("cannot inflate " + member.name);
    }
    const std::size_t size = kPiece - buffers.state.avail_out;
    inflated += size;
    if (hashed) {
      hash.update(std::as_bytes(std::span(buffers.out)).first(size));
    }
  }
  return inflated;
}

std::vector<wheel::Member> largest_first(std::vector<wheel::Member> members) {
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.packed_bytes > b.packed_bytes; });
  return members;
}

}  // namespace

int main(int argc, char** argv) {
  const bool hashed = argc == 3 && std::string_view(argv[1]) == "--sha256";
  if (argc != (hashed ? 3 : 2)) {
    std::fputs("usage: inflate_floor [--sha256] WHEEL\n", stderr);
    return 2;
  }
  const auto archive = wheel::Archive::open(std::string(argv[argc - 1]));
  const auto members = largest_first(archive.members());
  std::atomic<std::size_t> next = 0;
  std::atomic<std::uint64_t> total = 0;
  std::vector<std::jthread> workers;
  for (unsigned k = 0; k < std::max(1u, std::thread::hardware_concurrency()); ++k) {
    workers.emplace_back([&] {
      const auto buffers = std::make_unique<Buffers>();
      for (std::size_t i = next++; i < members.size(); i = next++) {
        total += inflate(archive, members[i], hashed, *buffers);
      }
    });
  }
  workers.clear();  // joins
  std::printf("%llu\n", static_cast<unsigned long long>(total));
  return 0;
}
