# The user's cache folder, where scripts/setup puts what it builds (scripts/cache names it for shells).
if(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(SPOKESHAVE_CACHE "$ENV{XDG_CACHE_HOME}/spokeshave")
else()
  set(SPOKESHAVE_CACHE "$ENV{HOME}/.cache/spokeshave")
endif()
list(APPEND CMAKE_PREFIX_PATH "${SPOKESHAVE_CACHE}/lief-0.12.3")
