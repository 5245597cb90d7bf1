# TABLINUM_OQS=ON: the signature algorithms of liboqs, from the source that the pinned crate oqs-sys carries (third_party/oqs/Cargo.lock):
# cargo fetches it, CMake builds it once for all presets. Target: oqs. Only seal links it, and its own tests.
# Not built: what is here without it (ML-DSA), key encapsulation, and the stateful schemes, whose state this program would have to keep.
set(oqs_manifest ${CMAKE_SOURCE_DIR}/third_party/oqs/Cargo.toml)
set(oqs_build ${CMAKE_SOURCE_DIR}/build/third_party/oqs)
set(oqs_prefix ${oqs_build}/install)

file(SHA256 ${CMAKE_SOURCE_DIR}/third_party/oqs/Cargo.lock oqs_lock)
file(SHA256 ${CMAKE_CURRENT_LIST_FILE} oqs_recipe)
set(oqs_stamp ${oqs_prefix}/.built-${oqs_lock}-${oqs_recipe})
file(MAKE_DIRECTORY ${oqs_build} ${oqs_prefix}/include)
file(LOCK ${oqs_build}/lock GUARD FILE)
if(NOT EXISTS ${oqs_stamp})
  find_program(CARGO cargo REQUIRED)
  message(STATUS "liboqs: fetching the pinned source")
  execute_process(COMMAND ${CARGO} fetch --locked --manifest-path ${oqs_manifest} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CARGO} metadata --locked --offline --format-version 1 --manifest-path ${oqs_manifest}
    OUTPUT_VARIABLE oqs_metadata COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "\"manifest_path\":\"([^\"]*/oqs-sys-[^\"]*)/Cargo.toml\"" matched "${oqs_metadata}")
  set(oqs_source ${CMAKE_MATCH_1}/liboqs)
  set(oqs_off)
  foreach(family KEM_BIKE KEM_CLASSIC_MCELIECE KEM_FRODOKEM KEM_HQC KEM_KYBER KEM_ML_KEM KEM_NTRUPRIME SIG_ML_DSA SIG_STFL_XMSS SIG_STFL_LMS)
    list(APPEND oqs_off -DOQS_ENABLE_${family}=OFF)
  endforeach()
  message(STATUS "liboqs: building once (some minutes)")
  # No OpenSSL: its hashes would come from a second libcrypto in one process.
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${oqs_source} -B ${oqs_build}/build -G Ninja
    -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_INSTALL_PREFIX=${oqs_prefix} -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_POSITION_INDEPENDENT_CODE=ON
    -DBUILD_SHARED_LIBS=OFF -DOQS_BUILD_ONLY_LIB=ON -DOQS_DIST_BUILD=ON -DOQS_USE_OPENSSL=OFF ${oqs_off}
    "-DCMAKE_C_FLAGS=-ffile-prefix-map=${oqs_source}=liboqs" "-DCMAKE_C_COMPILER_LAUNCHER=${CCACHE}"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${oqs_build}/build --target install OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
  file(TOUCH ${oqs_stamp})
endif()
file(LOCK ${oqs_build}/lock RELEASE)

add_library(oqs STATIC IMPORTED GLOBAL)
set_target_properties(oqs PROPERTIES IMPORTED_LOCATION ${oqs_prefix}/lib/liboqs.a INTERFACE_INCLUDE_DIRECTORIES ${oqs_prefix}/include)
add_link_options(-Wl,--exclude-libs,liboqs.a)
