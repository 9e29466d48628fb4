#include "src/loading_check.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "src/need_graph.h"

namespace spokeshave {

namespace {

using Key = std::pair<std::size_t, std::string>;  // library, the name that it needs
using Answers = std::map<Key, elf::Resolution>;

/// What the loader answers in one process that opens `preload`, then `root`.
Answers answers(const std::vector<elf::InstalledLibrary>& set, const elf::Environment& environment,
                const std::vector<Opened>& opened, const std::vector<std::size_t>& preload,
                std::size_t root) {
  elf::Process process(set, environment);
  Answers all;
  const auto take = [&](std::vector<elf::Resolution>&& resolutions) {
    for (auto& resolution : resolutions) {
      Key key(resolution.from, resolution.needed);
      all.insert_or_assign(std::move(key), std::move(resolution));
    }
  };
  for (const std::size_t library : preload) {
    take(process.open(set[library].path));
  }
  take(process.open(set[root].path));
  for (const auto& [from, name] : opened) {
    if (process.is_loaded(from)) {
      auto resolutions = process.open_by_name(from, name);
      resolutions.resize(std::min<std::size_t>(resolutions.size(), 1));  // the name itself
      take(std::move(resolutions));
    }
  }
  return all;
}

std::vector<Key> lost(const Answers& before, const Answers& after) {
  std::vector<Key> keys;
  for (const auto& [key, was] : before) {
    const auto is = after.find(key);
    if (was.rule != elf::Rule::kMissing &&
        (is == after.end() || is->second.rule == elf::Rule::kMissing || is->second.to != was.to)) {
      keys.push_back(key);
    }
  }
  return keys;
}

Loss loss_of(const elf::Resolution& was, const Answers& is) {
  Loss loss{was.from, was.needed, was.to, {}};
  if (const auto now = is.find({was.from, was.needed}); now != is.end()) {
    loss.attempts = now->second.attempts;
    loss.rule = now->second.rule;
    loss.after = now->second.to;
  }
  return loss;
}

}  // namespace

std::vector<Loss> loading_losses(const std::vector<elf::InstalledLibrary>& before,
                                 const std::vector<elf::InstalledLibrary>& after,
                                 const std::vector<std::size_t>& preload,
                                 const std::vector<Opened>& opened,
                                 const std::optional<std::vector<std::size_t>>& roots,
                                 elf::LoaderKind loader) {
  std::vector<std::size_t> every(before.size());
  std::iota(every.begin(), every.end(), std::size_t{0});
  elf::Environment environment_before = outside_is_met(before);
  elf::Environment environment_after = outside_is_met(after);
  environment_before.loader = environment_after.loader = loader;
  std::map<Key, Loss> losses;
  for (const std::size_t root : roots.value_or(every)) {
    // What was tried is noted only where something is lost: mostly nothing is.
    environment_before.noted = environment_after.noted = elf::Noted::kNone;
    const Answers was = answers(before, environment_before, opened, {}, root);
    Answers is = answers(after, environment_after, opened, preload, root);
    if (lost(was, is).empty()) {
      continue;
    }
    environment_after.noted = elf::Noted::kAll;
    is = answers(after, environment_after, opened, preload, root);
    for (const Key& key : lost(was, is)) {
      Loss loss = loss_of(was.at(key), is);
      const auto [known, is_new] = losses.try_emplace(key, loss);
      if (!is_new && loss.rule == elf::Rule::kMissing && known->second.rule != loss.rule) {
        known->second = std::move(loss);
      }
    }
  }
  std::vector<Loss> result;
  result.reserve(losses.size());
  for (auto& [key, loss] : losses) {
    result.push_back(std::move(loss));
  }
  return result;
}

}  // namespace spokeshave
