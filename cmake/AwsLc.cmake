# AWS-LC from the source that the pinned crate aws-lc-sys carries (third_party/aws-lc/Cargo.lock): cargo fetches it, CMake
# builds it once for all presets. Targets: awslc::crypto, awslc::ssl. Only base, seal and net may link them.
set(awslc_manifest ${CMAKE_SOURCE_DIR}/third_party/aws-lc/Cargo.toml)
set(awslc_build ${CMAKE_SOURCE_DIR}/build/third_party/aws-lc)
set(awslc_prefix ${awslc_build}/install)

# Built anew when the pinned version or this file changes.
file(SHA256 ${CMAKE_SOURCE_DIR}/third_party/aws-lc/Cargo.lock awslc_lock)
file(SHA256 ${CMAKE_CURRENT_LIST_FILE} awslc_recipe)
set(awslc_stamp ${awslc_prefix}/.built-${awslc_lock}-${awslc_recipe})
# Two configurations at once (release and tests, say) must not build into the same folder.
file(MAKE_DIRECTORY ${awslc_build})
file(LOCK ${awslc_build}/lock GUARD FILE)
if(NOT EXISTS ${awslc_stamp})
  find_program(CARGO cargo REQUIRED)
  message(STATUS "AWS-LC: fetching the pinned source")
  execute_process(COMMAND ${CARGO} fetch --locked --manifest-path ${awslc_manifest} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CARGO} metadata --locked --offline --format-version 1 --manifest-path ${awslc_manifest}
    OUTPUT_VARIABLE awslc_metadata COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "\"manifest_path\":\"([^\"]*/aws-lc-sys-[^\"]*)/Cargo.toml\"" matched "${awslc_metadata}")
  set(awslc_source ${CMAKE_MATCH_1}/aws-lc)
  # No CPU jitter entropy: collecting it costs every process that draws a random number 80 ms, and the kernel's generator is
  # what everything here trusts anyway.
  message(STATUS "AWS-LC: building once (about a minute of two cores)")
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${awslc_source} -B ${awslc_build}/build -G Ninja
    -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_INSTALL_PREFIX=${awslc_prefix} -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DDISABLE_CPU_JITTER_ENTROPY=ON -DDISABLE_GO=ON -DDISABLE_PERL=ON -DBUILD_TESTING=OFF -DBUILD_TOOL=OFF -DENABLE_SOURCE_MODIFICATION=OFF
    -DBUILD_SHARED_LIBS=OFF "-DCMAKE_C_FLAGS=-ffile-prefix-map=${awslc_source}=aws-lc"
    "-DCMAKE_CXX_FLAGS=-ffile-prefix-map=${awslc_source}=aws-lc"
    "-DCMAKE_C_COMPILER_LAUNCHER=${CCACHE}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${CCACHE}"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${awslc_build}/build --target install OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  file(TOUCH ${awslc_stamp})
endif()
file(LOCK ${awslc_build}/lock RELEASE)

add_library(awslc::crypto STATIC IMPORTED GLOBAL)
set_target_properties(awslc::crypto PROPERTIES IMPORTED_LOCATION ${awslc_prefix}/lib/libcrypto.a
  INTERFACE_INCLUDE_DIRECTORIES ${awslc_prefix}/include INTERFACE_LINK_LIBRARIES pthread)
add_library(awslc::ssl STATIC IMPORTED GLOBAL)
set_target_properties(awslc::ssl PROPERTIES IMPORTED_LOCATION ${awslc_prefix}/lib/libssl.a
  INTERFACE_INCLUDE_DIRECTORIES ${awslc_prefix}/include INTERFACE_LINK_LIBRARIES awslc::crypto)
# libpq and others bring OpenSSL's libcrypto into the process: none of AWS-LC's symbols may be seen by them. Not ALL: a sanitizer's
# malloc must stay visible to the shared libraries.
add_link_options(-Wl,--exclude-libs,libcrypto.a:libssl.a)
