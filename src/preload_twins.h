#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/inspection.h"
#include "src/preload_model.h"
#include "src/preload_needs.h"

// Libraries that bear one SONAME: of two that are loaded the first meets all later needs for it.
namespace spokeshave {

struct Twins {
  std::size_t first = 0;
  std::size_t second = 0;
};

/// Each library of `order` that bears the SONAME of one before it, with the first that bears it.
std::vector<Twins> twins_among(const Inspection& inspection, const std::vector<std::size_t>& order);

/// Gives the needs for one library of `order` to its twin before it, where that loads and all ask
/// for the SONAME. False where there is no such pair; `notes` gets a line for the one that there
/// is.
bool leave_out_twin(const Inspection& inspection, PreloadModel& model, const PreloadOrder& loader,
                    const PreloadNeeds& needs, const std::vector<std::size_t>& order,
                    std::vector<std::string>& notes);

/// What is to be known of them.
std::string twins_words(const Inspection& inspection, const Twins& twins);

}  // namespace spokeshave
