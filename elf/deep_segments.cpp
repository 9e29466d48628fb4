#include "elf/deep_segments.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <optional>

#include "elf/bytes.h"
#include "elf/field_names.h"
#include "elf/format.h"

namespace elf {
namespace {

bool is_equal(const Segment& one, const Segment& other) {
  return one.type == other.type && one.flags == other.flags && one.offset == other.offset &&
         one.vaddr == other.vaddr && one.paddr == other.paddr && one.file_size == other.file_size &&
         one.memory_size == other.memory_size && one.align == other.align;
}

auto count_of(const std::vector<Segment>& segments, std::uint32_t type) {
  return std::ranges::count(segments, type, &Segment::type);
}

std::optional<std::size_t> last_load(const std::vector<Segment>& segments) {
  std::optional<std::size_t> last;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].type == PT_LOAD) last = i;
  }
  return last;
}

class Comparison {
 public:
  Comparison(const DeepReading& before, const DeepReading& after)
      : before_(before), after_(after), kept_(after.segments) {}

  std::vector<std::string> run() {
    take_out_new_load();
    compare_kept();
    check_table_offset();
    return std::move(told_);
  }

 private:
  void take_out_new_load() {
    if (count_of(kept_, PT_LOAD) != count_of(before_.segments, PT_LOAD) + 1) return;
    const std::size_t last = *last_load(kept_);
    new_load_ = kept_[last];
    kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(last));
    std::uint64_t end = 0;  // none of these sums can wrap in a file that was parsed
    for (const Segment& segment : before_.segments) {
      if (segment.type == PT_LOAD) end = std::max(end, segment.vaddr + segment.memory_size);
    }
    if (new_load_->flags != PF_R) told_.push_back("a PT_LOAD was added that is not read-only");
    if (new_load_->offset < before_.size) told_.push_back("a PT_LOAD was added over old bytes");
    if (new_load_->vaddr < end) told_.push_back("a PT_LOAD was added at old addresses");
    if (new_load_->file_size != new_load_->memory_size) {
      told_.push_back("a PT_LOAD was added that has memory beside the file's");
    }
    if (!fits(new_load_->offset, new_load_->file_size, after_.size) ||
        new_load_->offset + new_load_->file_size != after_.size) {
      told_.push_back("a PT_LOAD was added that does not end the file");
    }
    const std::uint64_t align = new_load_->align;
    if (new_load_->paddr != new_load_->vaddr || !std::has_single_bit(align) ||
        new_load_->offset % align != new_load_->vaddr % align) {
      told_.push_back("a PT_LOAD was added whose addresses do not fit its place in the file");
    }
  }

  // Entry by entry; where the new PT_LOAD took the place of one, that one is passed over.
  void compare_kept() {
    const bool one_is_gone = new_load_ && kept_.size() + 1 == before_.segments.size();
    if (kept_.size() != before_.segments.size() && !one_is_gone) {
      told_.push_back("there are " + std::to_string(after_.segments.size()) +
                      " program headers, not " + std::to_string(before_.segments.size()));
      return;
    }
    bool passed_over = !one_is_gone;
    std::size_t at = 0;
    for (std::size_t i = 0; i < before_.segments.size(); ++i) {
      const Segment& segment = before_.segments[i];
      if (at < kept_.size() && may_have_become(segment, kept_[at], i)) {
        ++at;
      } else if (!passed_over && is_spare(segment)) {
        passed_over = true;
      } else {
        tell(segment, at < kept_.size() ? kept_[at] : Segment{}, i);
        ++at;
      }
    }
  }

  static bool is_spare(const Segment& segment) {
    return segment.type == PT_NOTE || segment.type == PT_NULL || segment.type == PT_PHDR;
  }

  bool may_have_become(const Segment& segment, const Segment& now, std::size_t index) const {
    if (is_equal(segment, now)) return true;
    if (segment.type != now.type) return false;
    Segment expected = segment;
    if (segment.type == PT_LOAD && !new_load_ && last_load(before_.segments) == index &&
        now.file_size > segment.file_size && segment.file_size == segment.memory_size &&
        now.offset + now.file_size <= after_.size) {
      expected.file_size = expected.memory_size = now.file_size;
    }
    if (segment.type == PT_PHDR && moves_table() && now.offset == after_.program_headers_offset) {
      expected.offset = now.offset;
      expected.vaddr = expected.paddr = new_load_->vaddr + (now.offset - new_load_->offset);
      expected.file_size = expected.memory_size =
          segment.file_size / before_.segments.size() * after_.segments.size();
    }
    return is_equal(expected, now);
  }

  bool moves_table() const {
    return new_load_ && after_.segments.size() == before_.segments.size() + 1;
  }

  void check_table_offset() {
    if (after_.program_headers_offset == before_.program_headers_offset) return;
    const bool is_mapped = moves_table() && after_.program_headers_offset >= new_load_->offset &&
                           after_.program_headers_offset - new_load_->offset < new_load_->file_size;
    if (!is_mapped) told_.push_back("the program header table lies where nothing maps it");
  }

  void tell(const Segment& before, const Segment& now, std::size_t index) {
    std::string text = "program header " + std::to_string(index) + ", " + segment_name(before.type);
    std::string fields;
    const auto compare = [&](const char* field, std::uint64_t old_value, std::uint64_t new_value) {
      if (old_value == new_value) return;
      fields += std::string(fields.empty() ? ": " : ", ") + field + " is " +
                hexadecimal(new_value) + ", not " + hexadecimal(old_value);
    };
    compare("p_type", before.type, now.type);
    compare("p_flags", before.flags, now.flags);
    compare("p_offset", before.offset, now.offset);
    compare("p_vaddr", before.vaddr, now.vaddr);
    compare("p_paddr", before.paddr, now.paddr);
    compare("p_filesz", before.file_size, now.file_size);
    compare("p_memsz", before.memory_size, now.memory_size);
    compare("p_align", before.align, now.align);
    told_.push_back(text + fields);
  }

  const DeepReading& before_;
  const DeepReading& after_;
  std::vector<Segment> kept_;
  std::optional<Segment> new_load_;
  std::vector<std::string> told_;
};

}  // namespace

std::vector<std::string> broken_segments(const DeepReading& before, const DeepReading& after) {
  return Comparison(before, after).run();
}

bool took_a_note(const DeepReading& before, const DeepReading& after) {
  return count_of(after.segments, PT_NOTE) + 1 == count_of(before.segments, PT_NOTE);
}

}  // namespace elf
