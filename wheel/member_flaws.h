#pragma once

#include <cstdint>
#include <string>

#include "wheel/archive.h"
#include "wheel/counted.h"
#include "wheel/error.h"

// What all decoders of members refuse, in the same words.
namespace wheel {

[[noreturn]] inline void refuse_fewer_bytes(const Member& member) {
  throw Error(member.name, "it unpacks to fewer bytes than the " + std::to_string(member.size) +
                               " that the archive declares");
}

[[noreturn]] inline void refuse_more_bytes(const Member& member) {
  throw Error(member.name, "it unpacks to more bytes than the " + std::to_string(member.size) +
                               " that the archive declares");
}

/// `consumed`: packed bytes that were needed.
inline void refuse_surplus(const Member& member, std::uint64_t consumed) {
  if (consumed != member.packed_bytes) {
    throw Error(member.name, "its packed data goes on for " +
                                 counted(member.packed_bytes - consumed, "byte", "bytes") +
                                 " behind its end");
  }
}

}  // namespace wheel
