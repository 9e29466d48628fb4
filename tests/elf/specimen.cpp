#include "tests/support/specimen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "elf/image.h"
#include "elf/source.h"
#include "tests/support/elf_poke.h"

namespace support {
namespace {

std::span<const std::byte> as_bytes(const std::vector<char>& bytes) {
  return std::as_bytes(std::span(bytes));
}

Names names_in(const elf::Image& image) {
  return {image.needed, image.soname, image.rpath, image.runpath};
}

/// Whether a new name is an old one as well, so that the same edit again has work to do.
bool renames_in_a_circle(const elf::Edits& edits) {
  return std::ranges::any_of(edits.replace_needed, [&](const auto& one) {
    return std::ranges::any_of(edits.replace_needed,
                               [&](const auto& other) { return one.second == other.first; });
  });
}

/// The promises of elf/rewrite.h about the value itself.
void expect_well_formed(const elf::Rewrite& rewrite, std::uint64_t size, const elf::Image& image,
                        const elf::Edits& edits) {
  EXPECT_EQ(rewrite.original_size, size);
  EXPECT_EQ(rewrite.new_size(), size + rewrite.tail.size());
  std::uint64_t previous_end = 0;
  for (const elf::Patch& patch : rewrite.patches) {
    EXPECT_FALSE(patch.bytes.empty());
    EXPECT_GE(patch.offset, previous_end) << "patches overlap or do not ascend";
    previous_end = patch.offset + patch.bytes.size();
  }
  EXPECT_LE(previous_end, size) << "a patch reaches past the original";
  EXPECT_EQ(rewrite.empty(), rewrite.changes.empty()) << testing::PrintToString(rewrite.changes);

  std::uint64_t string_bytes = 0;
  const auto count = [&](const std::string& text) { string_bytes += text.size() + 1; };
  if (edits.search_path) count(*edits.search_path);
  if (edits.soname) count(*edits.soname);
  for (const auto& [from, to] : edits.replace_needed) count(to);
  for (const std::string& name : edits.add_needed) count(name);
  EXPECT_LE(rewrite.tail.size(), elf::tail_bound(image, string_bytes));
}

std::vector<char> applied_at_once(const std::vector<char>& original, const elf::Rewrite& rewrite) {
  std::vector<char> result = original;
  for (const elf::Patch& patch : rewrite.patches) {
    std::ranges::copy(patch.bytes, std::as_writable_bytes(std::span(result)).begin() +
                                       static_cast<std::ptrdiff_t>(patch.offset));
  }
  const auto* tail = reinterpret_cast<const char*>(rewrite.tail.data());
  result.insert(result.end(), tail, tail + rewrite.tail.size());
  return result;
}

}  // namespace

std::vector<char> applied(const std::vector<char>& original, const elf::Rewrite& rewrite) {
  std::vector<char> result = original;
  const auto bytes = std::as_writable_bytes(std::span(result));
  std::size_t piece = 1;
  for (std::size_t offset = 0; offset < bytes.size();) {
    const std::size_t size = std::min(piece, bytes.size() - offset);
    rewrite.apply(offset, bytes.subspan(offset, size));
    offset += size;
    piece = piece * 7 % 4999 + 1;
  }
  const auto* tail = reinterpret_cast<const char*>(rewrite.tail.data());
  result.insert(result.end(), tail, tail + rewrite.tail.size());
  return result;
}

Specimen::Specimen(const Recipe& recipe, const Preparation& prepare)
    : Specimen(build(recipe), prepare) {}

Specimen::Specimen(const std::filesystem::path& file, const Preparation& prepare)
    : before_(folder_ / "before" / file.filename()), file_(folder_ / file.filename()) {
  std::filesystem::create_directory(before_.parent_path());
  std::filesystem::copy_file(file, before_);
  std::filesystem::permissions(before_, std::filesystem::perms::owner_all);
  if (prepare) prepare(before_);
  std::filesystem::copy_file(before_, file_);
  wanted_ = names_of(before_);
}

std::uint64_t Specimen::growth() const {
  return std::filesystem::file_size(file_) - std::filesystem::file_size(before_);
}

elf::Rewrite Specimen::edit(const elf::Edits& edits) {
  const std::vector<char> original = read_file(file_);
  elf::MemorySource source(as_bytes(original));
  const elf::Image image = elf::parse(source);
  EXPECT_EQ(names_in(image), wanted_) << "as parsed before the edit";
  const elf::Rewrite rewrite = elf::rewrite(source, image, edits);
  expect_well_formed(rewrite, original.size(), image, edits);

  const std::vector<char> changed = applied(original, rewrite);
  EXPECT_TRUE(changed == applied_at_once(original, rewrite)) << "apply() by pieces differs";
  write_file(file_, changed);
  wanted_ = expected_names(wanted_, edits);

  elf::MemorySource changed_source(as_bytes(changed));
  const elf::Image changed_image = elf::parse(changed_source);
  EXPECT_EQ(names_in(changed_image), wanted_) << "as parsed after the edit";
  if (!renames_in_a_circle(edits)) {
    EXPECT_TRUE(elf::rewrite(changed_source, changed_image, edits).empty())
        << "the same edit again changes something";
  }
  return rewrite;
}

Findings Specimen::findings(const std::vector<std::string>& steps, LoadPlan where) const {
  Findings result = damage(before_, file_, wanted_);
  if (steps.empty()) return result;
  const auto load = [&](const std::filesystem::path& library) {
    where.steps = {"open:" + library.string()};
    where.steps.insert(where.steps.end(), steps.begin(), steps.end());
    return load_and_call(where);
  };
  const LoadResult old_result = load(before_);
  const LoadResult new_result = load(file_);
  if (old_result.status != 0)
    result.push_back("ld.so: the original does not load: " + old_result.text);
  if (new_result != old_result) {
    result.push_back("ld.so: " + testing::PrintToString(new_result) + " instead of " +
                     testing::PrintToString(old_result));
  }
  return result;
}

std::string long_text(std::size_t size, const std::string& unit) {
  std::string text;
  while (text.size() < size) text += unit;
  return text.substr(0, size);
}

const char* const kRichSource = R"(
#include <stdlib.h>
__thread int counter = 41;
__thread int zero_counter;
static char zeros[100000];
static int constructed;
static const char *const words[] = {"first", "second"};
__attribute__((constructor)) static void construct(void) { constructed = 7; }
int thread_storage(void) { return ++counter * 100 + ++zero_counter; }
int was_constructed(void) { return constructed; }
int zero_storage(void) {
  int sum = 0;
  for (unsigned i = 0; i < sizeof zeros; ++i) sum += zeros[i];
  zeros[sizeof zeros - 1] = 5;
  return sum + zeros[sizeof zeros - 1];
}
int relocated_word(void) { return words[1][0]; }
int through_libc(void) { return (int)strtol("17", NULL, 10) + (getenv("PATH") != NULL); }
)";

const std::vector<std::string> kRichSteps{
    "call:thread_storage", "thread:thread_storage", "call:thread_storage", "call:was_constructed",
    "call:zero_storage",   "call:relocated_word",   "call:through_libc"};

}  // namespace support
