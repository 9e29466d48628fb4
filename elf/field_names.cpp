#include "elf/field_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>
#include <span>

#include "elf/format.h"

namespace elf {
namespace {

struct Name {
  std::uint64_t value = 0;
  const char* name = "";
};

// gABI ch. 4, "ELF Header".
constexpr Name kMachines[] = {
    {EM_386, "EM_386"},       {EM_MIPS, "EM_MIPS"},   {EM_PPC, "EM_PPC"},
    {EM_PPC64, "EM_PPC64"},   {EM_S390, "EM_S390"},   {EM_ARM, "EM_ARM"},
    {EM_X86_64, "EM_X86_64"}, {EM_CUDA, "EM_CUDA"},   {EM_AARCH64, "EM_AARCH64"},
    {EM_RISCV, "EM_RISCV"},   {EM_ALPHA, "EM_ALPHA"}, {EM_LOONGARCH, "EM_LOONGARCH"}};
constexpr Name kTypes[] = {
    {ET_REL, "ET_REL"}, {ET_EXEC, "ET_EXEC"}, {ET_DYN, "ET_DYN"}, {4, "ET_CORE"}};
// gABI ch. 5, "Program Header"; glibc, elf/elf.h for the GNU ones.
constexpr Name kSegments[] = {{PT_NULL, "PT_NULL"},
                              {PT_LOAD, "PT_LOAD"},
                              {PT_DYNAMIC, "PT_DYNAMIC"},
                              {PT_INTERP, "PT_INTERP"},
                              {PT_NOTE, "PT_NOTE"},
                              {5, "PT_SHLIB"},
                              {PT_PHDR, "PT_PHDR"},
                              {PT_TLS, "PT_TLS"},
                              {0x6474e550, "PT_GNU_EH_FRAME"},
                              {PT_GNU_STACK, "PT_GNU_STACK"},
                              {PT_GNU_RELRO, "PT_GNU_RELRO"},
                              {PT_GNU_PROPERTY, "PT_GNU_PROPERTY"}};
// gABI ch. 5, "Dynamic Section"; glibc, elf/elf.h for the GNU and Sun ones.
constexpr Name kTags[] = {{DT_NEEDED, "DT_NEEDED"},
                          {2, "DT_PLTRELSZ"},
                          {DT_PLTGOT, "DT_PLTGOT"},
                          {DT_HASH, "DT_HASH"},
                          {DT_STRTAB, "DT_STRTAB"},
                          {DT_SYMTAB, "DT_SYMTAB"},
                          {DT_RELA, "DT_RELA"},
                          {8, "DT_RELASZ"},
                          {9, "DT_RELAENT"},
                          {DT_STRSZ, "DT_STRSZ"},
                          {DT_SYMENT, "DT_SYMENT"},
                          {DT_INIT, "DT_INIT"},
                          {DT_FINI, "DT_FINI"},
                          {DT_SONAME, "DT_SONAME"},
                          {DT_RPATH, "DT_RPATH"},
                          {16, "DT_SYMBOLIC"},
                          {DT_REL, "DT_REL"},
                          {18, "DT_RELSZ"},
                          {19, "DT_RELENT"},
                          {20, "DT_PLTREL"},
                          {21, "DT_DEBUG"},
                          {22, "DT_TEXTREL"},
                          {DT_JMPREL, "DT_JMPREL"},
                          {24, "DT_BIND_NOW"},
                          {DT_INIT_ARRAY, "DT_INIT_ARRAY"},
                          {DT_FINI_ARRAY, "DT_FINI_ARRAY"},
                          {27, "DT_INIT_ARRAYSZ"},
                          {28, "DT_FINI_ARRAYSZ"},
                          {DT_RUNPATH, "DT_RUNPATH"},
                          {DT_FLAGS, "DT_FLAGS"},
                          {DT_PREINIT_ARRAY, "DT_PREINIT_ARRAY"},
                          {33, "DT_PREINIT_ARRAYSZ"},
                          {DT_SYMTAB_SHNDX, "DT_SYMTAB_SHNDX"},
                          {35, "DT_RELRSZ"},
                          {DT_RELR, "DT_RELR"},
                          {DT_RELRENT, "DT_RELRENT"},
                          {DT_GNU_HASH, "DT_GNU_HASH"},
                          {DT_TLSDESC_PLT, "DT_TLSDESC_PLT"},
                          {DT_TLSDESC_GOT, "DT_TLSDESC_GOT"},
                          {DT_CONFIG, "DT_CONFIG"},
                          {DT_DEPAUDIT, "DT_DEPAUDIT"},
                          {DT_AUDIT, "DT_AUDIT"},
                          {DT_VERSYM, "DT_VERSYM"},
                          {DT_RELACOUNT, "DT_RELACOUNT"},
                          {DT_RELCOUNT, "DT_RELCOUNT"},
                          {DT_FLAGS_1, "DT_FLAGS_1"},
                          {DT_VERDEF, "DT_VERDEF"},
                          {DT_VERDEFNUM, "DT_VERDEFNUM"},
                          {DT_VERNEED, "DT_VERNEED"},
                          {DT_VERNEEDNUM, "DT_VERNEEDNUM"},
                          {DT_AUXILIARY, "DT_AUXILIARY"},
                          {DT_FILTER, "DT_FILTER"}};
constexpr Name kFlags[] = {{1, "DF_ORIGIN"},
                           {2, "DF_SYMBOLIC"},
                           {4, "DF_TEXTREL"},
                           {8, "DF_BIND_NOW"},
                           {16, "DF_STATIC_TLS"}};
constexpr Name kFlags1[] = {{0x1, "DF_1_NOW"},
                            {0x2, "DF_1_GLOBAL"},
                            {0x4, "DF_1_GROUP"},
                            {0x8, "DF_1_NODELETE"},
                            {0x10, "DF_1_LOADFLTR"},
                            {0x20, "DF_1_INITFIRST"},
                            {0x40, "DF_1_NOOPEN"},
                            {0x80, "DF_1_ORIGIN"},
                            {0x100, "DF_1_DIRECT"},
                            {0x400, "DF_1_INTERPOSE"},
                            {DF_1_NODEFLIB, "DF_1_NODEFLIB"},
                            {0x1000, "DF_1_NODUMP"},
                            {DF_1_PIE, "DF_1_PIE"}};

std::string name_in(std::span<const Name> names, std::uint64_t value) {
  const auto found = std::ranges::find(names, value, &Name::value);
  return found == names.end() ? hexadecimal(value) : found->name;
}

std::string names_of_bits(std::span<const Name> names, std::uint64_t bits) {
  std::string text;
  const auto add = [&](const std::string& name) { text += (text.empty() ? "" : " ") + name; };
  for (const Name& each : names) {
    if ((bits & each.value) != 0) add(each.name);
    bits &= ~each.value;
  }
  if (bits != 0) add(hexadecimal(bits));
  return text;
}

}  // namespace

std::string hexadecimal(std::uint64_t value) {
  std::array<char, 18> digits{'0', 'x'};
  const auto end = std::to_chars(digits.data() + 2, digits.data() + digits.size(), value, 16).ptr;
  return {digits.data(), end};
}

std::string machine_name(std::uint16_t e_machine) {
  return name_in(kMachines, e_machine);
}

std::string type_name(std::uint16_t e_type) {
  return name_in(kTypes, e_type);
}

std::string segment_name(std::uint32_t p_type) {
  return name_in(kSegments, p_type);
}

std::string tag_name(std::uint64_t d_tag) {
  return name_in(kTags, d_tag);
}

std::string access_text(std::uint32_t p_flags) {
  std::string text{(p_flags & PF_R) != 0 ? 'R' : ' ', (p_flags & PF_W) != 0 ? 'W' : ' ',
                   (p_flags & PF_X) != 0 ? 'E' : ' '};
  return text;
}

std::string flag_names(std::uint64_t dt_flags) {
  return names_of_bits(kFlags, dt_flags);
}

std::string flag_1_names(std::uint64_t dt_flags_1) {
  return names_of_bits(kFlags1, dt_flags_1);
}

}  // namespace elf
