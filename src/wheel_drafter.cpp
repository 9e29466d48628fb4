#include "src/wheel_drafter.h"

#include "src/dos_time.h"
#include "wheel/record.h"

namespace spokeshave {

namespace {

constexpr std::uint32_t kFileType = 0170000;
constexpr std::uint32_t kRegular = 0100000;
constexpr std::uint32_t kPermissions = 07777;
constexpr std::uint32_t kDefaultMode = kRegular | 0644;

std::uint32_t mode_of(const wheel::Member& member) {
  if ((member.mode & kPermissions) == 0) {
    return kDefaultMode;
  }
  return (member.mode & kFileType) == 0 ? member.mode | kRegular : member.mode;
}

}  // namespace

WheelDrafter::WheelDrafter(const wheel::WheelFile& wheel, std::optional<std::int64_t> epoch)
    : wheel_(wheel), epoch_(epoch) {}

void WheelDrafter::pass_through(const wheel::Member& member, const std::string& name,
                                std::optional<std::uint32_t> mode) {
  draft_.writer.add_member(entry_like(member, name, mode), wheel_.archive, member);
  add_row(name, wheel_.rows.at(member.name).hash, member.size);
  draft_.size.installed += member.size;
}

void WheelDrafter::add_library(const wheel::Member& like, const std::string& name,
                               const Stage& stage, const StagedLibrary& staged,
                               std::optional<std::uint32_t> mode) {
  const wheel::Packed& packed = staged.member.packed;
  draft_.writer.add_packed(entry_like(like, name, mode),
                           stage.packed_bytes(staged, wheel_.archive, like), packed);
  add_row(name, packed.digest, packed.size);
  draft_.written_anew.push_back({name, staged.member});
}

void WheelDrafter::add_file(const wheel::Member& like, const std::string& name, const Stage& stage,
                            const StagedMember& staged, std::uint32_t mode) {
  draft_.writer.add_packed(new_entry_like(like, name, mode), stage.packed_bytes(staged),
                           staged.packed);
  add_row(name, staged.packed.digest, staged.packed.size);
  draft_.written_anew.push_back({name});
}

void WheelDrafter::add_text(const wheel::Member& like, const std::string& name,
                            const std::string& text, std::optional<std::uint32_t> mode) {
  draft_.writer.add_text(new_entry_like(like, name, mode), text);
  add_row(name, wheel::sha256(text), text.size());
  draft_.written_anew.push_back({name});
}

WheelDraft WheelDrafter::finish(const std::string& dist_info, std::string file_name) {
  const wheel::Member& like = *wheel_.archive.find(wheel_.dist_info + "/RECORD");
  const std::string name = dist_info + "/RECORD";
  add_row(name, "", std::nullopt);
  draft_.writer.add_text(new_entry_like(like, name, std::nullopt), record_);
  draft_.size.installed += record_.size();
  draft_.size.packed = draft_.writer.archive_size();
  draft_.file_name = std::move(file_name);
  return std::move(draft_);
}

wheel::Entry WheelDrafter::entry_like(const wheel::Member& member, const std::string& name,
                                      std::optional<std::uint32_t> mode) const {
  const std::uint32_t old = mode_of(member);
  const std::uint32_t now = mode ? (old & ~kPermissions) | (*mode & kPermissions) : old;
  return {name, now, member.dos_time, member.dos_date};
}

wheel::Entry WheelDrafter::new_entry_like(const wheel::Member& member, const std::string& name,
                                          std::optional<std::uint32_t> mode) const {
  wheel::Entry entry = entry_like(member, name, mode);
  if (epoch_) {
    const DosTime time = to_dos_time(*epoch_);
    entry.dos_time = time.time;
    entry.dos_date = time.date;
  }
  return entry;
}

void WheelDrafter::add_row(const std::string& name, const wheel::Sha256Digest& digest,
                           std::uint64_t size) {
  add_row(name, wheel::record_hash(digest), size);
  draft_.size.installed += size;
}

void WheelDrafter::add_row(const std::string& name, const std::string& hash,
                           std::optional<std::uint64_t> size) {
  wheel::append_row(record_, {name, hash, size}, wheel_.record_newline);
}

std::uint32_t permissions_of(const wheel::Member& member) {
  return mode_of(member) & kPermissions;
}

bool is_record_signature(const wheel::WheelFile& wheel, const std::string& member) {
  const std::string record = wheel.dist_info + "/RECORD";
  return member == record + ".jws" || member == record + ".p7s";
}

}  // namespace spokeshave
