#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "src/partition_model.h"

namespace spokeshave {

inline constexpr std::size_t kUnassigned = static_cast<std::size_t>(-1);

/// Part of each item of the model, in the model's order.
using Placement = std::vector<std::size_t>;

struct SearchResult {
  std::optional<Placement> best;  ///< costs less than the ceiling
  Key best_key;                   ///< of `best`, saturated
  bool complete = false;          ///< the whole tree was seen: nothing costs less than `best`
  Key bound;                      ///< nothing that the search left out costs less than this
};

/// Depth-first branch and bound over the placements of a model into at most `parts` parts.
///
/// A net whose decided items lie in one part is owned by one item that is still open: wherever that
/// item goes, but there, the net is cut. So the cost of what is decided, plus the cheapest place of
/// each open item, is never more than what the placement will cost.
class PartitionSearch {
 public:
  PartitionSearch(const Model& model, std::size_t parts);

  std::size_t parts() const { return parts_; }

  /// Puts an item into a part before the search; a new companion takes the next number. False, and
  /// nothing done, where it does not fit.
  bool fix(std::size_t item, std::size_t part);
  /// Takes the last `fix` back.
  void unfix();

  /// Looks for placements under `ceiling` that keep what is fixed, until the tree ends, `*work` is
  /// used up, or, where asked, the first is found. Deterministic: work is counted in steps.
  SearchResult run(const Key& ceiling, std::uint64_t* work, bool first_only = false);

 private:
  struct NetState {
    std::size_t part = kUnassigned;  ///< kCut, or where its decided items lie
    std::size_t owner = kUnassigned;
  };
  struct NetChange {
    std::size_t net;
    NetState before;
  };
  struct Assignment {
    std::size_t item;
    bool opened;
    Key decided_before;
    std::size_t net_changes_before;
  };
  struct Choices {
    std::size_t count = 0;
    Key cheapest;
  };
  struct Outlook {
    Key bound;                       ///< of every completion
    std::size_t next = kUnassigned;  ///< the item to decide
    Key next_cheapest;               ///< its share of the bound
    bool dead = false;
  };

  Amount room_of(std::size_t part) const;
  bool allowed(std::size_t item, std::size_t part) const;
  std::size_t columns() const;
  Key cost_at(std::size_t item, std::size_t part) const;
  Wide& matched(std::size_t item, std::size_t part);
  const Wide& matched(std::size_t item, std::size_t part) const;
  void assign(std::size_t item, std::size_t part);
  void undo();
  void settle_net(std::size_t net, std::size_t item, std::size_t part);
  void restore_net(const NetChange& change);
  std::size_t open_item_of(const Net& net) const;
  void find_twins();
  std::size_t first_column(std::size_t item) const;
  Choices choices_of(std::size_t item);
  bool rooms_suffice(const std::array<Wide, 2>& open_weight) const;
  Outlook look_ahead();
  void descend();
  void keep_best();
  void spend(std::uint64_t steps);
  void leave_out(const Key& bound);

  const Model& model_;
  std::size_t parts_;
  std::size_t used_ = 1;  ///< parts that hold something, part 0 always among them
  std::vector<std::size_t> twin_before_;
  Placement part_;
  std::vector<Amount> room_;
  std::vector<std::array<Wide, 2>> takers_;  ///< per part: what all open items that fit weigh
  std::vector<NetState> net_state_;
  std::vector<Wide> owned_;    ///< per item: weight of the nets it owns that have decided items
  std::vector<Wide> matched_;  ///< per item and part: of those, what is not cut by going there
  Key decided_;
  std::vector<Assignment> assignments_;
  std::vector<NetChange> net_changes_;
  std::size_t fixed_ = 0;

  Key ceiling_;
  SearchResult result_;
  std::uint64_t work_left_ = 0;
  bool first_only_ = false;
  bool stopped_ = false;
};

}  // namespace spokeshave
