# Makes one C++ file of the page's sources, so that the program carries them: embed_page(OUTPUT).
# A source that changes is embedded anew by the next build.
set(PAGE_FOLDER ${CMAKE_SOURCE_DIR}/src/page)
set(PAGE_STYLES page.css graph.css print.css)
set(PAGE_SCRIPTS facts.js picture.js view.js side.js table.js main.js)  # in the order in which they run

function(read_page_sources variable)
  set(text "")
  foreach(file ${ARGN})
    file(READ ${PAGE_FOLDER}/${file} content)
    string(APPEND text "${content}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PAGE_FOLDER}/${file})
  endforeach()
  if(text MATCHES "\\)page\"")
    message(FATAL_ERROR "src/page: `)page\"` would end the string that holds the page")
  endif()
  set(${variable} "${text}" PARENT_SCOPE)
endfunction()

function(embed_page output)
  read_page_sources(PAGE_HTML page.html)
  read_page_sources(PAGE_STYLE ${PAGE_STYLES})
  read_page_sources(PAGE_SCRIPT ${PAGE_SCRIPTS})
  configure_file(${CMAKE_SOURCE_DIR}/cmake/page_sources.cpp.in ${output} @ONLY)
endfunction()
