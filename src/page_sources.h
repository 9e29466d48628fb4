#pragma once

#include <string_view>

// The files of src/page/, which cmake/EmbedPage.cmake makes part of the program.
namespace spokeshave {

extern const std::string_view kPageHtml;    ///< page.html, with its places {{NAME}} open
extern const std::string_view kPageStyle;   ///< the style sheets, one behind the other
extern const std::string_view kPageScript;  ///< the scripts, in one function

}  // namespace spokeshave
