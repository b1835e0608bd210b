# SPDX-License-Identifier: GPL-2.0-or-later
# NETLAB_SLIRP_SOURCE, a folder with libslirp's sources: tests and fuzz_uplink get libslirp built from it, under
# AddressSanitizer. The program keeps the system's.
file(GLOB slirp_files ${NETLAB_SLIRP_SOURCE}/src/*.c)
file(STRINGS ${NETLAB_SLIRP_SOURCE}/meson.build slirp_line REGEX "^  version *: *'[0-9.]+'")
string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" slirp_version "${slirp_line}")
string(REPLACE "." ";" slirp_parts "${slirp_version}")
list(GET slirp_parts 0 SLIRP_MAJOR_VERSION)
list(GET slirp_parts 1 SLIRP_MINOR_VERSION)
list(GET slirp_parts 2 SLIRP_MICRO_VERSION)
set(SLIRP_VERSION_STRING "\"${slirp_version}\"")
set(slirp_include ${CMAKE_CURRENT_BINARY_DIR}/slirp_source)
configure_file(${NETLAB_SLIRP_SOURCE}/src/libslirp-version.h.in ${slirp_include}/slirp/libslirp-version.h @ONLY)
configure_file(${NETLAB_SLIRP_SOURCE}/src/libslirp.h ${slirp_include}/slirp/libslirp.h COPYONLY)

add_library(slirp-source-sanitized STATIC ${slirp_files})
target_compile_options(slirp-source-sanitized PRIVATE -w -UG_LOG_DOMAIN -fsanitize=address -fno-omit-frame-pointer -O1 -g)
target_compile_definitions(slirp-source-sanitized PRIVATE BUILDING_LIBSLIRP)
target_include_directories(slirp-source-sanitized PRIVATE ${slirp_include}/slirp PUBLIC BEFORE ${slirp_include})
target_link_libraries(slirp-source-sanitized PUBLIC PkgConfig::GLIB resolv)
add_library(slirp-source INTERFACE)
target_link_libraries(slirp-source INTERFACE PkgConfig::SLIRP)
set(slirp slirp-source)
message(STATUS "tests of the uplink: libslirp ${slirp_version} from ${NETLAB_SLIRP_SOURCE}")
