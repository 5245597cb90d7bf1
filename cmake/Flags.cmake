# Compiler and linker flags of every preset. One place, so that no target differs by accident.
find_program(CCACHE ccache)
if(CCACHE AND NOT TABLINUM_COVERAGE)
  # Sloppiness: precompiled headers carry no time stamp (below), so their defines are all that matters.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wimplicit-fallthrough -Werror
  -fno-omit-frame-pointer -fstack-clash-protection -fstack-protector-strong
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=. -march=x86-64-v2
  $<$<COMPILE_LANGUAGE:CXX>:-Xclang> $<$<COMPILE_LANGUAGE:CXX>:-fno-pch-timestamp>)
add_link_options(-fuse-ld=lld-19 -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now)
add_compile_options(-ffunction-sections -fdata-sections)

set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -D_GLIBCXX_ASSERTIONS")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g1")
# Bounds checks of operator[] stay on in release too: the input is hostile, and they cost a percent.
add_compile_definitions($<$<CONFIG:Release>:_GLIBCXX_ASSERTIONS> $<$<CONFIG:Release>:_FORTIFY_SOURCE=2>)

if(TABLINUM_SANITIZE)
  # vptr needs the type information of SOCI's backends, which Debian's libraries do not export.
  add_compile_options(-fsanitize=${TABLINUM_SANITIZE} -fno-sanitize-recover=all)
  if(TABLINUM_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize=vptr)
  endif()
  add_link_options(-fsanitize=${TABLINUM_SANITIZE})
endif()
if(TABLINUM_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(TABLINUM_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()
# The same code model everywhere, or the precompiled header would not fit libraries and programs alike.
add_compile_options(-fPIC)
add_link_options(-pie)
