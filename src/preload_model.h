#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "elf/load_order.h"
#include "elf/loader.h"
#include "src/preload_faults.h"

// What must be loaded beforehand, and in which order: what `split` and `preload` share.
namespace spokeshave {

/// `from` needs `to` under this name: by DT_NEEDED or, where `by_dlopen`, by dlopen.
struct PreloadEdge {
  std::size_t from = 0;
  std::size_t to = 0;
  std::string name;
  bool by_dlopen = false;
};

/// Libraries that need each other.
struct NeedCircle {
  std::vector<std::size_t> libraries;  ///< ascending
  std::optional<std::size_t> first;    ///< opened first it finds the others; none: no member does
};

/// Libraries of several wheels, each wheel in a folder of its own; the main wheel's code opens some
/// of them, after it has opened others in the order that is looked for. The libraries are numbers,
/// and lower ones come first among equals.
struct PreloadModel {
  std::vector<elf::InstalledLibrary> libraries;
  elf::LoaderKind loader = elf::LoaderKind::kGlibc;
  std::vector<bool> in_main;  ///< of the main wheel
  std::vector<PreloadEdge> edges;
  /// What is opened, in order, each list in a process of its own.
  std::vector<std::vector<std::size_t>> processes;

  /// Who needs whom by DT_NEEDED.
  elf::NeedGraph needed() const;
};

/// The loader's answers to a model.
class PreloadOrder {
 public:
  /// `model` must outlive it.
  explicit PreloadOrder(const PreloadModel& model);

  /// `starts`, and what they need by DT_NEEDED, directly or not.
  std::set<std::size_t> with_needs(const std::set<std::size_t>& starts) const;
  /// Those of other wheels than the main one.
  std::set<std::size_t> of_other_wheels(const std::set<std::size_t>& libraries) const;

  /// `chosen` and what must be loaded with them: what those of other wheels need of the main wheel
  /// (not what that needs in turn: it finds it by its own paths, and loading it first would take
  /// from it the RPATH that it inherits), and all that is still missed when they are opened, by the
  /// model's processes, or by a dlopen of `callers` that is not of one of `left_out`. Of a circle
  /// in the main wheel the member that brings the others, and of those only what is missed even
  /// then.
  std::set<std::size_t> completed(std::set<std::size_t> chosen,
                                  const std::set<std::size_t>& callers,
                                  const std::set<std::size_t>& left_out = {}) const;
  /// Each of `chosen` after all that it needs; in a circle first the one that finds the others.
  std::vector<std::size_t> in_load_order(const std::set<std::size_t>& chosen) const;
  /// The circles of two or more with one of `chosen`, in load order; first, of those that may be,
  /// one of `chosen`.
  std::vector<NeedCircle> circles(const std::set<std::size_t>& chosen) const;

  /// Whether the library, opened by its path before all others, finds all that it needs, and what
  /// it brought all that it may open by dlopen.
  bool loads_alone(std::size_t library) const;
  /// Whether the library is loaded once `order` was opened.
  bool loads(std::size_t library, const std::vector<std::size_t>& order) const;
  /// Whether a dlopen finds what it names, `order` being loaded. None: its caller does not load.
  std::optional<bool> finds(const PreloadEdge& opened, const std::vector<std::size_t>& order) const;
  /// What is missed while `order` is opened, and then by the model's processes; of needs that fail
  /// because what they need fails itself, nothing is said. In the order in which it is met, each
  /// need once.
  std::vector<StillMissing> still_missing(const std::vector<std::size_t>& order) const;

 private:
  elf::Process started(const std::vector<std::size_t>& order) const;
  void add_what_stays_and_is_needed(std::set<std::size_t>& chosen) const;
  /// For the members of a circle that are of the main wheel chooses the one that brings the others.
  /// `first_ones`: those for which that was done; they stay, so that it comes to an end.
  void put_first_of_circles(std::set<std::size_t>& chosen, std::set<std::size_t>& first_ones) const;
  /// Opens them all. What fails may be met by what is opened after it, and is then tried again.
  std::vector<std::size_t> failed_at_first(elf::Process& process,
                                           const std::vector<std::size_t>& openings) const;
  std::set<std::size_t> missing_after(const std::vector<std::size_t>& order,
                                      const std::set<std::size_t>& callers,
                                      const std::set<std::size_t>& left_out) const;
  /// What is missed while a process in which the order was opened opens these.
  std::set<std::size_t> missing_to(const std::vector<std::size_t>& openings,
                                   const std::vector<std::size_t>& order) const;
  /// Opens it, and adds what is missed then. True where nothing is.
  bool open(elf::Process& process, std::size_t library, std::vector<Missed>& missed) const;
  std::vector<StillMissing> missing_of(const std::vector<elf::Resolution>& resolutions) const;
  void note_missing(const std::vector<elf::Resolution>& resolutions,
                    std::set<std::size_t>& missing) const;
  /// The first candidate that brings all of the circle, `before` being loaded.
  std::optional<std::size_t> first_of(const std::vector<std::size_t>& circle,
                                      const std::vector<std::size_t>& candidates,
                                      const std::vector<std::size_t>& before) const;

  using Names = std::map<std::pair<std::size_t, std::string>, std::size_t>;

  const PreloadModel& model_;
  const elf::NeedGraph needed_;
  const std::vector<std::vector<std::size_t>> groups_;  ///< strongly connected
  elf::Environment environment_;
  Names needed_by_name_;
  Names opened_by_name_;
};

}  // namespace spokeshave
