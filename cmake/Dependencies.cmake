# Libraries from Debian, each behind an imported target: a module gets the include path only by naming it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark QUIET)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n data)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET GLOBAL libzstd)
pkg_check_modules(zip REQUIRED IMPORTED_TARGET GLOBAL libzip)
pkg_check_modules(simdjson REQUIRED IMPORTED_TARGET GLOBAL simdjson)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET GLOBAL libsodium)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET GLOBAL yaml-cpp)

add_library(zstd ALIAS PkgConfig::zstd)
add_library(libzip ALIAS PkgConfig::zip)
add_library(sodium ALIAS PkgConfig::sodium)
add_library(simdjson ALIAS PkgConfig::simdjson)
add_library(yaml ALIAS PkgConfig::yaml)

add_library(soci INTERFACE)
target_include_directories(soci SYSTEM INTERFACE /usr/include/soci)
target_link_libraries(soci INTERFACE soci_core soci_sqlite3 SQLite::SQLite3)

# The static archive: a few hundred bytes of assembly.
find_library(BOOST_CONTEXT libboost_context.a REQUIRED)
add_library(boost_context INTERFACE)
target_link_libraries(boost_context INTERFACE ${BOOST_CONTEXT})

add_library(rapidcheck INTERFACE)
find_library(RAPIDCHECK rapidcheck REQUIRED)
target_link_libraries(rapidcheck INTERFACE ${RAPIDCHECK})
