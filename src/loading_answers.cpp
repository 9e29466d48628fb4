#include "src/loading_answers.h"

#include <algorithm>

namespace spokeshave {

namespace {

constexpr std::size_t kMostPrograms = 64;  // told to miss one library

std::size_t bytes_of(const std::vector<elf::Attempt>& attempts) {
  std::size_t bytes = 0;
  for (const auto& attempt : attempts) {
    bytes += elf::bytes_of(attempt);
  }
  return bytes;
}

}  // namespace

Tried AttemptRoom::take_in(elf::Resolution& resolution) {
  Tried tried{std::move(resolution.attempts), resolution.omitted_attempts};
  resolution.attempts.clear();
  const std::size_t bytes = bytes_of(tried.attempts);
  if (bytes > left_) {
    return {{}, tried.not_listed + tried.attempts.size()};
  }
  left_ -= bytes;
  return tried;
}

void AttemptRoom::give_back(const Tried& tried) {
  left_ += bytes_of(tried.attempts);
}

std::string_view place_of(const elf::InstalledLibrary& library) {
  const std::string_view path = library.path;
  return path.substr(std::min(path.find('/', 1), path.size()));
}

void Choice::take_met(Answer& answer, Met&& met) const {
  const auto known = std::find_if(answer.met.begin(), answer.met.end(), [&](const Met& other) {
    return other.resolution.to == met.resolution.to;
  });
  if (known == answer.met.end()) {
    answer.met.push_back(std::move(met));
  } else if (rank(met) < rank(*known)) {
    *known = std::move(met);
  }
}

void Choice::take_unmet(Answer& answer, UnmetNeed& need) const {
  if (!answer.unmet) {
    answer.unmet = std::move(need);
    return;
  }
  UnmetNeed& known = *answer.unmet;
  const bool both_programs =
      known.loaded_by == LoadedBy::kProgram && need.loaded_by == LoadedBy::kProgram;
  if (rank(need) < rank(known)) {
    std::swap(known, need);
    known.other_programs =
        both_programs ? std::move(need.other_programs) : decltype(known.other_programs){};
  }
  if (both_programs && need.opened != known.opened && known.other_programs.size() < kMostPrograms) {
    known.other_programs.push_back(need.opened);
  }
}

auto Choice::rank(const Met& met) const
    -> std::tuple<LoadedBy, bool, elf::Rule, bool, std::string_view> {
  const elf::Resolution& how = met.resolution;
  return {met.by, met.opened != how.from, how.rule, how.path_owner != how.from,
          place_of(set_[how.path_owner])};
}

auto Choice::rank(const UnmetNeed& need) const
    -> std::tuple<LoadedBy, bool, std::size_t, std::string_view> {
  return {need.loaded_by, need.opened != need.from, need.failed_before.size(),
          place_of(set_[need.opened])};
}

}  // namespace spokeshave
