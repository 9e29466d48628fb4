#include "tests/support/lief_oracle.h"

#ifdef SPOKESHAVE_WITH_LIEF

#include <LIEF/ELF.hpp>

namespace support {
namespace {

using LIEF::ELF::DYNAMIC_TAGS;

template <typename Entry>
std::optional<std::string> text_of(const LIEF::ELF::Binary& binary, DYNAMIC_TAGS tag,
                                   const std::string& (Entry::*text)() const) {
  const auto* entry = dynamic_cast<const Entry*>(binary.get(tag));
  return entry == nullptr ? std::nullopt : std::optional((entry->*text)());
}

Names names_in(const LIEF::ELF::Binary& binary) {
  using namespace LIEF::ELF;
  Names names;
  names.needed = binary.imported_libraries();
  names.soname =
      text_of<DynamicSharedObject>(binary, DYNAMIC_TAGS::DT_SONAME, &DynamicSharedObject::name);
  names.rpath =
      text_of<DynamicEntryRpath>(binary, DYNAMIC_TAGS::DT_RPATH, &DynamicEntryRpath::rpath);
  names.runpath =
      text_of<DynamicEntryRunPath>(binary, DYNAMIC_TAGS::DT_RUNPATH, &DynamicEntryRunPath::runpath);
  return names;
}

}  // namespace

std::optional<LiefReading> read_with_lief(const std::filesystem::path& file) {
  const auto binary = LIEF::ELF::Parser::parse(file.string());
  if (!binary) return std::nullopt;
  const auto& header = binary->header();
  const bool is_x32 = header.machine_type() == LIEF::ELF::ARCH::EM_X86_64 &&
                      header.identity_class() == LIEF::ELF::ELF_CLASS::ELFCLASS32;
  if (is_x32) return std::nullopt;  // LIEF takes it for 64 bit, and sees no names
  LiefReading reading;
  reading.names = names_in(*binary);
  reading.machine = static_cast<std::uint16_t>(binary->header().machine_type());
  reading.type = static_cast<std::uint16_t>(binary->header().file_type());
  reading.entry_count = binary->dynamic_entries().size();
  if (binary->has_interpreter()) reading.interpreter = binary->interpreter();
  for (const auto& segment : binary->segments()) {
    if (segment.type() == LIEF::ELF::SEGMENT_TYPES::PT_LOAD) {
      reading.load_addresses.push_back(segment.virtual_address());
    }
  }
  for (const auto& need : binary->symbols_version_requirement()) {
    reading.version_need_files.push_back(need.name());
  }
  return reading;
}

bool built_with_lief() {
  return true;
}

}  // namespace support

#else

namespace support {

std::optional<LiefReading> read_with_lief(const std::filesystem::path&) {
  return std::nullopt;
}
bool built_with_lief() {
  return false;
}

}  // namespace support

#endif
