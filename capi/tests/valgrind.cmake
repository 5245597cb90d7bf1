# Runs a test program under valgrind, on copies without debugging information: Debian's valgrind 3.19 cannot read clang's DWARF 5.
set(folder ${FOLDER})
file(MAKE_DIRECTORY ${folder})
foreach(pair "${PROGRAM};${folder}/program" "${LIBRARY};${folder}/${SONAME}")
  list(GET pair 0 from)
  list(GET pair 1 to)
  execute_process(COMMAND ${OBJCOPY} --strip-debug ${from} ${to} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(
  COMMAND ${CMAKE_COMMAND} -E env LD_LIBRARY_PATH=${folder} TABLINUM_CPU=portable
    ${VALGRIND} --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite,possible ${folder}/program once
  COMMAND_ERROR_IS_FATAL ANY)
