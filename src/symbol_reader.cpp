#include "src/symbol_reader.h"

#include <utility>

#include "src/member_source.h"
#include "src/symbol_transfer.h"
#include "wheel/member_stream.h"

namespace spokeshave {

ChildLimits reading_limits(std::uint64_t library_bytes) {
  constexpr std::uint64_t kLeastMemory = std::uint64_t{256} << 20;
  constexpr unsigned kLeastSeconds = 20;
  constexpr std::uint64_t kSlowest = 20'000'000;  // bytes a second
  return {kLeastMemory + 4 * library_bytes,
          kLeastSeconds + static_cast<unsigned>(library_bytes / kSlowest)};
}

SymbolReading read_in_child(const std::function<elf::SymbolListing()>& list,
                            const ChildLimits& limits) {
  elf::SymbolListing listing;
  try {
    const auto error = run_in_child([&](const SendBytes& send) { send_listing(list(), send); },
                                    [&](const ReceiveBytes& receive) {
                                      listing = receive_listing(receive, limits.memory_bytes);
                                    },
                                    limits);
    if (error) return *error;
    return SymbolReading(std::move(listing));
  } catch (const BadTransfer& error) {
    return std::string(error.what());
  }
}

SymbolReading read_symbols(const wheel::Archive& archive, const Library& library) {
  return read_in_child(
      [&] {
        wheel::MemberStream stream(archive, *archive.find(library.member));
        MemberSource source(stream);
        return elf::list_symbols(source, library.image);
      },
      reading_limits(library.size));
}

}  // namespace spokeshave
