#pragma once

#include "wheel/bit_writer.h"

namespace wheel {

/// Puts empty deflate blocks until `phase` bits of a byte are begun (0 to 7), so that what follows
/// can be copied from where it has this phase byte by byte. 125 bits at most. Only between blocks.
void pad_to_phase(BitWriter& writer, unsigned phase);

}  // namespace wheel
