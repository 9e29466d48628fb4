#include "elf/image.h"

#include <algorithm>
#include <array>

#include "elf/bytes.h"
#include "elf/dynamic.h"
#include "elf/error.h"
#include "elf/header.h"
#include "elf/segments.h"
#include "elf/string_table.h"
#include "elf/symbols.h"
#include "elf/versions.h"

namespace elf {
namespace {

constexpr std::array kMagic{std::byte{0x7f}, std::byte{'E'}, std::byte{'L'}, std::byte{'F'}};
constexpr std::size_t kMaxInterpreter = 4096;     // PATH_MAX, as the kernel has it
constexpr std::size_t kMaxNeededText = 64 << 20;  // a million entries may all name one long string

// A library, or a program that wants libraries: what ld.so would be asked to load.
bool is_for_the_loader(const Image& image) {
  return image.type == ET_DYN || find_segment(image, PT_DYNAMIC) != nullptr;
}

void read_interpreter(Reader& reader, Image& image) {
  const Segment* segment = find_segment(image, PT_INTERP);
  if (segment == nullptr) return;
  constexpr const char* kWhat = "the interpreter's path";
  if (segment->file_size > kMaxInterpreter)
    throw Error(segment->offset, "the interpreter's path is too long");
  const auto bytes =
      reader.view(segment->offset, static_cast<std::size_t>(segment->file_size), kWhat);
  const auto end = std::ranges::find(bytes, std::byte{0});
  if (end == bytes.end()) throw Error(segment->offset, "the interpreter's path has no end");
  image.interpreter.emplace(reinterpret_cast<const char*>(bytes.data()),
                            static_cast<std::size_t>(end - bytes.begin()));
}

void read_flags(Image& image) {
  if (const auto* flags = find_entry(image, DT_FLAGS)) image.flags = flags->value;
  if (const auto* flags = find_entry(image, DT_FLAGS_1)) image.flags_1 = flags->value;
}

bool wants_executable_stack(const Image& image) {
  const Segment* stack = find_segment(image, PT_GNU_STACK);
  return stack == nullptr || (stack->flags & PF_X) != 0;
}

// Where all names stand that the image shows.
std::vector<std::uint64_t> name_offsets(const Image& image, const std::vector<NeedRecord>& needs,
                                        const std::vector<DefinitionRecord>& definitions) {
  std::vector<std::uint64_t> offsets;
  for (const DynamicEntry& entry : image.dynamic) {
    if (value_kind(entry.tag) == ValueKind::kString) offsets.push_back(entry.value);
  }
  for (const NeedRecord& need : needs) {
    offsets.push_back(need.file);
    offsets.insert(offsets.end(), need.names.begin(), need.names.end());
  }
  for (const DefinitionRecord& definition : definitions) {
    offsets.insert(offsets.end(), definition.names.begin(), definition.names.end());
  }
  return offsets;
}

void name_dynamic(Image& image, const Strings& strings) {
  const auto name = [&](std::uint64_t tag) -> std::optional<std::string> {
    const DynamicEntry* entry = find_entry(image, tag);
    if (entry == nullptr) return std::nullopt;
    return strings.at(entry->value);
  };
  image.soname = name(DT_SONAME);
  image.rpath = name(DT_RPATH);
  image.runpath = name(DT_RUNPATH);
  std::size_t text = 0;
  for (const DynamicEntry& entry : image.dynamic) {
    if (entry.tag != DT_NEEDED) continue;
    image.needed.push_back(strings.at(entry.value));
    text += image.needed.back().size();
    if (text > kMaxNeededText)
      throw Error(entry.file_offset, "the needed names are longer than any loader takes");
  }
}

void name_versions(Image& image, const Strings& strings, const std::vector<NeedRecord>& needs,
                   const std::vector<DefinitionRecord>& definitions) {
  for (const NeedRecord& need : needs) {
    VersionNeed& named = image.version_needs.emplace_back();
    named.file = strings.at(need.file);
    for (const std::uint64_t name : need.names) named.names.push_back(strings.at(name));
  }
  for (const DefinitionRecord& definition : definitions) {
    if (!definition.is_base)
      image.version_definitions.push_back(strings.at(definition.names.front()));
  }
}

// A symbol's name is an init function's where it begins at one of the places at which such a name
// stands.
bool defines_one_of(Reader& reader, const Image& image, const std::vector<std::uint64_t>& names) {
  if (names.empty()) return false;
  bool defines = false;
  for_each_symbol(reader, hashed_symbols(reader, image), [&](Record symbol) {
    defines = symbol[sym::st_shndx] != SHN_UNDEF &&
              std::ranges::binary_search(names, symbol[sym::st_name]);
    return !defines;
  });
  return defines;
}

void read_names(Reader& reader, Image& image) {
  const auto needs = read_version_needs(reader, image);
  const auto definitions = read_version_definitions(reader, image);
  const ScannedStrings found = scan_strings(reader, image, name_offsets(image, needs, definitions));
  name_dynamic(image, found.strings);
  name_versions(image, found.strings, needs, definitions);
  image.exports_python_init = defines_one_of(reader, image, found.python_inits);
}

void read_for_the_loader(Reader& reader, Image& image) {
  if (image.type != ET_DYN && image.type != ET_EXEC) {
    throw Error(ehdr::e_type.offset(image.format),
                "neither a shared library nor a program, but it has a dynamic table");
  }
  if (image.segments.size() >= PN_XNUM) {  // ld.so does not know PN_XNUM
    throw Error(image.program_headers_offset, "more program headers than the loader reads");
  }
  check_loadable(image);
  const Segment* dynamic = find_segment(image, PT_DYNAMIC);
  if (dynamic == nullptr || dynamic->file_size == 0) {
    throw Error(image.program_headers_offset, "a shared library without a dynamic table");
  }
  read_dynamic(reader, image);
  read_flags(image);
  find_string_table(image);
  check_addresses(image);
  read_names(reader, image);
}

}  // namespace

bool Image::is_executable() const {
  return type == ET_EXEC || (flags_1 & DF_1_PIE) != 0 || (interpreter && !soname);
}

bool Image::same_abi(const Image& other) const {
  return format == other.format && machine == other.machine;
}

bool has_elf_magic(std::span<const std::byte> first_bytes) {
  return first_bytes.size() >= kMagic.size() &&
         std::ranges::equal(first_bytes.first(kMagic.size()), kMagic);
}

Image parse(Source& source) {
  Reader reader(source, {});
  Image image = read_header(reader);
  image.executable_stack = wants_executable_stack(image);
  const Image bare = image;
  try {
    read_interpreter(reader, image);
    if (is_for_the_loader(image)) read_for_the_loader(reader, image);
    return image;
  } catch (const Error&) {
    // A .debug file keeps the program headers of the file it was taken from, but not what they
    // speak of.
    if (is_debug_file(reader, bare)) return bare;
    throw;
  }
}

}  // namespace elf
