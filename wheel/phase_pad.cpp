#include "wheel/phase_pad.h"

namespace wheel {
namespace {

/// A fixed block with nothing but its end: 10 bits (RFC 1951, 3.2.6).
void put_empty_fixed(BitWriter& writer) {
  writer.put(0b010, 3);
  writer.put(0, 7);
}

/// A dynamic block with nothing but its end, of 95 bits, an odd number, which no fixed block has.
/// All its codes are complete, so that no decoder can take offence (RFC 1951, 3.2.7).
void put_empty_dynamic(BitWriter& writer) {
  writer.put(0b100, 3);
  writer.put(0, 5);   // 257 literal and length codewords
  writer.put(1, 5);   // 2 distance codewords
  writer.put(15, 4);  // 19 code lengths, one more than needed: that makes it odd
  for (int i = 0; i < 19; ++i) {
    const bool is_used = i == 2 || i == 17;  // symbol 18, many zeros: 1; symbol 1, a length of 1: 0
    writer.put(is_used ? 1 : 0, 3);
  }
  writer.put(1, 1);  // 138 zeros
  writer.put(127, 7);
  writer.put(1, 1);  // 117 zeros
  writer.put(106, 7);
  writer.put(0b0000, 4);  // a length of 1 each: literal 255, end of block; both distances
  writer.put(1, 1);       // end of block
}

}  // namespace

void pad_to_phase(BitWriter& writer, unsigned phase) {
  if ((writer.pending() + phase) % 2 != 0) {
    put_empty_dynamic(writer);
  }
  while (writer.pending() != phase) {
    put_empty_fixed(writer);
  }
}

}  // namespace wheel
