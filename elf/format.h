#pragma once

#include <cstddef>
#include <cstdint>

// Names and numbers of the ELF gABI and of the GNU extensions, in the specification's spelling.
// Ours, since the system's header defines them as macros of the same names; never include both.
namespace elf {

enum class Class : std::uint8_t { k32 = 1, k64 = 2 };
enum class ByteOrder : std::uint8_t { kLittle = 1, kBig = 2 };

/// How numbers of one file are laid down (e_ident[EI_CLASS], e_ident[EI_DATA]).
struct Format {
  Class elf_class = Class::k64;
  ByteOrder byte_order = ByteOrder::kLittle;
  friend bool operator==(const Format&, const Format&) = default;

  constexpr bool is_64() const { return elf_class == Class::k64; }
};

/// Where one field stands in a record, and how wide it is, in each of the two classes. Bytes.
struct Field {
  std::uint8_t offset32, width32, offset64, width64;

  constexpr std::size_t offset(Format format) const { return format.is_64() ? offset64 : offset32; }
  constexpr std::size_t width(Format format) const { return format.is_64() ? width64 : width32; }
};

/// The size of one kind of record in each of the two classes. Bytes.
struct RecordSize {
  std::uint8_t bytes32, bytes64;

  constexpr std::size_t bytes(Format format) const { return format.is_64() ? bytes64 : bytes32; }
};

constexpr std::size_t kIdentSize = 16;  // EI_NIDENT

namespace ehdr {
constexpr RecordSize kSize{52, 64};
constexpr Field e_type{16, 2, 16, 2};
constexpr Field e_machine{18, 2, 18, 2};
constexpr Field e_version{20, 4, 20, 4};
constexpr Field e_phoff{28, 4, 32, 8};
constexpr Field e_shoff{32, 4, 40, 8};
constexpr Field e_ehsize{40, 2, 52, 2};
constexpr Field e_phentsize{42, 2, 54, 2};
constexpr Field e_phnum{44, 2, 56, 2};
constexpr Field e_shentsize{46, 2, 58, 2};
constexpr Field e_shnum{48, 2, 60, 2};
constexpr Field e_shstrndx{50, 2, 62, 2};
}  // namespace ehdr

namespace phdr {
constexpr RecordSize kSize{32, 56};
constexpr Field p_type{0, 4, 0, 4};
constexpr Field p_flags{24, 4, 4, 4};
constexpr Field p_offset{4, 4, 8, 8};
constexpr Field p_vaddr{8, 4, 16, 8};
constexpr Field p_paddr{12, 4, 24, 8};
constexpr Field p_filesz{16, 4, 32, 8};
constexpr Field p_memsz{20, 4, 40, 8};
constexpr Field p_align{28, 4, 48, 8};
}  // namespace phdr

namespace shdr {
constexpr RecordSize kSize{40, 64};
constexpr Field sh_type{4, 4, 4, 4};
constexpr Field sh_flags{8, 4, 8, 8};
constexpr Field sh_addr{12, 4, 16, 8};
constexpr Field sh_offset{16, 4, 24, 8};
constexpr Field sh_size{20, 4, 32, 8};
constexpr Field sh_link{24, 4, 40, 4};
constexpr Field sh_info{28, 4, 44, 4};
}  // namespace shdr

namespace dyn {
constexpr RecordSize kSize{8, 16};
constexpr Field d_tag{0, 4, 0, 8};
constexpr Field d_val{4, 4, 8, 8};
}  // namespace dyn

namespace sym {
constexpr RecordSize kSize{16, 24};
constexpr Field st_name{0, 4, 0, 4};
constexpr Field st_value{4, 4, 8, 8};
constexpr Field st_info{12, 1, 4, 1};
constexpr Field st_shndx{14, 2, 6, 2};
}  // namespace sym

// Symbol versions: the same in both classes (LSB Core, "Symbol Versioning").
namespace verneed {
constexpr RecordSize kSize{16, 16};
constexpr Field vn_version{0, 2, 0, 2};
constexpr Field vn_file{4, 4, 4, 4};
constexpr Field vn_aux{8, 4, 8, 4};
constexpr Field vn_next{12, 4, 12, 4};
}  // namespace verneed

namespace vernaux {
constexpr RecordSize kSize{16, 16};
constexpr Field vna_name{8, 4, 8, 4};
constexpr Field vna_next{12, 4, 12, 4};
}  // namespace vernaux

namespace verdef {
constexpr RecordSize kSize{20, 20};
constexpr Field vd_version{0, 2, 0, 2};
constexpr Field vd_flags{2, 2, 2, 2};
constexpr Field vd_aux{12, 4, 12, 4};
constexpr Field vd_next{16, 4, 16, 4};
}  // namespace verdef

namespace verdaux {
constexpr RecordSize kSize{8, 8};
constexpr Field vda_name{0, 4, 0, 4};
constexpr Field vda_next{4, 4, 4, 4};
}  // namespace verdaux

constexpr std::uint16_t ET_REL = 1;
constexpr std::uint16_t ET_EXEC = 2;
constexpr std::uint16_t ET_DYN = 3;

constexpr std::uint16_t EM_386 = 3;
constexpr std::uint16_t EM_MIPS = 8;
constexpr std::uint16_t EM_PPC = 20;
constexpr std::uint16_t EM_PPC64 = 21;
constexpr std::uint16_t EM_S390 = 22;
constexpr std::uint16_t EM_ARM = 40;
constexpr std::uint16_t EM_X86_64 = 62;
constexpr std::uint16_t EM_CUDA = 190;  // code for a GPU
constexpr std::uint16_t EM_AARCH64 = 183;
constexpr std::uint16_t EM_RISCV = 243;
constexpr std::uint16_t EM_LOONGARCH = 258;
constexpr std::uint16_t EM_ALPHA = 0x9026;

constexpr std::uint16_t PN_XNUM = 0xffff;  // e_phnum: the count stands in section 0's sh_info
constexpr std::uint16_t SHN_UNDEF = 0;
constexpr std::uint16_t SHN_XINDEX = 0xffff;  // e_shstrndx: the index stands in section 0's sh_link

constexpr std::uint32_t PT_NULL = 0;
constexpr std::uint32_t PT_LOAD = 1;
constexpr std::uint32_t PT_DYNAMIC = 2;
constexpr std::uint32_t PT_INTERP = 3;
constexpr std::uint32_t PT_NOTE = 4;
constexpr std::uint32_t PT_PHDR = 6;
constexpr std::uint32_t PT_TLS = 7;
constexpr std::uint32_t PT_GNU_STACK = 0x6474e551;
constexpr std::uint32_t PT_GNU_RELRO = 0x6474e552;
constexpr std::uint32_t PT_GNU_PROPERTY = 0x6474e553;

constexpr std::uint32_t PF_X = 1;
constexpr std::uint32_t PF_W = 2;
constexpr std::uint32_t PF_R = 4;

constexpr std::uint32_t SHT_NULL = 0;
constexpr std::uint32_t SHT_SYMTAB = 2;
constexpr std::uint32_t SHT_STRTAB = 3;
constexpr std::uint32_t SHT_DYNAMIC = 6;
constexpr std::uint32_t SHT_NOTE = 7;
constexpr std::uint32_t SHT_NOBITS = 8;
constexpr std::uint32_t SHT_DYNSYM = 11;
constexpr std::uint32_t SHT_GNU_verdef = 0x6ffffffd;
constexpr std::uint32_t SHT_GNU_verneed = 0x6ffffffe;
constexpr std::uint64_t SHF_ALLOC = 2;

constexpr std::uint64_t DT_NULL = 0;
constexpr std::uint64_t DT_NEEDED = 1;
constexpr std::uint64_t DT_PLTGOT = 3;
constexpr std::uint64_t DT_HASH = 4;
constexpr std::uint64_t DT_STRTAB = 5;
constexpr std::uint64_t DT_SYMTAB = 6;
constexpr std::uint64_t DT_RELA = 7;
constexpr std::uint64_t DT_STRSZ = 10;
constexpr std::uint64_t DT_SYMENT = 11;
constexpr std::uint64_t DT_INIT = 12;
constexpr std::uint64_t DT_FINI = 13;
constexpr std::uint64_t DT_SONAME = 14;
constexpr std::uint64_t DT_RPATH = 15;
constexpr std::uint64_t DT_REL = 17;
constexpr std::uint64_t DT_JMPREL = 23;
constexpr std::uint64_t DT_INIT_ARRAY = 25;
constexpr std::uint64_t DT_FINI_ARRAY = 26;
constexpr std::uint64_t DT_RUNPATH = 29;
constexpr std::uint64_t DT_FLAGS = 30;
constexpr std::uint64_t DT_PREINIT_ARRAY = 32;
constexpr std::uint64_t DT_SYMTAB_SHNDX = 34;
constexpr std::uint64_t DT_RELR = 36;
constexpr std::uint64_t DT_RELRENT = 37;
constexpr std::uint64_t DT_VALRNGLO = 0x6ffffd00;
constexpr std::uint64_t DT_VALRNGHI = 0x6ffffdff;
constexpr std::uint64_t DT_GNU_HASH = 0x6ffffef5;
constexpr std::uint64_t DT_TLSDESC_PLT = 0x6ffffef6;
constexpr std::uint64_t DT_TLSDESC_GOT = 0x6ffffef7;
constexpr std::uint64_t DT_CONFIG = 0x6ffffefa;
constexpr std::uint64_t DT_DEPAUDIT = 0x6ffffefb;
constexpr std::uint64_t DT_AUDIT = 0x6ffffefc;
constexpr std::uint64_t DT_VERSYM = 0x6ffffff0;
constexpr std::uint64_t DT_RELACOUNT = 0x6ffffff9;
constexpr std::uint64_t DT_RELCOUNT = 0x6ffffffa;
constexpr std::uint64_t DT_FLAGS_1 = 0x6ffffffb;
constexpr std::uint64_t DT_VERDEF = 0x6ffffffc;
constexpr std::uint64_t DT_VERDEFNUM = 0x6ffffffd;
constexpr std::uint64_t DT_VERNEED = 0x6ffffffe;
constexpr std::uint64_t DT_VERNEEDNUM = 0x6fffffff;
constexpr std::uint64_t DT_MIPS_RLD_MAP_REL = 0x70000035;
constexpr std::uint64_t DT_AUXILIARY = 0x7ffffffd;
constexpr std::uint64_t DT_FILTER = 0x7fffffff;

constexpr std::uint8_t STT_SECTION = 3;
constexpr std::uint8_t STB_LOCAL = 0;
constexpr std::uint8_t STB_GLOBAL = 1;
constexpr std::uint8_t STB_WEAK = 2;

constexpr std::uint64_t DF_1_NODEFLIB = 0x00000800;
constexpr std::uint64_t DF_1_PIE = 0x08000000;
constexpr std::uint16_t VER_FLG_BASE = 1;

}  // namespace elf
