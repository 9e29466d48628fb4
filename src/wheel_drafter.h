#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/member_stage.h"
#include "src/partition.h"
#include "wheel/archive_writer.h"
#include "wheel/wheel_file.h"

namespace spokeshave {

/// A member whose bytes are not the original's.
struct NewMember {
  std::string name;
  std::optional<StagedMember> proved = {};  ///< of a rewritten library: what it is to be
};

/// One new wheel, ready to be written: every member's place, hash and packed size is known.
struct WheelDraft {
  std::string file_name;
  wheel::ArchiveWriter writer;
  Weight size;                          ///< exact: what is installed, and the archive
  std::vector<NewMember> written_anew;  ///< to be looked at when the wheel is proved
  std::vector<std::string> dropped;     ///< signatures of the old RECORD, void now
};

/// Puts a draft together, member by member; RECORD's rows follow. Members that do not change keep
/// their packed bytes, their row of RECORD, mode and time. `epoch`: SOURCE_DATE_EPOCH in seconds,
/// for what is written anew; without it such a member takes the time of the one that it replaces.
/// `wheel`, and stages that members come from, must outlive the draft.
class WheelDrafter {
 public:
  WheelDrafter(const wheel::WheelFile& wheel, std::optional<std::int64_t> epoch);

  /// A member of the original as it is, under this name; with `mode`, with other permission bits.
  void pass_through(const wheel::Member& member, const std::string& name,
                    std::optional<std::uint32_t> mode = std::nullopt);
  /// A library of the original, rewritten.
  void add_library(const wheel::Member& like, const std::string& name, const Stage& stage,
                   const StagedLibrary& staged, std::optional<std::uint32_t> mode = std::nullopt);
  /// A file from disk, with the time of `like`.
  void add_file(const wheel::Member& like, const std::string& name, const Stage& stage,
                const StagedMember& staged, std::uint32_t mode);
  /// A text, with mode and time of `like`.
  void add_text(const wheel::Member& like, const std::string& name, const std::string& text,
                std::optional<std::uint32_t> mode = std::nullopt);
  /// Notes a member that is left out because it is void now.
  void drop(const std::string& member) { draft_.dropped.push_back(member); }

  /// Adds RECORD, the last member. Call once.
  WheelDraft finish(const std::string& dist_info, std::string file_name);

 private:
  wheel::Entry entry_like(const wheel::Member& member, const std::string& name,
                          std::optional<std::uint32_t> mode) const;
  wheel::Entry new_entry_like(const wheel::Member& member, const std::string& name,
                              std::optional<std::uint32_t> mode) const;
  void add_row(const std::string& name, const wheel::Sha256Digest& digest, std::uint64_t size);
  void add_row(const std::string& name, const std::string& hash, std::optional<std::uint64_t> size);

  const wheel::WheelFile& wheel_;
  const std::optional<std::int64_t> epoch_;
  WheelDraft draft_;
  std::string record_;  ///< the text so far
};

/// The permission bits that a member has, or, where the archive tells none, gets.
std::uint32_t permissions_of(const wheel::Member& member);

/// Whether a member signs RECORD: RECORD.jws and RECORD.p7s, void when anything changes (PEP 815).
bool is_record_signature(const wheel::WheelFile& wheel, const std::string& member);

}  // namespace spokeshave
