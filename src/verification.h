#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/need_graph.h"
#include "src/wheel_comparison.h"

// What `verify` found out about a set of wheels: values only, which its outputs render.
namespace spokeshave {

enum class Severity : std::uint8_t {
  kFinding,  ///< makes the exit code 1
  kNote,     ///< worth knowing, and no fault
};

/// A place where the loader looked for what is missing, as the user knows it.
struct TriedPlace {
  std::string rule;  ///< `RUNPATH`, `system`, ...
  std::string path;
  std::string why_not;
};

/// One thing that is wrong, or worth knowing.
struct VerifyFinding {
  std::string rule;  ///< a short name for its kind, e.g. `record-hash`
  Severity severity = Severity::kFinding;
  std::optional<std::size_t> wheel;  ///< index into Verification::wheels; none: the original
  std::string member;                ///< empty: the wheel as a whole
  std::string what;                  ///< one line, no full stop
  bool is_policy = false;  ///< PyPI's for what is published there, which installers do not share
  std::string refused_by = {};  ///< of an index rule: `PyPI`, `uv`, `PyPI and uv`, `pip`
  std::vector<TriedPlace> tried = {};
  std::size_t not_listed = 0;  ///< how many more places there were
  std::string way_out = {};    ///< what to do; empty where there is no one way

  bool is_finding() const { return severity == Severity::kFinding; }
};

/// One wheel that was given.
struct VerifiedWheel {
  std::string file_name;
  bool is_open = false;     ///< else only its structure was looked at, and all below is empty
  std::string name;         ///< as METADATA has it
  std::string version;      ///< as METADATA has it
  std::size_t members = 0;  ///< files
  std::size_t libraries = 0;
  std::uint64_t packed_bytes = 0;     ///< of the wheel's file
  std::uint64_t installed_bytes = 0;  ///< of all its files, unpacked
};

/// What --against told.
struct OriginalComparison {
  std::string file_name;  ///< of the original
  WheelComparison members;
  std::optional<std::size_t> deeply;  ///< how many libraries --deep looked at
};

struct Verification {
  Layout layout = Layout::kSitePackages;
  elf::LoaderKind loader = elf::LoaderKind::kGlibc;
  bool index_rules = false;           ///< whether they were asked for
  std::vector<VerifiedWheel> wheels;  ///< in the order given
  std::vector<VerifyFinding> findings;
  std::size_t hashes = 0;                     ///< members that were held against RECORD
  std::size_t needs_met = 0;                  ///< inside the set, or taken for met outside of it
  std::optional<OriginalComparison> against;  ///< none too where a wheel could not be opened

  std::size_t count(Severity severity) const;
  bool all_open() const;
};

/// The file name of the wheel that a finding is about.
const std::string& file_of(const Verification& verification, const VerifyFinding& finding);

/// A finding as one line, without its end: `FILE: MEMBER: what [rule]`, with `note: ` in front
/// where it is no fault.
std::string finding_line(const Verification& verification, const VerifyFinding& finding);

/// What to do about a finding of this rule; empty where there is no one way.
std::string way_out_of(const std::string& rule);

}  // namespace spokeshave
