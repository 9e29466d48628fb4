#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <string>

#include "tests/support/random_seed.h"
#include "tests/support/zip_bytes.h"
#include "wheel/archive.h"
#include "wheel/error.h"

namespace support {

/// What the Error says, `[member] what`, that opening these bytes as an archive throws; "taken"
/// where nothing is thrown.
inline std::string refusal_of(const std::string& bytes) {
  const MemoryFile file(bytes);
  try {
    wheel::Archive::open(file.descriptor());
  } catch (const wheel::Error& error) {
    return "[" + error.member() + "] " + error.what();
  }
  return "taken";
}

/// Bytes that pack in parts: runs, repeats from before, and noise.
inline std::string random_content(std::mt19937& random, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    const std::size_t piece = 1 + random() % 5000;
    switch (random() % 3) {
      case 0:
        text.append(piece, static_cast<char>(random()));
        break;
      case 1:
        text +=
            text.substr(text.size() - std::min<std::size_t>(text.size(), random() % 40000), piece);
        break;
      default:
        for (std::size_t i = 0; i < piece; ++i) {
          text += static_cast<char>(random());
        }
    }
  }
  text.resize(size);
  return text;
}

inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace support
