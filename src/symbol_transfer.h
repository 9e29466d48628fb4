#pragma once

#include <cstdint>
#include <stdexcept>

#include "elf/symbol_listing.h"
#include "src/child_process.h"

// How a listing goes through a pipe. Both ends are this program on this machine, so numbers go as
// they lie in memory; but the sender has read hostile input, so the receiver believes nothing.
namespace spokeshave {

/// What was received is no listing: the message broke off, or does not add up.
class BadTransfer : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void send_listing(const elf::SymbolListing& listing, const SendBytes& send);

/// Throws BadTransfer; allocates no more than about `limit` bytes whatever comes.
elf::SymbolListing receive_listing(const ReceiveBytes& receive, std::uint64_t limit);

}  // namespace spokeshave
