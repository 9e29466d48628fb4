#include "src/size.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace spokeshave {

namespace {

std::optional<double> unit_factor(std::string_view unit) {
  constexpr std::string_view kPrefixes = "KMGT";
  if (!unit.empty() && std::toupper(static_cast<unsigned char>(unit.back())) == 'B') {
    unit.remove_suffix(1);
  }
  if (unit.empty()) {
    return 1.0;
  }
  const auto power =
      kPrefixes.find(static_cast<char>(std::toupper(static_cast<unsigned char>(unit.front()))));
  if (power == std::string_view::npos) {
    return std::nullopt;
  }
  unit.remove_prefix(1);
  if (unit.empty()) {
    return std::pow(1000.0, static_cast<double>(power) + 1);
  }
  if (unit == "i" || unit == "I") {
    return std::pow(1024.0, static_cast<double>(power) + 1);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> parse_size(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number > 0)) {
    return std::nullopt;
  }
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (!unit.empty() && unit.front() == ' ') {
    unit.remove_prefix(1);
  }
  const auto factor = unit_factor(unit);
  if (!factor) {
    return std::nullopt;
  }
  const double bytes = std::floor(number * *factor);
  if (!(bytes >= 1) || bytes >= 0x1p63) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(bytes);
}

std::string format_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  if (bytes < 1000) {
    return fmt::format("{} B", bytes);
  }
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 999.5 would be shown as 1000: it belongs to the next unit already.
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f} {}", value, decimals, kUnits[unit]);
}

}  // namespace spokeshave
